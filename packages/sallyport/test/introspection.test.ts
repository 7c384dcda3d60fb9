// RFC 7662 from outside: who may ask, what is told, and that everybody else learns nothing.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addResourceServer } from '@sallyport/authorization-server';
import { StorageUnavailable, type Storage } from '@sallyport/storage';
import { decodeJwt } from 'jose';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  connect,
  EMAIL,
  errorOf,
  PASSWORD,
  REDIRECT_URI,
  refresh,
  register,
  signInAt,
  type Registered,
  type Tokens,
} from './house/client.ts';
import { openBrowserAt, pageOf } from './house/browser.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';
import { foreignSigner, signerOf } from './house/signers.ts';

const records = { title: 'Records', toolset: 'records' as const, default: false };

/** Two servers, so that there is another audience; `one` is what a request without `resource` means. */
async function houseOfTwo(options: HouseOptions = {}): Promise<House> {
  const house = await openHouse({
    ...options,
    configure: (config) => ({
      ...config,
      servers: [
        { ...records, name: 'one', path: '/mcp', default: true },
        { ...records, name: 'two', path: '/mcp/two' },
      ],
    }),
  });
  await house.addPerson(EMAIL, PASSWORD);
  return house;
}

type Asker = Pick<Registered, 'client_id' | 'client_secret'>;

async function guardOf(house: House, ...paths: readonly string[]): Promise<Asker> {
  const introspects = paths.map((path) => `${house.origin}${path}`);
  const { client, client_secret } = await addResourceServer(house.storage, { introspects }, house.clock.now);
  return { client_id: client.client_id, client_secret };
}

const basic = ({ client_id, client_secret = '' }: Asker) =>
  `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;

function introspect(
  house: House,
  asker: Asker,
  form: Readonly<Record<string, string>>,
  path = '/oauth/introspect',
): Promise<Response> {
  return house.ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(asker) },
    body: new URLSearchParams(form).toString(),
  });
}

async function told(house: House, asker: Asker, token: string, token_type_hint?: string) {
  const form = token_type_hint === undefined ? { token } : { token, token_type_hint };
  const response = await introspect(house, asker, form);
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Record<string, unknown>;
}

/** A client with a secret, and tokens of its own. */
async function confidential(house: House): Promise<{ client: Registered; tokens: Tokens }> {
  const client = await register(house, { token_endpoint_auth_method: 'client_secret_basic' });
  const { code, code_verifier } = await authorizeAndAllow(house, client);
  const form = { grant_type: 'authorization_code', redirect_uri: REDIRECT_URI, code, code_verifier };
  const response = await askToken(house, form, { authorization: basic(client) });
  return { client, tokens: (await response.json()) as Tokens };
}

const inactive = { active: false };

for (const format of ['jwt', 'opaque'] as const) {
  describe(`introspection of ${format} tokens`, () => {
    let house: House;
    let guard: Asker;
    before(async () => {
      house = await houseOfTwo({ environment: { SALLYPORT_TOKENS_ACCESS_FORMAT: format } });
      guard = await guardOf(house, '/mcp');
    });
    after(() => house.close());

    it('tells a server what an access token for it means, and who holds it by an id alone', async () => {
      const { client, tokens } = await connect(house);
      const { grant_id, jti, ...answer } = await told(house, guard, tokens.access_token);
      const { now } = house.clock;
      assert.deepEqual(answer, {
        active: true,
        iss: house.origin,
        sub: (await house.storage.findUserByEmail(EMAIL))?.id,
        aud: `${house.origin}/mcp`,
        client_id: client.client_id,
        scope: 'read',
        token_type: 'Bearer',
        iat: now,
        exp: now + 3600,
      });
      assert.equal((await house.storage.findGrant(String(grant_id)))?.clientId, client.client_id);
      if (format === 'jwt') assert.equal(jti, decodeJwt(tokens.access_token).jti);
      else assert.equal(jti, undefined);
    });

    it('tells a client of its own tokens', async () => {
      const { client, tokens } = await confidential(house);
      const access = await told(house, client, tokens.access_token);
      const kept = await told(house, client, tokens.refresh_token);
      assert.deepEqual([access['active'], access['token_type']], [true, 'Bearer']);
      assert.deepEqual([kept['active'], kept['exp']], [true, house.clock.now + 2_592_000]);
      assert.ok(!('token_type' in kept) && !('jti' in kept));
      assert.equal(kept['grant_id'], access['grant_id']);
    });

    it('finds a token whatever the hint', async () => {
      const { client, tokens } = await confidential(house);
      for (const token of [tokens.access_token, tokens.refresh_token])
        for (const hint of ['access_token', 'refresh_token', 'id_token', 'x'.repeat(5000)])
          assert.equal((await told(house, client, token, hint))['active'], true, hint.slice(0, 20));
    });

    it('says in every other case that it is not active, and not a word more', async () => {
      const { client, tokens } = await connect(house);
      const elsewhere = await connect(house, { resource: `${house.origin}/mcp/two` });
      const revoked = await connect(house);
      await house.ask('/oauth/revoke', {
        method: 'POST',
        body: new URLSearchParams({
          token: revoked.tokens.access_token,
          client_id: revoked.client.client_id,
        }),
      });
      const removed = await connect(house);
      await house.storage.removeClient(removed.client.client_id);
      const [own, foreign] = [await signerOf(house), await foreignSigner(house)];
      const { grant_id } = await told(house, guard, tokens.access_token);
      const { now } = house.clock;
      const claims = { iss: house.origin, grant_id, iat: now, exp: now + 60, jti: 'x', scope: 'read' };
      assert.equal((await told(house, guard, own('at+jwt', claims)))['active'], true);
      const wrong = {
        unknown: 'x'.repeat(48),
        'dotted nonsense': 'a.b.c',
        huge: 'x'.repeat(8000),
        'U+0000': '\u0000',
        revoked: revoked.tokens.access_token,
        'of a removed client': removed.tokens.access_token,
        'of another audience': elsewhere.tokens.access_token,
        'a refresh token': tokens.refresh_token,
        'a refresh token of another audience': elsewhere.tokens.refresh_token,
        'a client secret': guard.client_secret!,
        'an id': client.client_id,
        'signed by another key': foreign('at+jwt', claims),
        'of another type': own('JWT', claims),
        'of another issuer': own('at+jwt', { ...claims, iss: `${house.origin}/` }),
        'without an end': own('at+jwt', { ...claims, exp: undefined }),
        'of an unknown grant': own('at+jwt', { ...claims, grant_id: 'unknown' }),
        expired: own('at+jwt', { ...claims, exp: now }),
      };
      const answers = new Set<string>();
      for (const [name, token] of Object.entries(wrong)) {
        const response = await introspect(house, guard, { token });
        assert.equal(response.status, 200, name);
        answers.add(JSON.stringify([...response.headers, await response.text()]));
      }
      assert.equal(answers.size, 1, [...answers].join('\n'));
      assert.match([...answers].join(), /\{\\"active\\":false\}/);
      const logged = JSON.stringify(house.events);
      for (const token of Object.values(wrong).filter((text) => text.length > 20))
        assert.ok(!logged.includes(token) || token === client.client_id);
      for (const why of ['unknown', 'revoked', 'not_theirs', 'expired'])
        assert.ok(logged.includes(`"why":"${why}"`), why);
    });

    it('tells nobody of the tokens of others: neither another client nor a server of nothing', async () => {
      const { tokens } = await connect(house);
      const { client: other } = await confidential(house);
      const nobody = await guardOf(house);
      for (const asker of [other, nobody])
        for (const token of [tokens.access_token, tokens.refresh_token])
          assert.deepEqual(await told(house, asker, token), inactive);
    });

    it('ends with the token, and with its grant at once', async () => {
      const { tokens } = await connect(house);
      const { client, tokens: own } = await confidential(house);
      const { grant_id } = await told(house, guard, tokens.access_token);
      await house.storage.revokeGrant(String(grant_id), house.clock.now);
      assert.deepEqual(await told(house, guard, tokens.access_token), inactive);
      house.clock.now += 3600;
      assert.deepEqual(await told(house, guard, own.access_token), inactive);
      assert.equal((await told(house, client, own.refresh_token))['active'], true);
      house.clock.now += 2_592_000;
      assert.deepEqual(await told(house, client, own.refresh_token), inactive);
      house.clock.now -= 2_592_000 + 3600;
    });

    it('leaves a refresh token that was rotated for dead, also in its grace', async () => {
      const { client, tokens } = await confidential(house);
      const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
      const response = await askToken(house, form, { authorization: basic(client) });
      const next = (await response.json()) as Tokens;
      assert.deepEqual(await told(house, client, tokens.refresh_token), inactive);
      assert.equal((await told(house, client, next.refresh_token))['active'], true);
      assert.equal((await told(house, client, tokens.access_token))['active'], true);
    });

    it('ends for a server that is no longer served here', async () => {
      const { tokens } = await connect(house);
      const all = await guardOf(house, '/mcp', '/mcp/two');
      assert.equal((await told(house, all, tokens.access_token))['active'], true);
      const found = await house.storage.findGrant(
        String((await told(house, all, tokens.access_token))['grant_id']),
      );
      const gone = await openHouse({
        secrets: house.secrets,
        configure: (config) => ({ ...config, servers: [{ ...records, name: 'two', path: '/mcp/two' }] }),
        rig: (storage) => ({ ...house.storage, close: () => storage.close() }),
      });
      assert.ok(found);
      assert.deepEqual(await told(gone, all, tokens.access_token), inactive);
      await gone.close();
    });
  });
}

describe('who may ask', () => {
  let house: House;
  before(async () => {
    house = await houseOfTwo();
  });
  after(() => house.close());

  it('is a client that proves who it is: a public one is told so, and nothing of the token', async () => {
    const { client, tokens } = await connect(house);
    for (const client_id of [client.client_id, 'nobody'])
      for (const token of [tokens.access_token, 'unknown']) {
        const response = await house.ask('/oauth/introspect', {
          method: 'POST',
          body: new URLSearchParams({ client_id, token }),
        });
        assert.equal(response.status, 401);
        const { error, error_description } = (await response.json()) as Record<string, string>;
        assert.equal(error, 'invalid_client');
        assert.match(error_description!, /^Only a client with a secret or a key may ask/);
      }
  });

  it('is not somebody with a wrong secret, none, another method or two', async () => {
    const guard = await guardOf(house, '/mcp');
    const { tokens } = await connect(house);
    const ask = async (headers: Record<string, string>, form: Record<string, string>) => {
      const body = new URLSearchParams({ token: tokens.access_token, ...form });
      const response = await house.ask('/oauth/introspect', { method: 'POST', headers, body });
      return [response.status, await errorOf(response)];
    };
    const { client_id, client_secret = '' } = guard;
    const wrong = { authorization: basic({ client_id, client_secret: `${client_secret}x` }) };
    assert.deepEqual(await ask(wrong, {}), [401, 'invalid_client']);
    assert.deepEqual(await ask({}, {}), [401, 'invalid_client']);
    assert.deepEqual(await ask({ authorization: 'Bearer x' }, {}), [401, 'invalid_client']);
    assert.deepEqual(await ask({}, { client_id, client_secret }), [401, 'invalid_client']);
    assert.deepEqual(await ask({ authorization: basic(guard) }, { client_id, client_secret }), [
      400,
      'invalid_request',
    ]);
    const challenged = await introspect(house, { client_id }, { token: 'x' });
    assert.equal(challenged.headers.get('www-authenticate'), 'Basic realm="token"');
    assert.equal((await told(house, guard, tokens.access_token))['active'], true);
  });

  it('a server that asks can get no token itself', async () => {
    const guard = await guardOf(house, '/mcp');
    for (const redirect_uri of [undefined, REDIRECT_URI]) {
      const { url } = authorizationUrl(guard, { redirect_uri });
      const page = pageOf(await openBrowserAt(house).open(url));
      assert.equal(page.status, 400);
    }
    for (const grant_type of ['authorization_code', 'refresh_token']) {
      const response = await askToken(house, { grant_type }, { authorization: basic(guard) });
      assert.equal(await errorOf(response), 'unauthorized_client');
    }
  });

  it('reads as any form of a client: once each, in the body, bounded, POST', async () => {
    const guard = await guardOf(house, '/mcp');
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: basic(guard),
    };
    const bodies = {
      nothing: '',
      'an empty token': 'token=',
      'a token twice': 'token=a&token=b',
      'a hint twice': 'token=a&token_type_hint=x&token_type_hint=y',
      'a huge token': `token=${'x'.repeat(9000)}`,
      'a huge form': 'x=y&'.repeat(20_000),
    };
    for (const [name, body] of Object.entries(bodies)) {
      const response = await house.ask('/oauth/introspect', { method: 'POST', headers, body });
      assert.equal(response.status, 400, name);
      assert.equal(await errorOf(response), 'invalid_request', name);
    }
    const inQuery = await introspect(house, guard, {}, '/oauth/introspect?token=x');
    assert.equal(await errorOf(inQuery), 'invalid_request');
    const json = await house.ask('/oauth/introspect', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"token":"x"}',
    });
    assert.equal(await errorOf(json), 'invalid_request');
    const get = await house.ask('/oauth/introspect');
    assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST']);
  });
});

describe('the introspection endpoint', () => {
  it('is in the metadata, with the methods that it takes', async () => {
    await using house = disposable(await houseOfTwo());
    const response = await house.ask('/.well-known/oauth-authorization-server');
    const metadata = (await response.json()) as Record<string, unknown>;
    assert.equal(metadata['introspection_endpoint'], `${house.origin}/oauth/introspect`);
    assert.deepEqual(metadata['introspection_endpoint_auth_methods_supported'], [
      'client_secret_post',
      'client_secret_basic',
      'private_key_jwt',
    ]);
  });

  it('answers at its alias too, to any origin, and is kept by no cache', async () => {
    await using house = disposable(await houseOfTwo());
    const guard = await guardOf(house, '/mcp');
    for (const path of ['/oauth/introspect', '/introspect']) {
      const response = await introspect(house, guard, { token: 'x' }, path);
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      const preflight = await house.ask(path, {
        method: 'OPTIONS',
        headers: { origin: 'https://example.com', 'access-control-request-method': 'POST' },
      });
      assert.equal(preflight.status, 204);
    }
  });

  it('looks as often for every token that it says nothing of', async () => {
    let reads: string[] = [];
    const counted = new Set(['findAccessToken', 'findRefreshToken', 'findGrant', 'findClient']);
    const counting = (storage: Storage): Storage =>
      new Proxy(storage, {
        get(target, name, receiver) {
          if (counted.has(String(name))) reads.push(String(name));
          return Reflect.get(target, name, receiver) as unknown;
        },
      });
    await using house = disposable(
      await houseOfTwo({
        environment: { SALLYPORT_TOKENS_ACCESS_FORMAT: 'opaque' },
        rig: counting,
      }),
    );
    const guard = await guardOf(house, '/mcp');
    const expired = await connect(house);
    house.clock.now += 3600;
    const revoked = await connect(house);
    const elsewhere = await connect(house, { resource: `${house.origin}/mcp/two` });
    await house.ask('/oauth/revoke', {
      method: 'POST',
      body: new URLSearchParams({ token: revoked.tokens.access_token, client_id: revoked.client.client_id }),
    });
    const readsOf = async (token: string) => {
      reads = [];
      assert.deepEqual(await told(house, guard, token), inactive);
      return reads;
    };
    const ofUnknown = await readsOf('x'.repeat(48));
    assert.equal(ofUnknown.length, 3);
    for (const { tokens } of [expired, revoked, elsewhere])
      for (const token of [tokens.access_token, tokens.refresh_token])
        assert.deepEqual(await readsOf(token), ofUnknown);
  });

  it('lets a grant count as used when a server asks, and not when its own client does', async () => {
    const marked: number[] = [];
    const rig = (storage: Storage): Storage => ({
      ...storage,
      async markGrantsUsed(uses) {
        marked.push(...uses.map(({ at }) => at));
        return storage.markGrantsUsed(uses);
      },
    });
    await using house = disposable(await houseOfTwo({ rig }));
    const guard = await guardOf(house, '/mcp');
    const { client, tokens } = await confidential(house);
    const userId = (await house.storage.findUserByEmail(EMAIL))!.id;
    house.clock.now += 60;
    await told(house, client, tokens.access_token);
    house.clock.now += 60;
    await told(house, guard, tokens.access_token);
    house.clock.now += 60;
    await told(house, guard, tokens.refresh_token);
    await house.assembled.close();
    assert.deepEqual(marked, [house.clock.now - 60]);
    assert.equal((await house.storage.listClientAccess(userId, house.clock.now))[0]?.lastUsedAt, marked[0]);
  });

  for (const operation of ['findClient', 'findGrant', 'findAccessToken', 'findRefreshToken'] as const) {
    it(`says 503 while ${operation} cannot be asked, and never that a token is not active`, async () => {
      let isAway = false;
      const rig = (storage: Storage): Storage => ({
        ...storage,
        async [operation](key: string) {
          if (isAway) throw new StorageUnavailable('the store is away');
          return storage[operation](key);
        },
      });
      await using house = disposable(await houseOfTwo({ rig }));
      const guard = await guardOf(house, '/mcp');
      const { tokens } = await connect(house);
      // Every look-up is made for one that is not active.
      const { grant_id } = await told(house, guard, tokens.access_token);
      await house.storage.revokeGrant(String(grant_id), house.clock.now);
      isAway = true;
      const response = await introspect(house, guard, { token: tokens.access_token });
      assert.equal(response.status, 503);
      assert.ok(response.headers.has('retry-after'));
      assert.doesNotMatch(await response.text(), /active/);
      isAway = false;
      assert.deepEqual(await told(house, guard, tokens.access_token), inactive);
    });
  }

  it('changes nothing: what it says of a token costs the client nothing', async () => {
    await using house = disposable(await houseOfTwo());
    const guard = await guardOf(house, '/mcp');
    const { client, tokens } = await connect(house);
    await told(house, guard, tokens.refresh_token);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    assert.equal((await refresh(house, client, tokens.refresh_token)).status, 200);
  });
});

describe('a server elsewhere, of the configuration', () => {
  const resource = 'https://notes.example.com/mcp';
  const scopes = [
    { name: 'read', description: 'read your notes' },
    { name: 'notes:share', description: 'share your notes' },
  ];
  const notes = { name: 'notes', title: 'Notes', resource, scopes, defaultScopes: ['read'] };
  let house: House;
  before(async () => {
    house = await openHouse({ configure: (config) => ({ ...config, resources: [notes] }) });
    await house.addPerson(EMAIL, PASSWORD);
  });
  after(() => house.close());

  it('is what people are asked about, with its own words, and see at their account', async () => {
    const client = await register(house);
    const browser = openBrowserAt(house);
    const { url } = authorizationUrl(client, { resource, scope: 'read notes:share' });
    const asked = pageOf(await signInAt(browser, await browser.open(url)));
    for (const words of [/Notes/, /read your notes/i, /share your notes/i]) assert.match(asked.html, words);
    await browser.submit(asked, { decision: 'allow' });
    assert.match(pageOf(await browser.open('/account')).html, /<bdi>Notes<\/bdi>.*share your notes/s);
  });

  it('has tokens of its own, which open no server here, and its scopes are in the metadata', async () => {
    const { tokens } = await connect(house, { resource });
    assert.equal(decodeJwt(tokens.access_token).aud, resource);
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
    const introspects = [resource];
    const { client, client_secret } = await addResourceServer(
      house.storage,
      { introspects },
      house.clock.now,
    );
    const guard = { client_id: client.client_id, client_secret };
    assert.equal((await told(house, guard, tokens.access_token))['aud'], resource);
    const metadata = await house.ask('/.well-known/oauth-authorization-server');
    const { scopes_supported } = (await metadata.json()) as { scopes_supported: string[] };
    assert.deepEqual(scopes_supported, ['read', 'write', 'notes:share', 'offline_access']);
    assert.equal((await house.ask('/.well-known/oauth-protected-resource/notes')).status, 404);
  });
});

function disposable(house: House): House & AsyncDisposable {
  return Object.assign(house, { [Symbol.asyncDispose]: () => house.close() });
}
