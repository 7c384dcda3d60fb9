// /oauth/token and /oauth/revoke: what is answered, and what must not be.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import {
  askMcp,
  askToken,
  authorizeAndAllow,
  codeForm,
  connect,
  EMAIL,
  errorOf,
  PASSWORD,
  redeem,
  REDIRECT_URI,
  refresh,
  register,
  type Tokens,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

let house: House;
before(async () => {
  house = await openHouse();
  await house.addPerson(EMAIL, PASSWORD);
});
after(() => house.close());

const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

function revoke(form: Readonly<Record<string, string>>): Promise<Response> {
  return house.ask('/oauth/revoke', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
}

describe('a code', () => {
  it('becomes an RFC 9068 access token and a refresh token, uncacheable, without an empty member', async () => {
    const client = await register(house);
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const response = await askToken(house, codeForm(client, { code, code_verifier }));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    const tokens = (await response.json()) as Tokens;
    assert.deepEqual(Object.keys(tokens).sort(), [
      'access_token',
      'expires_in',
      'refresh_token',
      'scope',
      'token_type',
    ]);
    const keys = (await (await house.ask('/oauth/jwks')).json()) as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, createLocalJWKSet(keys), {
      issuer: house.origin,
      audience: `${house.origin}/mcp`,
      typ: 'at+jwt',
      currentDate: new Date(house.clock.now * 1000),
    });
    assert.equal(protectedHeader.alg, 'ES256');
    assert.equal(payload['client_id'], client.client_id);
    assert.equal(payload.exp! - payload.iat!, tokens.expires_in);
    assert.ok(payload.jti && payload.sub);
    assert.ok(!('email' in payload));
  });

  it('is not spent by a wrong attempt', async () => {
    const client = await register(house);
    const other = await register(house);
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const good = codeForm(client, { code, code_verifier });
    const wrong: readonly [Record<string, string>, string][] = [
      [{ code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
      [{ code_verifier: '' }, 'invalid_request'],
      [{ redirect_uri: `${REDIRECT_URI}/` }, 'invalid_grant'],
      [{ client_id: other.client_id }, 'invalid_grant'],
      [{ client_id: 'nobody' }, 'invalid_client'],
      [{ resource: 'https://other.example.com/' }, 'invalid_target'],
      [{ code: 'unknown' }, 'invalid_grant'],
      [{ grant_type: 'password' }, 'unsupported_grant_type'],
      [{ grant_type: '' }, 'invalid_request'],
    ];
    for (const [change, error] of wrong)
      assert.equal(await errorOf(await askToken(house, { ...good, ...change })), error);
    assert.equal((await askToken(house, good)).status, 200);
  });

  it('may be redeemed without redirect_uri, as OAuth 2.1 clients do, and in its own resource', async () => {
    const client = await register(house);
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const form = {
      grant_type: 'authorization_code',
      client_id: client.client_id,
      code,
      code_verifier,
      resource: `${house.origin}/mcp/`,
    };
    assert.equal((await askToken(house, form)).status, 200);
  });

  it('expires', async () => {
    const client = await register(house);
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const before = house.clock.now;
    house.clock.now += 601;
    assert.equal(
      await errorOf(
        await askToken(house, {
          grant_type: 'authorization_code',
          client_id: client.client_id,
          code,
          code_verifier,
        }),
      ),
      'invalid_grant',
    );
    house.clock.now = before;
  });

  it('replayed with a wrong verifier is only refused; replayed rightly it revokes everything', async () => {
    const { client, code, code_verifier, tokens } = await connect(house);
    const form = { grant_type: 'authorization_code', client_id: client.client_id, code };
    assert.equal(
      await errorOf(await askToken(house, { ...form, code_verifier: 'y'.repeat(43) })),
      'invalid_grant',
    );
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    assert.equal(await errorOf(await askToken(house, { ...form, code_verifier })), 'invalid_grant');
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
    assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
  });

  it('of a client without the refresh_token grant brings no refresh token', async () => {
    const client = await register(house, { grant_types: ['authorization_code'] });
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const tokens = await redeem(house, client, code, code_verifier);
    assert.ok(!('refresh_token' in tokens));
    assert.equal(await errorOf(await refresh(house, client, 'x')), 'unauthorized_client');
  });
});

describe('a refresh token', () => {
  it('rotates, keeps the grant, and lives anew', async () => {
    const { client, tokens } = await connect(house, { scope: 'read write' });
    const next = (await (await refresh(house, client, tokens.refresh_token)).json()) as Tokens;
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    assert.notEqual(next.access_token, tokens.access_token);
    assert.equal(next.scope, 'read write');
  });

  it('may narrow the scope, tolerates scopes that nobody knows, and never widens', async () => {
    const { client, tokens } = await connect(house, { scope: 'read' });
    assert.equal(
      await errorOf(await refresh(house, client, tokens.refresh_token, { scope: 'read write' })),
      'invalid_scope',
    );
    const same = (await (
      await refresh(house, client, tokens.refresh_token, { scope: 'read offline_access' })
    ).json()) as Tokens;
    assert.equal(same.scope, 'read');
  });

  it('repeated in its grace for another scope is refused, and harms nothing', async () => {
    const { client, tokens } = await connect(house, { scope: 'read write' });
    const first = (await (
      await refresh(house, client, tokens.refresh_token, { scope: 'read' })
    ).json()) as Tokens;
    assert.equal(first.scope, 'read');
    assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
    assert.equal((await refresh(house, client, first.refresh_token)).status, 200);
  });

  it('repeated after its grace revokes the grant', async () => {
    const { client, tokens } = await connect(house);
    const next = (await (await refresh(house, client, tokens.refresh_token)).json()) as Tokens;
    const before = house.clock.now;
    house.clock.now += 301;
    assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
    assert.equal((await askMcp(house, next.access_token)).status, 401);
    house.clock.now = before;
  });

  it('of another client is refused, and not harmed', async () => {
    const { client, tokens } = await connect(house);
    const other = await register(house);
    assert.equal(await errorOf(await refresh(house, other, tokens.refresh_token)), 'invalid_grant');
    assert.equal(
      await errorOf(
        await refresh(house, client, tokens.refresh_token, { resource: 'https://x.example.com' }),
      ),
      'invalid_target',
    );
    assert.equal((await refresh(house, client, tokens.refresh_token)).status, 200);
  });

  it('expires', async () => {
    const { client, tokens } = await connect(house);
    const before = house.clock.now;
    house.clock.now += 2_592_001;
    assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
    house.clock.now = before;
  });
});

describe('client authentication', () => {
  it('is exactly the method that was registered', async () => {
    const clients = {
      none: await register(house),
      client_secret_post: await register(house, { token_endpoint_auth_method: 'client_secret_post' }),
      client_secret_basic: await register(house, { token_endpoint_auth_method: 'client_secret_basic' }),
    };
    for (const [registered, client] of Object.entries(clients)) {
      const { client_id, client_secret = 'guess' } = client;
      const grant = { grant_type: 'refresh_token', refresh_token: 'x' };
      const attempts: Record<string, Promise<Response>> = {
        none: askToken(house, { ...grant, client_id }),
        client_secret_post: askToken(house, { ...grant, client_id, client_secret }),
        client_secret_basic: askToken(house, grant, { authorization: basic(client_id, client_secret) }),
      };
      for (const [used, attempt] of Object.entries(attempts)) {
        const response = await attempt;
        assert.equal(
          await errorOf(response),
          used === registered ? 'invalid_grant' : 'invalid_client',
          `${registered} by ${used}`,
        );
        assert.equal(response.status, used === registered ? 400 : 401);
        const isChallenged = used !== registered && used === 'client_secret_basic';
        assert.equal(response.headers.get('www-authenticate'), isChallenged ? 'Basic realm="token"' : null);
      }
    }
  });

  it('refuses a wrong secret, an empty one, two methods at once, and another client_id in the body', async () => {
    const client = await register(house, { token_endpoint_auth_method: 'client_secret_basic' });
    const { client_id, client_secret = '' } = client;
    const grant = { grant_type: 'refresh_token', refresh_token: 'x' };
    const attempts: readonly [Record<string, string>, Record<string, string>, string][] = [
      [grant, { authorization: basic(client_id, 'wrong') }, 'invalid_client'],
      [grant, { authorization: basic(client_id, '') }, 'invalid_client'],
      [grant, { authorization: 'Basic !!!' }, 'invalid_client'],
      [grant, { authorization: 'Bearer abc' }, 'invalid_client'],
      [
        { ...grant, client_id, client_secret },
        { authorization: basic(client_id, client_secret) },
        'invalid_request',
      ],
      [
        { ...grant, client_id: 'other' },
        { authorization: basic(client_id, client_secret) },
        'invalid_request',
      ],
      [{ ...grant, client_secret }, {}, 'invalid_client'],
      [grant, {}, 'invalid_client'],
    ];
    for (const [form, headers, error] of attempts)
      assert.equal(await errorOf(await askToken(house, form, headers)), error);
    assert.equal(
      await errorOf(
        await askToken(house, { ...grant, client_id }, { authorization: basic(client_id, client_secret) }),
      ),
      'invalid_grant',
    );
  });

  it('never stores or logs a secret', async () => {
    const client = await register(house, { token_endpoint_auth_method: 'client_secret_post' });
    const { tokens } = await connect(house);
    const kept = JSON.stringify([await house.storage.listClients(), house.events]);
    for (const secret of [client.client_secret!, tokens.access_token, tokens.refresh_token])
      assert.ok(!kept.includes(secret));
  });
});

describe('the form', () => {
  const cases: readonly [string, string, string][] = [
    ['JSON', 'application/json', '{"grant_type":"refresh_token"}'],
    [
      'a parameter twice',
      'application/x-www-form-urlencoded',
      'grant_type=refresh_token&grant_type=refresh_token',
    ],
    ['too much', 'application/x-www-form-urlencoded', `grant_type=refresh_token&x=${'y'.repeat(70_000)}`],
    ['a huge value', 'application/x-www-form-urlencoded', `grant_type=refresh_token&x=${'y'.repeat(9_000)}`],
    ['nothing', 'application/x-www-form-urlencoded', ''],
  ];
  for (const [name, type, body] of cases) {
    it(`is refused as ${name}`, async () => {
      const response = await house.ask('/oauth/token', {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      assert.ok([400, 401].includes(response.status));
      assert.match(await errorOf(response), /^invalid_(request|client)$/);
    });
  }
  it('is refused in the URL, and by GET', async () => {
    const inQuery = await house.ask('/oauth/token?grant_type=refresh_token', { method: 'POST' });
    assert.equal(await errorOf(inQuery), 'invalid_request');
    const get = await house.ask('/oauth/token');
    assert.equal(get.status, 405);
    assert.equal(get.headers.get('allow'), 'POST');
  });
});

describe('revocation', () => {
  for (const which of ['access_token', 'refresh_token'] as const) {
    it(`of the ${which} ends the grant at once`, async () => {
      const { client, tokens } = await connect(house);
      assert.equal((await askMcp(house, tokens.access_token)).status, 200);
      const response = await revoke({ token: tokens[which], client_id: client.client_id });
      assert.equal(response.status, 200);
      assert.equal(await response.text(), '');
      assert.equal((await askMcp(house, tokens.access_token)).status, 401);
      assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
      assert.equal((await revoke({ token: tokens[which], client_id: client.client_id })).status, 200);
    });
  }
  it('of a token that means nothing is as good as done; of another client’s it is refused', async () => {
    const { client, tokens } = await connect(house);
    assert.equal((await revoke({ token: 'nothing', client_id: client.client_id })).status, 200);
    assert.equal((await revoke({ token: 'a.b.c', client_id: client.client_id })).status, 200);
    assert.equal(await errorOf(await revoke({ client_id: client.client_id })), 'invalid_request');
    assert.equal(await errorOf(await revoke({ token: tokens.refresh_token })), 'invalid_client');
    const other = await register(house);
    for (const token of [tokens.access_token, tokens.refresh_token])
      assert.equal(await errorOf(await revoke({ token, client_id: other.client_id })), 'invalid_grant');
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
  });
});

describe('what takes the grant along', () => {
  it('removing the client, or the person, stops their tokens at once', async () => {
    const first = await connect(house);
    await house.storage.removeClient(first.client.client_id);
    assert.equal((await askMcp(house, first.tokens.access_token)).status, 401);
    assert.equal(
      await errorOf(await refresh(house, first.client, first.tokens.refresh_token)),
      'invalid_client',
    );
    const second = await connect(house);
    const person = await house.storage.findUserByEmail(EMAIL);
    await house.storage.removeUser(person!.id);
    assert.equal((await askMcp(house, second.tokens.access_token)).status, 401);
    assert.equal(
      await errorOf(await refresh(house, second.client, second.tokens.refresh_token)),
      'invalid_grant',
    );
    await house.addPerson(EMAIL, PASSWORD);
  });
});
