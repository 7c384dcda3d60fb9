// An OpenID Provider that lies, is broken, or is not the one that it says it is: each way is refused for its own reason.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { isRefusal, type Refusal } from '@sallyport/protocol';
import { clientKey, encode } from '../../../authorization-server/test/assertions.ts';
import { json, type Answer } from '../../../guarded-fetch/test/world.ts';
import type { OpenIdSettings } from '../../src/providers/openid/row.ts';
import {
  CLIENT,
  comeBack,
  HOST,
  idTokenOf,
  ISSUER,
  leave,
  NOW,
  openDouble,
  OTHER_HOST,
  type Double,
} from './double.ts';

let double: Double;
beforeEach(async () => {
  double = await openDouble();
});
afterEach(() => double.close());

async function refusalOf(attempt: Promise<unknown>): Promise<Refusal> {
  const failure = await attempt.then(
    () => assert.fail('nothing was refused'),
    (error: unknown) => error,
  );
  assert.ok(isRefusal(failure), String(failure));
  const told = JSON.stringify([failure.facts, double.logged]);
  for (const secret of ['access-1', 'refresh-1', 'code-1', CLIENT.clientSecret, 'vvvvvvvv'])
    assert.ok(!told.includes(secret), `${secret} in ${told}`);
  return failure;
}

const reasonOf = async (attempt: Promise<unknown>): Promise<string> => (await refusalOf(attempt)).reason;

const html: Answer = (_request, response) =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Hello</title>');
const status =
  (code: number, headers = {}): Answer =>
  (_request, response) =>
    void response.writeHead(code, headers).end('{}');
/** Is waited for no longer than a test can. */
const never: Answer = () => undefined;
const huge: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`{"keys":[],"padding":"${'x'.repeat(70_000)}"}`);
};

describe('an ID token is refused', () => {
  const bad: readonly [string, (at: Double) => void, string][] = [
    ['that is not there', (at) => (at.tokens = { id_token: undefined }), 'id_token_missing'],
    ['that is no JWT', (at) => (at.tokens = { id_token: 'abc' }), 'id_token_malformed'],
    ['that is encrypted', (at) => (at.tokens = { id_token: 'a.b.c.d.e' }), 'id_token_encrypted'],
    ['by another issuer', (at) => (at.claims = { iss: 'https://evil.example.net' }), 'id_token_issuer_wrong'],
    ['for another application', (at) => (at.claims = { aud: 'client-2' }), 'id_token_audience_wrong'],
    ['given to another application', (at) => (at.claims = { azp: 'client-2' }), 'id_token_azp_wrong'],
    ['of another sign-in', (at) => (at.claims = { nonce: 'another' }), 'id_token_nonce_wrong'],
    ['that has expired', (at) => (at.claims = { exp: NOW - 61 }), 'id_token_expired'],
    ['from the future', (at) => (at.claims = { iat: NOW + 3600 }), 'id_token_not_yet_valid'],
    ['about nobody', (at) => (at.claims = { sub: '' }), 'id_token_subject_invalid'],
    ['of other tokens', (at) => (at.claims = { at_hash: 'AAAA' }), 'id_token_at_hash_wrong'],
    [
      'without a signature',
      (at) => {
        const [, claims] = idTokenOf(at).split('.');
        at.tokens = { id_token: `${encode({ alg: 'none' })}.${claims}.` };
      },
      'id_token_malformed',
    ],
    ['with alg none beside a signature', (at) => (at.header = { alg: 'none' }), 'id_token_alg_refused'],
    [
      'that is HMACed with the public key',
      (at) => {
        const [, claims] = idTokenOf(at).split('.');
        const input = `${encode({ alg: 'HS256', kid: 'key-1' })}.${claims}`;
        const pem = createPublicKey(at.signsWith.privateKey).export({ type: 'spki', format: 'pem' });
        at.tokens = { id_token: `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}` };
      },
      'id_token_alg_refused',
    ],
    [
      'by a key that is not published',
      (at) => (at.signsWith = clientKey('RS256', 'key-9')),
      'id_token_key_unknown',
    ],
    [
      'by another key of that name',
      (at) => (at.signsWith = clientKey('RS256', 'key-1')),
      'id_token_signature_wrong',
    ],
    [
      'that names a key for another algorithm',
      (at) => (at.header = { alg: 'ES256' }),
      'id_token_key_unknown',
    ],
    [
      'that brings its own key',
      (at) => {
        const own = clientKey('RS256', 'own');
        at.signsWith = own;
        at.header = { jwk: own.jwk, jku: `https://${OTHER_HOST}/jwks` };
      },
      'id_token_key_unknown',
    ],
    [
      'that names no key, of several that fit',
      (at) => {
        at.keys = [...at.keys, clientKey('RS256', 'key-2')];
        at.header = { kid: undefined };
      },
      'id_token_key_ambiguous',
    ],
    [
      'that names a key that is there twice',
      (at) => (at.keys = [...at.keys, clientKey('RS256', 'key-1')]),
      'id_token_key_ambiguous',
    ],
    ['of another kind', (at) => (at.header = { typ: 'logout+jwt' }), 'id_token_malformed'],
    ['with something critical', (at) => (at.header = { crit: ['exp'] }), 'id_token_malformed'],
  ];
  for (const [what, make, reason] of bad)
    it(what, async () => {
      make(double);
      assert.equal(await reasonOf(comeBack(double.provider())), reason);
    });

  it('whose key was withdrawn, once that is known', async () => {
    const provider = double.provider();
    await comeBack(provider);
    double.keys = [clientKey('RS256', 'key-2')];
    await comeBack(provider, NOW + 59);
    double.claims = { iat: NOW + 601, exp: NOW + 900 };
    assert.equal(await reasonOf(comeBack(provider, NOW + 601)), 'id_token_key_unknown');
  });

  it('by a key that is not known, without the keys being fetched each time', async () => {
    const provider = double.provider();
    double.signsWith = clientKey('RS256', 'key-9');
    const fetches = () => double.world.requests.filter((url) => url === `${HOST}/jwks`).length;
    for (let again = 0; again < 10; again++) await reasonOf(comeBack(provider, NOW + again));
    assert.equal(fetches(), 1);
    await reasonOf(comeBack(provider, NOW + 10));
    assert.equal(fetches(), 2);
    double.answer('/jwks', status(503));
    for (let again = 20; again < 30; again++) await reasonOf(comeBack(provider, NOW + again));
    assert.equal(fetches(), 3);
  });

  it('with a refresh, of another person, another issuer or another application', async () => {
    const refreshed = () => double.provider().refresh?.('refresh-1', NOW, 'person-1') ?? Promise.resolve();
    for (const [claims, reason] of [
      [{ sub: 'person-2' }, 'id_token_subject_differs'],
      [{ iss: 'https://evil.example.net' }, 'id_token_issuer_wrong'],
      [{ aud: 'client-2' }, 'id_token_audience_wrong'],
      [{ azp: 'client-2' }, 'id_token_azp_wrong'],
    ] as const) {
      double.claims = claims;
      assert.equal(await reasonOf(refreshed()), reason);
    }
  });

  it('with a refresh, once for all where the provider has given another refresh token for it', async () => {
    double.claims = { sub: 'person-2' };
    double.tokens = { refresh_token: 'refresh-2' };
    const rotated = double.provider().refresh?.('refresh-1', NOW, 'person-1') ?? Promise.resolve();
    assert.equal((await refusalOf(rotated)).facts['isSpent'], true);
    for (const refresh_token of ['refresh-1', undefined]) {
      double.tokens = { refresh_token };
      const same = double.provider().refresh?.('refresh-1', NOW, 'person-1') ?? Promise.resolve();
      assert.equal((await refusalOf(same)).facts['isSpent'], undefined, 'it may be asked again');
    }
  });
});

describe('what came back in the browser is refused', () => {
  it('from another provider, or from nobody where a name is due (mix-up)', async () => {
    const provider = double.provider();
    const iss = 'https://evil.example.net';
    assert.equal(await reasonOf(comeBack(provider, NOW, { code: 'code-1', iss })), 'upstream_issuer_wrong');
    double.says({ authorization_response_iss_parameter_supported: true });
    assert.equal(await reasonOf(comeBack(double.provider())), 'upstream_issuer_wrong');
    assert.equal(
      await reasonOf(comeBack(double.provider(), NOW, { error: 'access_denied' })),
      'upstream_issuer_wrong',
    );
    assert.deepEqual(double.asked, [], 'a code was shown to a provider');
  });

  it('as an error, or without a code', async () => {
    const provider = double.provider();
    assert.equal(await reasonOf(comeBack(provider, NOW, { error: 'access_denied' })), 'upstream_denied');
    assert.equal(await reasonOf(comeBack(provider, NOW, {})), 'upstream_answer_invalid');
  });
});

describe('metadata is refused', () => {
  const bad: readonly [string, (at: Double) => void, string][] = [
    [
      'of another issuer',
      (at) => at.says({ issuer: 'https://evil.example.net' }),
      'upstream_metadata_issuer_differs',
    ],
    [
      'of nearly the same issuer',
      (at) => at.says({ issuer: `${ISSUER}/` }),
      'upstream_metadata_issuer_differs',
    ],
    ['of no issuer', (at) => at.says({ issuer: undefined }), 'upstream_metadata_issuer_differs'],
    ['without keys', (at) => at.says({ jwks_uri: undefined }), 'upstream_metadata_unusable'],
    [
      'with an endpoint that is no URL',
      (at) => at.says({ token_endpoint: '/token' }),
      'upstream_metadata_unusable',
    ],
    ['that is a page', (at) => at.answer(CONFIGURATION, html), 'upstream_metadata_unusable'],
    ['that is a list', (at) => at.answer(CONFIGURATION, json([])), 'upstream_metadata_unusable'],
    [
      'that says two things',
      (at) => at.answer(CONFIGURATION, json(`{"issuer":"${ISSUER}","issuer":"x"}`)),
      'upstream_metadata_unusable',
    ],
    [
      'that is not text',
      (at) => at.answer(CONFIGURATION, (_, response) => void response.end(Buffer.from([0xff]))),
      'upstream_metadata_unusable',
    ],
    ['that is boundless', (at) => at.answer(CONFIGURATION, huge), 'upstream_metadata_unusable'],
    [
      'that is elsewhere',
      (at) => at.answer(CONFIGURATION, status(302, { location: `https://${OTHER_HOST}/` })),
      'upstream_metadata_unusable',
    ],
    ['that is not there', (at) => at.answer(CONFIGURATION, status(404)), 'upstream_metadata_unusable'],
    [
      'that never comes',
      (at) => {
        at.milliseconds = 300;
        at.answer(CONFIGURATION, never);
      },
      'upstream_unavailable',
    ],
    ['that comes with an error', (at) => at.answer(CONFIGURATION, status(500)), 'upstream_unavailable'],
    ['of a host that is not there', (at) => at.world.names.delete(HOST), 'upstream_unavailable'],
  ];
  for (const [what, make, reason] of bad)
    it(what, async () => {
      make(double);
      const provider = double.provider();
      assert.equal(await reasonOf(leave(provider)), reason);
      assert.equal(await reasonOf(comeBack(provider)), reason);
      assert.deepEqual(double.asked, []);
    });
});

const CONFIGURATION = '/.well-known/openid-configuration';

describe('an endpoint that metadata names is not asked', () => {
  const places: readonly [string, string][] = [
    ['at an address of this machine', 'https://127.0.0.1/x'],
    ['at an address of a private network', 'https://10.0.0.8/x'],
    ['at the address of the cloud', 'https://169.254.169.254/latest'],
    ['by a name that leads into a private network', 'https://internal.example.com/x'],
    ['at another port', `https://${OTHER_HOST}:8443/x`],
    ['without encryption', `http://${OTHER_HOST}/x`],
    ['without encryption on its own host', `http://${HOST}/x`],
    ['of another scheme', 'file:///etc/passwd'],
    ['with a password', `https://user:password@${OTHER_HOST}/x`],
  ];
  for (const [what, url] of places)
    for (const endpoint of ['token_endpoint', 'jwks_uri', 'userinfo_endpoint'] as const)
      it(`${what}: ${endpoint}`, async () => {
        double.world.names.set('internal.example.com', ['10.0.0.8']);
        double.claims = { email: undefined };
        double.says({ [endpoint]: url });
        const refusal = await refusalOf(comeBack(double.provider()));
        assert.equal(refusal.reason, 'upstream_endpoint_refused');
        assert.ok(double.world.opened.every(({ host }) => host === HOST));
      });

  for (const [what, url] of places)
    it(`${what}: the browser`, async () => {
      double.says({ authorization_endpoint: url });
      // What a name leads to is the browser's to find out.
      if (url.includes('internal.')) await leave(double.provider());
      else assert.equal(await reasonOf(leave(double.provider())), 'upstream_endpoint_refused');
    });

  it('and the browser is not sent to what is no address of a page', async () => {
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'myapp://x']) {
      double.says({ authorization_endpoint: url });
      assert.equal(await reasonOf(leave(double.provider())), 'upstream_endpoint_refused', url);
    }
  });
});

describe('keys are refused', () => {
  const bad: readonly [string, Answer, string][] = [
    ['that are a page', html, 'upstream_keys_unusable'],
    ['that are no set', json({ keys: 'none' }), 'upstream_keys_unusable'],
    ['that are boundless', huge, 'upstream_keys_unusable'],
    [
      'with a private one among them',
      json({ keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', d: 'AQAB' }] }),
      'upstream_keys_unusable',
    ],
    [
      'with a shared secret among them',
      json({ keys: [{ kty: 'oct', k: 'AQAB' }] }),
      'upstream_keys_unusable',
    ],
    ['that are elsewhere', status(302, { location: `https://${OTHER_HOST}/` }), 'upstream_keys_unusable'],
    ['that are not there', status(410), 'upstream_keys_unusable'],
    ['that never come', never, 'upstream_unavailable'],
    ['that come with an error', status(502), 'upstream_unavailable'],
    ['that are none', json({ keys: [] }), 'id_token_key_unknown'],
    [
      'that are weak',
      json({ keys: [{ kty: 'RSA', kid: 'key-1', n: 'AQAB', e: 'AQAB' }] }),
      'id_token_key_unknown',
    ],
  ];
  for (const [what, answer, reason] of bad)
    it(what, async () => {
      if (answer === never) double.milliseconds = 300;
      double.answer('/jwks', answer);
      assert.equal(await reasonOf(comeBack(double.provider())), reason);
    });
});

describe('the token endpoint gives nothing', () => {
  const bad: readonly [string, Answer, string][] = [
    [
      'for a code that is spent',
      (_, response) => void response.writeHead(400).end('{"error":"invalid_grant"}'),
      'upstream_code_refused',
    ],
    [
      'to a client that it does not know',
      (_, response) => void response.writeHead(401).end('{"error":"invalid_client"}'),
      'upstream_misconfigured',
    ],
    [
      'to a request that it does not understand',
      (_, response) => void response.writeHead(400).end('{"error":"invalid_request"}'),
      'upstream_misconfigured',
    ],
    ['but a page', html, 'upstream_unavailable'],
    ['but an error', status(500), 'upstream_unavailable'],
    ['but another address', status(307, { location: `https://${OTHER_HOST}/` }), 'upstream_endpoint_refused'],
    ['ever', never, 'upstream_unavailable'],
  ];
  for (const [what, answer, reason] of bad)
    it(what, async () => {
      if (answer === never) double.milliseconds = 300;
      double.answer('/token', answer);
      assert.equal(await reasonOf(comeBack(double.provider())), reason);
    });
});

describe('UserInfo is refused', () => {
  const bad: readonly [string, Answer, string][] = [
    [
      'of another person',
      json({ sub: 'person-2', email: 'x@example.com' }),
      'upstream_userinfo_subject_differs',
    ],
    ['of nobody', json({ email: 'x@example.com' }), 'upstream_userinfo_subject_differs'],
    ['that is a page', html, 'upstream_userinfo_unusable'],
    ['that is boundless', huge, 'upstream_userinfo_unusable'],
    ['that is elsewhere', status(302, { location: `https://${OTHER_HOST}/` }), 'upstream_userinfo_unusable'],
    ['that is forbidden', status(403), 'upstream_userinfo_unusable'],
    ['that comes with an error', status(503), 'upstream_unavailable'],
    ['that never comes', never, 'upstream_unavailable'],
  ];
  for (const [what, answer, reason] of bad)
    it(what, async () => {
      double.claims = { email: undefined };
      if (answer === never) double.milliseconds = 300;
      double.answer('/userinfo', answer);
      assert.equal(await reasonOf(comeBack(double.provider())), reason);
    });
});

describe('groups that are too many to be sent', () => {
  const settings: Partial<OpenIdSettings> = { groupsClaim: 'groups' };
  it('are not taken for none', async () => {
    for (const claims of [
      { _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } },
      { hasgroups: true },
      { groups: Array.from({ length: 1001 }, (_, at) => `g${at}`) },
    ]) {
      double.claims = claims;
      double.userinfo = { sub: 'person-1' };
      assert.equal(await reasonOf(comeBack(double.provider(settings))), 'upstream_groups_missing');
    }
  });
});
