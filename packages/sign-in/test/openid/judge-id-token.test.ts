// Which claims of an ID token are believed (OpenID Connect Core §3.1.3.7): a table of right and wrong ones, and the property
// that no change to a right one lets in what is wrong.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '@sallyport/protocol';
import {
  judgeIdToken,
  judgeIdTokenHeader,
  type ExpectedIdToken,
} from '../../src/providers/openid/judge-id-token.ts';

const now = 1_700_000_000;
const issuer = 'https://id.example.com';
const client_id = 'client-1';
const nonce = 'n-0123456789';
const access_token = 'access-1';
const expected: ExpectedIdToken = { issuer: { discovery: issuer, issuer }, client_id, nonce, access_token };
const right = { iss: issuer, aud: client_id, sub: 'person-1', iat: now - 5, exp: now + 300, nonce };

const hashOf = (name: string): string => {
  const whole = hash(name, access_token, 'buffer');
  return whole.subarray(0, whole.length / 2).toString('base64url');
};

type Claims = Readonly<Record<string, unknown>>;
const judge = (claims: Claims, alg = 'RS256', more: Partial<ExpectedIdToken> = {}) =>
  judgeIdToken({ ...right, ...claims }, alg, { ...expected, ...more }, now);

const refusedFor = (reason: string) => (failure: unknown) => {
  assert.ok(isRefusal(failure), String(failure));
  assert.equal(failure.reason, reason);
  return true;
};

describe('an ID token is believed', () => {
  const good: readonly [string, Claims, string?][] = [
    ['as the standard has it', {}],
    ['with us as one of a list of one', { aud: [client_id] }],
    ['with several audiences, issued to us', { aud: ['api', client_id], azp: client_id }],
    ['with us as who it was issued to', { azp: client_id }],
    ['by a clock that is a minute behind', { iat: now - 120, exp: now - 59 }],
    ['by a clock that is a minute ahead', { iat: now + 60, nbf: now + 60 }],
    ['with fractions of seconds', { iat: now - 0.5, exp: now + 1.5 }],
    ['with the hash of the access token', { at_hash: hashOf('sha256') }],
    ['with the hash that belongs to its algorithm', { at_hash: hashOf('sha384') }, 'ES384'],
    ['with the hash of Ed25519', { at_hash: hashOf('sha512') }, 'EdDSA'],
    ['with the longest subject', { sub: 'x'.repeat(255) }],
  ];
  for (const [what, claims, alg] of good)
    it(what, () => {
      const { subject, issuer: by } = judge(claims, alg);
      assert.deepEqual([subject, by], [{ ...right, ...claims }.sub, issuer]);
    });

  it('and says when the person proved who they are', () => {
    assert.equal(judge({ auth_time: now - 7 }).authenticatedAt, now - 7);
    assert.equal(judge({}).authenticatedAt, undefined);
  });
});

describe('an ID token is refused', () => {
  const bad: readonly [string, Claims, string, string?][] = [
    ['by another issuer', { iss: 'https://evil.example.net' }, 'id_token_issuer_wrong'],
    ['by nearly the same issuer', { iss: `${issuer}/` }, 'id_token_issuer_wrong'],
    ['by nobody', { iss: undefined }, 'id_token_issuer_wrong'],
    ['by a list of issuers', { iss: [issuer] }, 'id_token_issuer_wrong'],
    ['for another application', { aud: 'client-2' }, 'id_token_audience_wrong'],
    ['for nobody', { aud: undefined }, 'id_token_audience_wrong'],
    ['for an empty list', { aud: [] }, 'id_token_audience_wrong'],
    ['for us inside of something', { aud: [[client_id]] }, 'id_token_audience_wrong'],
    ['for several, issued to nobody', { aud: [client_id, 'api'] }, 'id_token_azp_wrong'],
    ['for several, issued to another', { aud: [client_id, 'api'], azp: 'api' }, 'id_token_azp_wrong'],
    ['issued to another', { azp: 'client-2' }, 'id_token_azp_wrong'],
    ['issued to null', { azp: null }, 'id_token_azp_wrong'],
    ['a minute after its end', { exp: now - 60 }, 'id_token_expired'],
    ['without an end', { exp: undefined }, 'id_token_times_malformed'],
    ['with a text for its end', { exp: String(now + 300) }, 'id_token_times_malformed'],
    ['with an end that is no number', { exp: Number.NaN }, 'id_token_times_malformed'],
    ['with an end beyond all time', { exp: 2 ** 53 }, 'id_token_times_malformed'],
    ['without a beginning', { iat: undefined }, 'id_token_times_malformed'],
    ['from the future', { iat: now + 61 }, 'id_token_not_yet_valid'],
    ['before its time', { nbf: now + 61 }, 'id_token_not_yet_valid'],
    ['with a text for its time', { nbf: 'now' }, 'id_token_times_malformed'],
    ['of another sign-in', { nonce: 'n-9876543210' }, 'id_token_nonce_wrong'],
    ['of no sign-in', { nonce: undefined }, 'id_token_nonce_wrong'],
    ['of several sign-ins', { nonce: [nonce] }, 'id_token_nonce_wrong'],
    ['with another access token', { at_hash: hashOf('sha512') }, 'id_token_at_hash_wrong'],
    ['with the hash of another algorithm', { at_hash: hashOf('sha256') }, 'id_token_at_hash_wrong', 'RS512'],
    ['with an empty hash', { at_hash: '' }, 'id_token_at_hash_wrong'],
    ['with a null for a hash', { at_hash: null }, 'id_token_at_hash_wrong'],
    ['about nobody', { sub: undefined }, 'id_token_subject_invalid'],
    ['about an empty name', { sub: '' }, 'id_token_subject_invalid'],
    ['about a number', { sub: 7 }, 'id_token_subject_invalid'],
    ['about too long a name', { sub: 'x'.repeat(256) }, 'id_token_subject_invalid'],
    ['about a name beyond ASCII', { sub: 'jürgen' }, 'id_token_subject_invalid'],
    ['about a name with a line end', { sub: 'a\nb' }, 'id_token_subject_invalid'],
    ['of somebody who signs in tomorrow', { auth_time: now + 61 }, 'id_token_times_malformed'],
    ['of somebody who signed in at a text', { auth_time: 'now' }, 'id_token_times_malformed'],
  ];
  for (const [what, claims, reason, alg] of bad)
    it(what, () => assert.throws(() => judge(claims, alg), refusedFor(reason)));
});

describe('the issuer of several tenants', () => {
  const tid = '11111111-2222-4333-8444-555555555555';
  const rule = {
    discovery: 'https://login.example.com/common/v2.0',
    issuer: 'https://login.example.com/{tenantid}/v2.0',
    placeholder: { text: '{tenantid}', claim: 'tid', pattern: /^[0-9a-f-]{36}$/ },
  };
  const iss = `https://login.example.com/${tid}/v2.0`;
  const judgeTenant = (claims: Claims) => judge({ iss, tid, ...claims }, 'RS256', { issuer: rule });

  it('is that of the tenant', () => assert.equal(judgeTenant({}).issuer, iss));
  it('is refused when it is another than the tenant says, or the pattern itself', () => {
    const other = '99999999-2222-4333-8444-555555555555';
    for (const claims of [
      { tid: other },
      { tid: undefined },
      { tid: '{tenantid}', iss: rule.issuer },
      { tid: '../x', iss: 'https://login.example.com/../x/v2.0' },
      { iss: rule.issuer },
      { iss: rule.discovery },
    ])
      assert.throws(() => judgeTenant(claims), refusedFor('id_token_issuer_wrong'), JSON.stringify(claims));
  });
});

describe('another spelling of an issuer', () => {
  const spelled = { ...expected.issuer, spellings: ['id.example.com'] };
  it('is the same issuer, and no other is', () => {
    assert.equal(judge({ iss: 'id.example.com' }, 'RS256', { issuer: spelled }).issuer, issuer);
    assert.throws(
      () => judge({ iss: 'id.example.com/' }, 'RS256', { issuer: spelled }),
      refusedFor('id_token_issuer_wrong'),
    );
  });
});

describe('the header', () => {
  const algs = ['RS256', 'ES256'];
  it('names an algorithm that is taken, and says that this is a JWT or nothing', () => {
    for (const typ of [undefined, 'JWT', 'jwt', 'application/jwt'])
      assert.equal(judgeIdTokenHeader({ alg: 'RS256', typ }, algs), 'RS256');
  });
  it('is refused otherwise', () => {
    for (const alg of ['none', 'None', 'HS256', 'rs256', '', undefined, ['RS256'], null])
      assert.throws(() => judgeIdTokenHeader({ alg }, algs), refusedFor('id_token_alg_refused'));
    for (const header of [
      { typ: 'at+jwt' },
      { typ: 'logout+jwt' },
      { typ: 1 },
      { crit: ['b64'] },
      { crit: [] },
    ])
      assert.throws(
        () => judgeIdTokenHeader({ alg: 'RS256', ...header }, algs),
        refusedFor('id_token_malformed'),
      );
  });
});

describe('whatever is changed in a right token', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.constantFrom(undefined, null, true, '', [], {}, [client_id], [issuer], client_id, issuer, nonce, now),
    fc.array(fc.oneof(fc.string(), fc.constant(client_id))),
    fc.dictionary(fc.string(), fc.string()),
  );
  const names = ['iss', 'aud', 'azp', 'sub', 'exp', 'iat', 'nbf', 'nonce', 'at_hash', 'auth_time', 'tid'];
  const changes = fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 4 });

  it('nothing is believed that is not by the issuer, for us, of this sign-in, in time and about one person', () => {
    let [believed, refused] = [0, 0];
    fc.assert(
      fc.property(changes, (changed) => {
        const claims: Claims = { ...right, ...changed };
        try {
          const { subject } = judgeIdToken(claims, 'RS256', expected, now);
          believed += 1;
          const { iss, aud, azp, exp, iat, at_hash } = claims;
          assert.equal(iss, issuer);
          assert.ok(aud === client_id || (Array.isArray(aud) && aud.includes(client_id)));
          assert.ok(azp === client_id || (azp === undefined && [aud].flat().length === 1));
          assert.ok(typeof exp === 'number' && exp > now - 60);
          assert.ok(typeof iat === 'number' && iat <= now + 60);
          assert.equal(claims['nonce'], nonce);
          assert.ok(at_hash === undefined || at_hash === hashOf('sha256'));
          assert.equal(subject, claims['sub']);
          assert.match(subject, /^[\x20-\x7e]{1,255}$/);
        } catch (failure) {
          if (!isRefusal(failure)) throw failure;
          assert.match(failure.reason, /^id_token_/);
          refused += 1;
        }
      }),
      { numRuns: 5000 },
    );
    assert.ok(believed > 50 && refused > 500, `${believed} believed, ${refused} refused`);
  });
});
