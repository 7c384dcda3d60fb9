// A sign-in with an OpenID Provider that is right: what is sent there, what is asked of it, and who that makes somebody.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { foreignSigningAlgs } from '@sallyport/crypto';
import { clientKey } from '../../../authorization-server/test/assertions.ts';
import { json } from '../../../guarded-fetch/test/world.ts';
import {
  CLIENT,
  comeBack,
  ISSUER,
  leave,
  NONCE,
  NOW,
  openDouble,
  OTHER_HOST,
  REDIRECT_URI,
  type Double,
} from './double.ts';

let double: Double;
beforeEach(async () => {
  double = await openDouble();
});
afterEach(() => double.close());

describe('the authorization request', () => {
  it('has PKCE, state and nonce, and asks for who it is', async () => {
    const url = await leave(double.provider());
    assert.equal(url.origin + url.pathname, `${ISSUER}/authorize`);
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      response_type: 'code',
      client_id: CLIENT.clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile email',
      state: 'state-1',
      nonce: NONCE,
      code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
      code_challenge_method: 'S256',
    });
  });

  it('keeps the query of the endpoint, and says nothing twice', async () => {
    double.says({ authorization_endpoint: `${ISSUER}/authorize?p=policy&nonce=theirs&state=theirs` });
    const { searchParams } = await leave(double.provider());
    assert.equal(searchParams.get('p'), 'policy');
    assert.deepEqual(searchParams.getAll('nonce'), [NONCE]);
    assert.deepEqual(searchParams.getAll('state'), ['state-1']);
  });

  it('asks for another proof when that is wanted, and when it was', async () => {
    const { searchParams } = await leave(double.provider(), NOW, { again: true });
    assert.deepEqual([searchParams.get('prompt'), searchParams.get('max_age')], ['login', '0']);
    const offline = await leave(double.provider({ offlineAccess: true }), NOW, { again: true });
    assert.equal(offline.searchParams.get('prompt'), 'login consent');
    double.claims = { auth_time: NOW - 3 };
    assert.equal((await comeBack(double.provider())).authenticatedAt, NOW - 3);
  });

  it('asks for tokens that last when these are wanted, and for what the operator wrote', async () => {
    const { searchParams } = await leave(
      double.provider({
        offlineAccess: true,
        scopes: ['email', 'api.read'],
        authorizationParameters: { ui_locales: 'de' },
      }),
    );
    assert.equal(searchParams.get('scope'), 'openid email api.read offline_access');
    assert.deepEqual([searchParams.get('prompt'), searchParams.get('ui_locales')], ['consent', 'de']);
    double.says({ scopes_supported: ['openid', 'email'] });
    const other = await leave(double.provider({ offlineAccess: true }));
    assert.deepEqual(
      [other.searchParams.get('scope'), other.searchParams.get('prompt')],
      ['openid profile email', null],
    );
  });
});

describe('the code is exchanged', () => {
  it('with its verifier, by the method that the provider lists first among ours', async () => {
    const { identity, tokens } = await comeBack(double.provider());
    const [{ form, authorization } = assert.fail('nothing was asked')] = double.asked;
    assert.deepEqual(Object.fromEntries(form), {
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: REDIRECT_URI,
      code_verifier: 'v'.repeat(43),
    });
    const pair = Buffer.from(authorization?.slice('Basic '.length) ?? '', 'base64').toString();
    assert.equal(pair, 'client-1:secret%3Aof%2Fclient+1');
    assert.deepEqual(identity, {
      provider: 'oidc',
      issuer: ISSUER,
      subject: 'person-1',
      email: 'person@example.com',
      emailVerified: true,
      name: 'A Person',
      username: undefined,
      picture: undefined,
      organizations: undefined,
      groups: undefined,
    });
    assert.deepEqual([tokens.access_token, tokens.refresh_token], ['access-1', 'refresh-1']);
    assert.equal(tokens.expiresAt, NOW + 300);
  });

  it('with the secret in the form, where it names that first or the operator wants it', async () => {
    await comeBack(double.provider({ authMethod: 'client_secret_post' }));
    const [post, basic] = ['client_secret_post', 'client_secret_basic'];
    double.says({ token_endpoint_auth_methods_supported: ['private_key_jwt', post, basic] });
    await comeBack(double.provider());
    for (const { form, authorization } of double.asked) {
      assert.equal(authorization, undefined);
      assert.deepEqual([form.get('client_id'), form.get('client_secret')], ['client-1', CLIENT.clientSecret]);
    }
  });

  it('without a secret by a public client', async () => {
    await comeBack(double.provider({ clientSecret: undefined }));
    const [{ form, authorization } = assert.fail('nothing was asked')] = double.asked;
    assert.deepEqual(
      [authorization, form.get('client_secret'), form.get('client_id')],
      [undefined, null, 'client-1'],
    );
  });

  it('at an endpoint on a public host that the metadata names', async () => {
    double.says({ token_endpoint: `https://${OTHER_HOST}/token` });
    double.answer('/token', double.world.pages.get('id.example.com/token') ?? assert.fail(), OTHER_HOST);
    assert.equal((await comeBack(double.provider())).identity.subject, 'person-1');
  });

  it('at an endpoint of the operator, in place of what the metadata names, wherever it is', async () => {
    double.says({ token_endpoint: 'https://elsewhere.example.com/token' });
    double.world.names.set(OTHER_HOST, ['10.1.2.3']);
    double.answer('/token', double.world.pages.get('id.example.com/token') ?? assert.fail(), OTHER_HOST);
    const tokenUrl = `https://${OTHER_HOST}/token`;
    assert.equal((await comeBack(double.provider({ tokenUrl }))).identity.subject, 'person-1');
  });
});

describe('an ID token is believed', () => {
  for (const alg of foreignSigningAlgs)
    it(`that is signed with ${alg}`, async () => {
      const key = clientKey(alg, 'key-2');
      double.keys = [clientKey('ES256', 'key-1'), key];
      double.signsWith = key;
      assert.equal((await comeBack(double.provider())).identity.subject, 'person-1');
    });

  it('without a kid, of the only key that fits', async () => {
    double.keys = [...double.keys, clientKey('ES256', 'key-2')];
    double.header = { kid: undefined };
    assert.equal((await comeBack(double.provider())).identity.subject, 'person-1');
  });

  it('with the name of its sender beside the code, when that is right', async () => {
    double.says({ authorization_response_iss_parameter_supported: true });
    const { identity } = await comeBack(double.provider(), NOW, { code: 'code-1', iss: ISSUER });
    assert.equal(identity.subject, 'person-1');
  });
});

describe('UserInfo', () => {
  it('is not asked when the ID token has it all', async () => {
    await comeBack(double.provider());
    assert.ok(!double.world.requests.includes('id.example.com/userinfo'));
  });

  it('adds what the ID token leaves out, with the access token, and changes nothing', async () => {
    double.claims = { email: undefined, email_verified: undefined };
    double.answer('/userinfo', (request, response) => {
      assert.equal(request.headers.authorization, 'Bearer access-1');
      const name = 'Somebody Else';
      json({ sub: 'person-1', email: 'me@example.com', email_verified: 'true', name })(request, response);
    });
    const { identity } = await comeBack(double.provider());
    assert.deepEqual(
      [identity.email, identity.emailVerified, identity.name],
      ['me@example.com', true, 'A Person'],
    );
  });

  it('verifies no address but the one that it names', async () => {
    double.claims = { email_verified: undefined };
    double.userinfo = { sub: 'person-1', email: 'other@example.com', email_verified: true };
    const { identity } = await comeBack(double.provider());
    assert.deepEqual([identity.email, identity.emailVerified], ['person@example.com', false]);
    double.claims = { email: undefined, email_verified: true };
    for (const email_verified of [false, undefined]) {
      double.userinfo = { sub: 'person-1', email: 'other@example.com', email_verified };
      const { identity: other } = await comeBack(double.provider());
      assert.deepEqual([other.email, other.emailVerified], ['other@example.com', false]);
    }
  });
});

describe('claims', () => {
  it('verify an e-mail by true alone, and only one that is an address', async () => {
    for (const [email, email_verified, verified] of [
      ['me@example.com', true, true],
      ['me@example.com', 'true', true],
      ['me@example.com', false, false],
      ['me@example.com', 'yes', false],
      ['me@example.com', 1, false],
      ['me@example.com', ['true'], false],
      ['me@bücher.example', true, true],
      ['not an address', true, false],
      [['me@example.com'], true, false],
    ] as const) {
      double.claims = { email, email_verified };
      const { identity } = await comeBack(double.provider());
      assert.equal(identity.emailVerified, verified, JSON.stringify([email, email_verified]));
    }
  });

  it('have groups at a name, at a path, or at a URL', async () => {
    double.claims = {
      groups: ['a', 'b', '', null],
      numbered: ['a', 7],
      named: [{ name: 'a' }],
      one: { name: 'a' },
      realm_access: { roles: ['admin'] },
      'https://example.com/roles': 'reader',
    };
    double.userinfo = { sub: 'person-1' };
    for (const [groupsClaim, groups] of [
      ['groups', ['a', 'b']],
      ['realm_access.roles', ['admin']],
      ['https://example.com/roles', ['reader']],
      // What cannot be read could be one that is denied.
      ['numbered', undefined],
      ['named', undefined],
      ['one', undefined],
      ['nothing.there', undefined],
      ['constructor.name', undefined],
      [undefined, undefined],
    ] as const)
      assert.deepEqual((await comeBack(double.provider({ groupsClaim }))).identity.groups, groups);
  });

  it('name a picture on https, and nothing of boundless size', async () => {
    double.claims = { picture: 'javascript:alert(1)', name: 'x'.repeat(5000), nickname: 'nick' };
    const { identity } = await comeBack(double.provider());
    assert.deepEqual([identity.picture, identity.name, identity.username], [undefined, undefined, 'nick']);
  });
});

describe('metadata and keys', () => {
  it('are fetched once for many who come at once, and kept', async () => {
    const provider = double.provider();
    await Promise.all(Array.from({ length: 20 }, () => comeBack(provider)));
    await comeBack(provider, NOW + 59);
    const asked = double.world.requests;
    assert.equal(asked.filter((url) => url.endsWith('openid-configuration')).length, 1);
    assert.equal(asked.filter((url) => url.endsWith('/jwks')).length, 1);
  });

  it('are good for a while when the provider is away, and no longer', async () => {
    const provider = double.provider();
    const fresh = { 'cache-control': 'max-age=60' };
    const metadata = { issuer: ISSUER, ...endpoints() };
    double.answer('/.well-known/openid-configuration', json(metadata, fresh));
    await leave(provider);
    double.answer(
      '/.well-known/openid-configuration',
      (_request, response) => void response.writeHead(503).end(),
    );
    await leave(provider, NOW + 61);
    assert.equal(double.logged.filter(({ event }) => event === 'upstream_document_stale').length, 1);
    await leave(provider, NOW + 60 + 24 * 3600 - 1);
    await assert.rejects(leave(provider, NOW + 60 + 24 * 3600), /does not answer as it should/);
    double.answer('/.well-known/openid-configuration', json(metadata, fresh));
    await leave(provider, NOW + 60 + 24 * 3600 + 1);
  });

  it('are over when the provider took them away, also when it is away afterwards', async () => {
    const provider = double.provider();
    const path = '/.well-known/openid-configuration';
    const document = json({ issuer: ISSUER, ...endpoints() }, { 'cache-control': 'max-age=60' });
    double.answer(path, document);
    await leave(provider);
    double.answer(path, (_request, response) => void response.writeHead(404).end());
    await assert.rejects(leave(provider, NOW + 61), /cannot be read/);
    double.answer(path, (_request, response) => void response.writeHead(503).end());
    await assert.rejects(leave(provider, NOW + 62), /does not answer as it should/);
  });

  it('are new when a key is: a token by a key that is not known yet is believed', async () => {
    const provider = double.provider();
    await comeBack(provider);
    const rotated = clientKey('RS256', 'key-2');
    double.keys = [...double.keys, rotated];
    double.signsWith = rotated;
    assert.equal((await comeBack(provider, NOW + 11)).identity.subject, 'person-1');
    double.signsWith = double.keys[0] ?? assert.fail();
    assert.equal((await comeBack(provider, NOW + 12)).identity.subject, 'person-1');
  });
});

describe('tokens are refreshed', () => {
  it('by the method of the code, with and without another refresh token', async () => {
    const provider = double.provider();
    double.claims = { nonce: undefined };
    assert.equal((await provider.refresh?.('refresh-1', NOW, 'person-1'))?.refresh_token, 'refresh-1');
    double.tokens = { refresh_token: undefined, id_token: undefined, access_token: 'access-2' };
    const again = await provider.refresh?.('refresh-1', NOW, 'person-1');
    assert.deepEqual([again?.access_token, again?.refresh_token], ['access-2', undefined]);
    assert.deepEqual(Object.fromEntries(double.asked[0]?.form ?? []), {
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
    });
  });
});

describe('a token that was refreshed', () => {
  it('is not lost for an old ID token beside it, or for keys that are away', async () => {
    const provider = double.provider();
    double.claims = { iat: NOW - 7200, exp: NOW - 3600, nonce: 'of the sign-in', at_hash: 'AAAA' };
    double.answer('/jwks', (_request, response) => void response.writeHead(503).end());
    assert.equal((await provider.refresh?.('refresh-1', NOW, 'person-1'))?.access_token, 'access-1');
  });
});

describe('what `sallyport check` finds', () => {
  it('is all well, of a provider that is', async () => {
    const findings = await double.provider().check(NOW);
    assert.deepEqual(
      findings.map(({ state, says }) => [state, says]),
      [
        ['ok', `${ISSUER}/.well-known/openid-configuration says who it is`],
        ['ok', 'its token endpoint takes client_secret_basic'],
        ['ok', `1 key at ${ISSUER}/jwks`],
      ],
    );
  });

  it('is what is wrong, and what to do', async () => {
    double.says({ token_endpoint_auth_methods_supported: ['tls_client_auth'] });
    double.keys = Array.from({ length: 33 }, () => double.signsWith);
    const findings = await double.provider().check(NOW);
    assert.deepEqual(
      findings.map(({ state }) => state),
      ['ok', 'fail', 'fail'],
    );
    assert.match(findings[1]?.says ?? '', /^upstream_misconfigured \(.*tls_client_auth/);
    assert.match(findings[1]?.next ?? '', /authMethod/);
    double.says({ issuer: `${ISSUER}/` });
    const [other] = await double.provider().check(NOW);
    assert.match(other?.says ?? '', /said https:\/\/id\.example\.com\/\)$/);
    assert.match(other?.next ?? '', /exactly/);
  });
});

const endpoints = () => ({
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
});
