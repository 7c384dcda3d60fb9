// Clients that prove themselves by a signature (RFC 7523, OpenID Connect Core §9): from the registration to the
// revocation, and every assertion that is refused, with what its maker is told.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { foreignSigningAlgs } from '@sallyport/crypto';
import {
  assertionBy,
  assertionForm,
  clientKey,
  encode,
  keyOf,
  signed,
  type Asserted,
  type ClientKey,
} from '../../authorization-server/test/assertions.ts';
import { askMcp, askToken, authorizeAndAllow, EMAIL, PASSWORD, register } from './house/client.ts';
import type { Registered, Tokens } from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

const key = clientKey('ES256');
const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } };

let house: House;
let client: Registered;
before(async () => {
  house = await openHouse();
  await house.addPerson(EMAIL, PASSWORD);
  client = await register(house, keys);
});
after(() => house.close());

type Wrong = Pick<Asserted, 'header' | 'claims'>;

const assertion = (wrong: Wrong = {}, by: ClientKey = key, { client_id } = client): string =>
  assertionBy(by, { client_id, issuer: house.origin, now: house.clock.now, ...wrong });

/** A token request that fails for its refresh token alone, if its client is let in. */
async function refusalOf(
  form: Readonly<Record<string, string>>,
  headers: Record<string, string> = {},
): Promise<{ status: number; error: string; says: string; reason: unknown }> {
  house.events.length = 0;
  const request = { grant_type: 'refresh_token', refresh_token: 'nothing', ...form };
  const response = await askToken(house, request, headers);
  const { error, error_description } = (await response.json()) as Record<string, string>;
  const refused = house.events.find(({ event }) => event === 'refused');
  // Nothing that a stranger wrote comes back.
  assert.match(error_description ?? '', /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  return {
    status: response.status,
    error: error!,
    says: error_description!,
    reason: refused?.facts['reason'],
  };
}

const isLetIn = { error: 'invalid_grant', reason: 'refresh_token_invalid' };

async function letsIn(client_assertion: string, more: Record<string, string> = {}): Promise<void> {
  const { error, reason } = await refusalOf({ ...assertionForm(client_assertion), ...more });
  assert.deepEqual({ error, reason }, isLetIn);
}

async function refuses(
  client_assertion: string,
  reason: string,
  says: RegExp,
  more: Record<string, string> = {},
): Promise<void> {
  const told = await refusalOf({ ...assertionForm(client_assertion), ...more });
  assert.deepEqual({ ...told, says: '' }, { status: 401, error: 'invalid_client', says: '', reason });
  assert.match(told.says, says);
}

describe('a client that registered its key', () => {
  it('gets tokens, calls a tool, refreshes, asks about them and revokes, each time with a new assertion', async () => {
    assert.equal(client.client_secret, undefined);
    assert.equal(client['client_secret_expires_at'], undefined);
    assert.deepEqual(client['jwks'], keys.jwks);
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const proof = () => assertionForm(assertion());
    const redeemed = await askToken(house, {
      grant_type: 'authorization_code',
      code,
      code_verifier,
      ...proof(),
    });
    assert.equal(redeemed.status, 200, await redeemed.clone().text());
    const tokens = (await redeemed.json()) as Tokens;
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);

    const refreshed = await askToken(house, {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
      ...proof(),
    });
    assert.equal(refreshed.status, 200);
    const post = (path: string, form: Record<string, string>) =>
      house.ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      });
    const token = tokens.access_token;
    const known = await post('/oauth/introspect', { token, ...proof() });
    assert.equal(((await known.json()) as { active: boolean }).active, true);
    assert.equal((await post('/oauth/revoke', { token, ...proof() })).status, 200);
    assert.equal((await askMcp(house, token)).status, 401);
  });

  it('is let in with or without client_id beside the assertion, and not with another', async () => {
    await letsIn(assertion());
    await letsIn(assertion(), { client_id: client.client_id });
    await refuses(assertion(), 'assertion_subject_differs', /must both be the client_id/, { client_id: 'x' });
  });

  it('is let in with one audience: the issuer, or the token endpoint', async () => {
    for (const aud of [house.origin, `${house.origin}/oauth/token`, [house.origin]])
      await letsIn(assertion({ claims: { aud } }));
  });

  it('is let in with a clock that is up to a minute wrong', async () => {
    const { now } = house.clock;
    for (const ahead of [-60, -30, 30, 60])
      await letsIn(assertion({ claims: { iat: now + ahead, nbf: now + ahead, exp: now + ahead + 61 } }));
    await letsIn(assertion({ claims: { exp: now - 59, iat: now - 100 } }));
  });

  it('may say a type that says what it is, or none', async () => {
    const types = ['jwt', 'JWT', 'client-authentication+jwt', 'application/client-authentication+jwt'];
    for (const typ of [...types, undefined]) await letsIn(assertion({ header: { typ } }));
  });

  for (const alg of foreignSigningAlgs)
    it(`may sign with ${alg}`, async () => {
      const own = clientKey(alg);
      const registered = await register(house, { ...keys, jwks: { keys: [own.jwk] } });
      await letsIn(assertion({}, own, registered));
      await refuses(assertion({}, clientKey(alg), registered), 'assertion_signature_wrong', /not by the key/);
    });

  it('needs no kid while only one of its keys fits', async () => {
    const [own, rsa, other] = [clientKey('ES256', 'a'), clientKey('RS256', 'b'), clientKey('ES256', 'c')];
    const jwksOf = (...all: ClientKey[]) => ({ ...keys, jwks: { keys: all.map(({ jwk }) => jwk) } });
    const two = await register(house, jwksOf(own, rsa));
    await letsIn(assertion({ header: { kid: undefined } }, own, two));
    await letsIn(assertion({ header: { kid: undefined } }, rsa, two));
    const three = await register(house, jwksOf(own, rsa, other));
    await letsIn(assertion({}, other, three));
    const without = assertion({ header: { kid: undefined } }, own, three);
    await refuses(without, 'assertion_key_ambiguous', /say in its header which one, by a kid/);
  });

  it('is nobody else’s, though anybody can register with its public key', async () => {
    const copy = await register(house, keys);
    assert.notEqual(copy.client_id, client.client_id);
    const { client_id } = copy;
    await refuses(assertion(), 'assertion_subject_differs', /must both be/, { client_id });
    await letsIn(assertion());
  });

  it('may replace its key by itself (RFC 7592): the new one is good at once, and the old one no more', async () => {
    const [first, second] = [clientKey(), clientKey()];
    const own = await register(house, { ...keys, jwks: { keys: [first.jwk] } });
    await letsIn(assertion({}, first, own));
    const { client_id, registration_access_token } = own;
    const change = (jwks: object) =>
      house.ask(`/oauth/register/${client_id}`, {
        method: 'PUT',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${String(registration_access_token)}`,
        },
        body: JSON.stringify({ client_id, redirect_uris: own['redirect_uris'], ...keys, jwks }),
      });
    assert.equal((await change({ keys: [second.jwk] })).status, 200);
    await letsIn(assertion({}, second, own));
    await refuses(assertion({}, first, own), 'assertion_signature_wrong', /not by the key/);
    const withSecret = await change({ keys: [second.privateKey.export({ format: 'jwk' })] });
    assert.equal(withSecret.status, 400);
    await letsIn(assertion({}, second, own));
  });

  it('may bind itself to one algorithm', async () => {
    const rsa = clientKey('RS256');
    const bound = await register(house, {
      ...keys,
      jwks: { keys: [rsa.jwk] },
      token_endpoint_auth_signing_alg: 'PS256',
    });
    const says = /the one that the client registered/;
    await refuses(assertion({}, rsa, bound), 'assertion_alg_refused', says);
    await letsIn(assertion({}, { ...rsa, alg: 'PS256' }, bound));
  });
});

describe('an assertion is refused', () => {
  let at: number;
  beforeEach(() => {
    at = house.clock.now;
  });
  const other = clientKey('ES256');
  const cases: Readonly<Record<string, [string, RegExp, () => string]>> = {
    'that is not signed (none)': [
      'assertion_alg_refused',
      /token_endpoint_auth_signing_alg_values_supported/,
      () => signed(key, { alg: 'none' }, claimsNow()).replace(/[^.]*$/, 'AA'),
    ],
    'that is signed with the public key as a secret (HS256)': [
      'assertion_alg_refused',
      /token_endpoint_auth_signing_alg_values_supported/,
      () => hmacByPublicKey(),
    ],
    'for another server': [
      'assertion_audience_refused',
      /aud of client_assertion must be exactly http:\/\/localhost:8000 and nothing else/,
      () => assertion({ claims: { aud: 'https://other.example.com' } }),
    ],
    'for this server and another': [
      'assertion_audience_refused',
      /nothing else/,
      () => assertion({ claims: { aud: [house.origin, 'https://other.example.com'] } }),
    ],
    'for this server by two names': [
      'assertion_audience_refused',
      /nothing else/,
      () => assertion({ claims: { aud: [house.origin, `${house.origin}/oauth/token`] } }),
    ],
    'for this server with a slash': [
      'assertion_audience_refused',
      /exactly/,
      () => assertion({ claims: { aud: `${house.origin}/` } }),
    ],
    'for another endpoint': [
      'assertion_audience_refused',
      /exactly/,
      () => assertion({ claims: { aud: `${house.origin}/oauth/revoke` } }),
    ],
    'for nobody': ['assertion_audience_refused', /exactly/, () => assertion({ claims: { aud: undefined } })],
    'for an empty list': ['assertion_audience_refused', /exactly/, () => assertion({ claims: { aud: [] } })],
    'about somebody else': [
      'assertion_subject_differs',
      /iss and sub/,
      () => assertion({ claims: { sub: 'somebody' } }),
    ],
    'by somebody else': [
      'assertion_subject_differs',
      /iss and sub/,
      () => assertion({ claims: { iss: 'https://idp.example.com' } }),
    ],
    'about nobody': [
      'assertion_subject_differs',
      /iss and sub/,
      () => assertion({ claims: { iss: undefined, sub: undefined } }),
    ],
    'that has expired': [
      'assertion_expired',
      /expired 61 seconds ago/,
      () => assertion({ claims: { iat: at - 121, exp: at - 61 } }),
    ],
    'that never expires': [
      'assertion_times_malformed',
      /exp of client_assertion is required/,
      () => assertion({ claims: { exp: undefined } }),
    ],
    'that expires in milliseconds': [
      'assertion_times_malformed',
      /not of milliseconds/,
      () => assertion({ claims: { exp: (at + 60) * 1000 } }),
    ],
    'that expires as a text': [
      'assertion_times_malformed',
      /numbers of seconds/,
      () => assertion({ claims: { exp: String(at + 60) } }),
    ],
    'that lives for too long': [
      'assertion_lifetime_refused',
      /made for 3600 seconds, from iat to exp; at most 600/,
      () => assertion({ claims: { exp: at + 3600 } }),
    ],
    'that says nothing of when, and lives for too long': [
      'assertion_lifetime_refused',
      /at most 600/,
      () => assertion({ claims: { iat: undefined, exp: at + 661 } }),
    ],
    'that was made for long, long ago': [
      'assertion_lifetime_refused',
      /at most 600/,
      () => assertion({ claims: { iat: at - 3600, exp: at + 60 } }),
    ],
    'that is not good yet': [
      'assertion_not_yet_valid',
      /120 seconds ahead of the clock/,
      () => assertion({ claims: { nbf: at + 120, exp: at + 180 } }),
    ],
    'that was made in the future': [
      'assertion_not_yet_valid',
      /61 seconds ahead/,
      () => assertion({ claims: { iat: at + 61, exp: at + 121 } }),
    ],
    'without a jti': [
      'assertion_jti_missing',
      /another one for each request/,
      () => assertion({ claims: { jti: undefined } }),
    ],
    'with an endless jti': [
      'assertion_jti_missing',
      /1 to 256 characters/,
      () => assertion({ claims: { jti: 'x'.repeat(257) } }),
    ],
    'with a jti that is none': ['assertion_jti_missing', /a text/, () => assertion({ claims: { jti: 7 } })],
    'by a key that nobody knows': [
      'assertion_key_unknown',
      /look at kid and alg/,
      () => assertion({ header: { kid: 'key-2' } }),
    ],
    'with a kid that is none': [
      'assertion_key_unknown',
      /look at kid/,
      () => assertion({ header: { kid: null } }),
    ],
    'by a key of another kind': [
      'assertion_key_unknown',
      /look at kid and alg/,
      () => assertion({}, clientKey('RS256')),
    ],
    'by another client’s key': [
      'assertion_signature_wrong',
      /not by the key of this client/,
      () => assertion({}, other),
    ],
    'with a key of its own choice in the header': [
      'assertion_signature_wrong',
      /not by the key of this client/,
      () => assertion({ header: { jwk: other.jwk, jku: 'https://evil.example.com/jwks' } }, other),
    ],
    'that was changed afterwards': [
      'assertion_signature_wrong',
      /not by the key/,
      () => {
        const [head, , signature] = assertion().split('.');
        return `${head}.${encode(claimsNow())}.${signature}`;
      },
    ],
    'whose signature is cut off': [
      'assertion_malformed',
      /signed JWT in compact form/,
      () => assertion().replace(/[^.]*$/, ''),
    ],
    'that is encrypted, or anything else': ['assertion_malformed', /compact form/, () => 'a.b.c.d.e'],
    'that says something twice in its header': [
      'assertion_malformed',
      /no member is in them twice/,
      () => signed(key, `{"alg":"ES256","kid":"key-1","alg":"ES256"}`, claimsNow()),
    ],
    'that says something twice in its claims': [
      'assertion_malformed',
      /no member is in them twice/,
      () =>
        signed(key, { alg: 'ES256' }, `{"aud":"https://x.example",${JSON.stringify(claimsNow()).slice(1)}`),
    ],
    'with a prototype in it': [
      'assertion_malformed',
      /compact form/,
      () => signed(key, { alg: 'ES256' }, `{"__proto__":{},${JSON.stringify(claimsNow()).slice(1)}`),
    ],
    'whose base64url is not the one spelling': ['assertion_malformed', /base64url/, () => `${assertion()}=`],
    'that is an access token': [
      'assertion_typ_refused',
      /typ in the header/,
      () => assertion({ header: { typ: 'at+jwt' } }),
    ],
    'that is a proof of possession': [
      'assertion_typ_refused',
      /typ in the header/,
      () => assertion({ header: { typ: 'dpop+jwt' } }),
    ],
    'with something that must be understood': [
      'assertion_typ_refused',
      /crit must not be there/,
      () => assertion({ header: { crit: ['b64'], b64: false } }),
    ],
  };
  for (const [name, [reason, says, make]] of Object.entries(cases))
    it(`${name} (${reason})`, () => refuses(make(), reason, says));

  it('that is huge, before it is read', async () => {
    const told = await refusalOf(assertionForm(assertion({ claims: { padding: 'x'.repeat(8000) } })));
    assert.deepEqual([told.status, told.error, told.reason], [400, 'invalid_request', 'malformed_request']);
  });

  it('of another type, or of none, or when there is only the type', async () => {
    const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
    for (const form of [
      { client_assertion: assertion(), client_assertion_type: saml },
      { client_assertion: assertion() },
      { client_assertion_type: assertionForm('')['client_assertion_type']! },
    ]) {
      const told = await refusalOf({ client_id: client.client_id, ...form });
      assert.deepEqual([told.error, told.reason], ['invalid_client', 'assertion_type_unsupported']);
    }
  });

  it('when the client authenticates in another way too', async () => {
    const { client_id } = client;
    const basic = `Basic ${Buffer.from(`${client_id}:x`).toString('base64')}`;
    const withSecret = { client_id, client_secret: 'x', ...assertionForm(assertion()) };
    assert.equal((await refusalOf(withSecret)).reason, 'several_client_authentications');
    const told = await refusalOf(assertionForm(assertion()), { authorization: basic });
    assert.deepEqual([told.error, told.reason], ['invalid_request', 'several_client_authentications']);
  });

  it('of a client that is not known, or authenticates by a secret or not at all, all alike', async () => {
    const [open, secret] = [
      await register(house),
      await register(house, { token_endpoint_auth_method: 'client_secret_basic' }),
    ];
    for (const known of [{ client_id: 'nobody' }, open, secret])
      await refuses(assertion({}, key, known), 'client_authentication_failed', /not registered here/);
  });

  it('of a client that has a key and brings none', async () => {
    const told = await refusalOf({ client_id: client.client_id });
    assert.equal(told.reason, 'client_authentication_failed');
  });

  it('the second time, whatever else is asked with it', async () => {
    const once = assertion();
    await letsIn(once);
    await refuses(once, 'assertion_replayed', /was used before/);
    house.clock.now += 60;
    await refuses(once, 'assertion_replayed', /was used before/);
    // What is claimed is the jti, not the text.
    const jti = 'the same';
    await letsIn(assertion({ claims: { jti } }));
    await refuses(assertion({ claims: { jti, exp: house.clock.now + 100 } }), 'assertion_replayed', /before/);
    // Of each client.
    const own = clientKey();
    const another = await register(house, { ...keys, jwks: { keys: [own.jwk] } });
    await letsIn(assertion({ claims: { jti } }, own, another));
  });

  it('and leaves its jti to the one that is right', async () => {
    const jti = 'wanted';
    await refuses(assertion({ claims: { jti } }, other), 'assertion_signature_wrong', /not by the key/);
    await refuses(assertion({ claims: { jti, aud: 'x' } }), 'assertion_audience_refused', /exactly/);
    await letsIn(assertion({ claims: { jti } }));
  });

  function claimsNow() {
    const { client_id } = client;
    return { iss: client_id, sub: client_id, aud: house.origin, exp: at + 60, jti: 'changed' };
  }

  /** RFC 8725 §2.1: whoever took the algorithm from the token would take the public key for a shared secret. */
  function hmacByPublicKey(): string {
    const pem = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' });
    const input = `${encode({ alg: 'HS256', kid: key.jwk.kid })}.${encode(claimsNow())}`;
    return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
  }
});

describe('a client cannot register', () => {
  const register_ = async (metadata: object) => {
    const response = await house.ask('/oauth/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['https://a.example.com/callback'], ...keys, ...metadata }),
    });
    const { error, error_description } = (await response.json()) as Record<string, string>;
    return { status: response.status, error, says: error_description };
  };
  const weak = keyOf('RS256', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey).jwk;
  const secret = { kty: 'oct', k: 'c2VjcmV0', kid: 'key-1' };
  const jwks_uri = 'https://a.example.com/jwks';
  const cases: Readonly<Record<string, object>> = {
    'no key': { jwks: undefined },
    'an empty set': { jwks: { keys: [] } },
    'a private key': { jwks: { keys: [key.privateKey.export({ format: 'jwk' })] } },
    'a shared secret as a key': { jwks: { keys: [key.jwk, secret] } },
    'a weak RSA key': { jwks: { keys: [weak] } },
    'a key for encryption': { jwks: { keys: [{ ...key.jwk, use: 'enc' }] } },
    'a key for signing, and not for verifying': { jwks: { keys: [{ ...key.jwk, key_ops: ['sign'] }] } },
    'a key for another algorithm': { jwks: { keys: [{ ...key.jwk, alg: 'ECDH-ES' }] } },
    'keys by value and by reference': { jwks_uri },
    'keys on plain http': { jwks: undefined, jwks_uri: 'http://a.example.com/jwks' },
    'keys on this machine': { jwks: undefined, jwks_uri: 'https://localhost/jwks' },
    'keys in a private network': { jwks: undefined, jwks_uri: 'https://10.0.0.1/jwks' },
    'keys at another port': { jwks: undefined, jwks_uri: 'https://a.example.com:8443/jwks' },
    'an algorithm that is not there': { token_endpoint_auth_signing_alg: 'HS256' },
    'an algorithm that no key of it is for': { token_endpoint_auth_signing_alg: 'RS256' },
    'too many keys': { jwks: { keys: Array.from({ length: 33 }, () => key.jwk) } },
    'keys that are none': { jwks: 'https://a.example.com/jwks' },
  };
  for (const [name, metadata] of Object.entries(cases))
    it(name, async () => {
      const { status, error, says } = await register_(metadata);
      assert.deepEqual([status, error], [400, 'invalid_client_metadata']);
      assert.match(says ?? '', /either jwks, .* or jwks_uri, a public https URL/);
    });
});
