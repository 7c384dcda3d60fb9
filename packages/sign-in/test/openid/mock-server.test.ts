// A provider that somebody else wrote for this purpose (oauth2-mock-server), right at first and then wrong in each way that
// its hooks can make it, over real HTTP on this machine.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { generateKeyPairSync } from 'node:crypto';
import { OAuth2Server } from 'oauth2-mock-server';
import { guardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal } from '@sallyport/protocol';
import { openIdProvider } from '../../src/providers/oidc.ts';
import { openIdRows } from '../../src/providers/openid-rows.ts';
import type { UpstreamProvider } from '../../src/providers/provider.ts';

type Members = Record<string, unknown>;

let server: OAuth2Server;
let other: OAuth2Server;
let provider: UpstreamProvider;
before(async () => {
  [server, other] = [new OAuth2Server(), new OAuth2Server()];
  for (const one of [server, other]) {
    await one.issuer.keys.generate('RS256', { kid: 'key-1' });
    await one.start(0, 'localhost');
  }
});
after(() => Promise.all([server.stop(), other.stop()]));
beforeEach(() => {
  server.service.removeAllListeners();
  provider = providerOf(server);
});

function providerOf({ issuer }: OAuth2Server): UpstreamProvider {
  const row = openIdRows.find(({ kind }) => kind === 'oidc') ?? assert.fail();
  const operator = guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true });
  const named = { id: 'mock', title: 'Mock', callbackPath: '/mock/callback' };
  const settings = { ...named, issuer: issuer.url, clientId: 'client-1' };
  return openIdProvider(row, settings, { fetch: { operator, stranger: guardedFetch() }, log: () => {} });
}

/** The browser's part: there and back, with what a hook puts into the way back. */
async function signIn(at = provider) {
  const once = {
    redirect_uri: 'http://localhost:8000/mock/callback',
    nonce: 'nonce-1',
    code_verifier: 'v'.repeat(43),
  };
  const now = Math.floor(Date.now() / 1000);
  const url = await at.begin({ ...once, state: 'state-1', again: false, now });
  const answer = await fetch(url, { redirect: 'manual' });
  const back = new URL(answer.headers.get('location') ?? assert.fail(`${answer.status}`));
  assert.equal(back.searchParams.get('state'), 'state-1');
  return at.finish({ ...once, parameters: back.searchParams, now });
}

async function refuses(reason: string, at = provider): Promise<void> {
  await assert.rejects(signIn(at), (failure) => {
    assert.ok(isRefusal(failure), String(failure));
    assert.equal(failure.reason, reason);
    return true;
  });
}

/** Of ID tokens, and not of access tokens. */
function changing(change: (payload: Members, header: Members) => void): void {
  server.service.on('beforeTokenSigning', ({ payload, header }) => {
    if (payload['nonce'] !== undefined) change(payload, header);
  });
}

describe('oauth2-mock-server', () => {
  it('signs somebody in, with the claims of the ID token and of UserInfo', async () => {
    server.service.on('beforeUserinfo', ({ body }) => {
      Object.assign(body, { email: 'johndoe@example.com', email_verified: true, name: 'John' });
    });
    const { identity, tokens } = await signIn();
    assert.deepEqual(
      [identity.subject, identity.issuer, identity.email, identity.emailVerified],
      ['johndoe', server.issuer.url, 'johndoe@example.com', true],
    );
    assert.ok(tokens.refresh_token);
    const refreshed = await provider.refresh?.(
      tokens.refresh_token,
      Math.floor(Date.now() / 1000),
      'johndoe',
    );
    assert.ok(refreshed?.access_token);
  });

  const wrong: readonly [string, (payload: Members, header: Members) => void, string][] = [
    ['of another issuer', (payload) => (payload['iss'] = other.issuer.url), 'id_token_issuer_wrong'],
    ['for another audience', (payload) => (payload['aud'] = 'client-2'), 'id_token_audience_wrong'],
    ['of another sign-in', (payload) => (payload['nonce'] = 'nonce-2'), 'id_token_nonce_wrong'],
    ['for several audiences', (payload) => (payload['aud'] = ['client-1', 'api']), 'id_token_azp_wrong'],
    ['for another party', (payload) => (payload['azp'] = 'client-2'), 'id_token_azp_wrong'],
    ['that has expired', (payload) => (payload['exp'] = Number(payload['exp']) - 4000), 'id_token_expired'],
    [
      'from the future',
      (payload) => (payload['iat'] = Number(payload['iat']) + 4000),
      'id_token_not_yet_valid',
    ],
    ['about nobody', (payload) => (payload['sub'] = ''), 'id_token_subject_invalid'],
    ['by an unknown kid', (_, header) => (header['kid'] = 'key-9'), 'id_token_key_unknown'],
    ['of another kind', (_, header) => (header['typ'] = 'at+jwt'), 'id_token_malformed'],
  ];
  for (const [what, change, reason] of wrong)
    it(`is refused with an ID token ${what}`, async () => {
      changing(change);
      await refuses(reason);
    });

  it('is refused with the ID token of another provider, however alike they are', async () => {
    const theirs = await other.issuer.buildToken({
      scopesOrTransform: (_header, payload) =>
        void Object.assign(payload, {
          iss: server.issuer.url,
          aud: 'client-1',
          sub: 'johndoe',
          nonce: 'nonce-1',
        }),
    });
    server.service.on(
      'beforeResponse',
      ({ body }) => void Object.assign(body as Members, { id_token: theirs }),
    );
    await refuses('id_token_signature_wrong');
  });

  it('is refused without an ID token, and with one that nobody signed', async () => {
    server.service.on('beforeResponse', ({ body }) => {
      const tokens = body as Members;
      const [, claims] = String(tokens['id_token']).split('.');
      const header = Buffer.from('{"alg":"none"}').toString('base64url');
      tokens['id_token'] = `${header}.${claims}.AAAA`;
    });
    await refuses('id_token_alg_refused');
    server.service.on('beforeResponse', ({ body }) => void delete (body as Members)['id_token']);
    await refuses('id_token_missing');
  });

  it('is refused when UserInfo is about somebody else', async () => {
    server.service.on('beforeUserinfo', ({ body }) => void Object.assign(body, { sub: 'janedoe' }));
    await refuses('upstream_userinfo_subject_differs');
  });

  it('is refused when it fails, and when the answer in the browser names another', async () => {
    server.service.on('beforeResponse', (answer) => {
      answer.statusCode = 500;
    });
    await refuses('upstream_unavailable');
    server.service.removeAllListeners();
    server.service.on('beforeAuthorizeRedirect', ({ url }) =>
      url.searchParams.set('iss', other.issuer.url ?? ''),
    );
    await refuses('upstream_issuer_wrong');
  });

  it('is known again by its new keys', async () => {
    await signIn();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = privateKey.export({ format: 'jwk' });
    await server.issuer.keys.add({ ...jwk, kty: 'EC', kid: 'key-2', alg: 'ES256' });
    // Whichever key is next in its turn.
    for (let turns = 0; turns < 4; turns++)
      assert.equal((await signIn(providerOf(server))).identity.subject, 'johndoe');
  });
});
