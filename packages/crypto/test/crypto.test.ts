import assert from 'node:assert/strict';
import { verify, createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { jwtVerify, createLocalJWKSet } from 'jose';
import {
  codeChallengeOf,
  createSecrets,
  createSigningKey,
  digest,
  EnvelopeError,
  equalInConstantTime,
  hmac,
  isCodeVerifier,
  openKeyRing,
  orderedId,
  randomToken,
  readSecrets,
  seal,
  unseal,
} from '@sallyport/crypto';

const secrets = readSecrets(createSecrets());

describe('PKCE S256', () => {
  it('agrees with RFC 7636 appendix B', () => {
    const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    assert.equal(codeChallengeOf(code_verifier), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    assert.ok(isCodeVerifier(code_verifier, 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'));
  });
  it('refuses a verifier outside the grammar even when its digest fits', () => {
    for (const bad of ['', 'short', 'x'.repeat(129), `${'x'.repeat(42)} `, `${'x'.repeat(42)}é`])
      assert.ok(!isCodeVerifier(bad, codeChallengeOf(bad)), bad);
  });
});

describe('randomToken', () => {
  it('never repeats and stays in the URL-safe alphabet', () => {
    const seen = new Set(Array.from({ length: 5000 }, () => randomToken()));
    assert.equal(seen.size, 5000);
    for (const token of seen) assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  });
  it('refuses sizes that would not be random or not be sane', () => {
    for (const bytes of [0, -1, 65, 1.5, Number.NaN]) assert.throws(() => randomToken(bytes), RangeError);
  });
});

describe('orderedId', () => {
  it('is a UUID of version 7 that sorts after the one before', () => {
    const ids = Array.from({ length: 20_000 }, () => orderedId());
    assert.deepEqual(ids.toSorted(), ids);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids)
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('digest and comparison', () => {
  it('is SHA-256 (FIPS 180-4 example "abc") in base64url', () => {
    assert.equal(
      Buffer.from(digest('abc'), 'base64url').toString('hex'),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
  it('compares as === does', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const same = Buffer.from(a).equals(Buffer.from(b));
        assert.equal(equalInConstantTime(a, b), same);
        assert.ok(equalInConstantTime(a, a));
      }),
    );
  });
});

describe('secrets', () => {
  it('survive print and parse, one key for each purpose', () => {
    const document = createSecrets();
    const again = readSecrets(JSON.parse(JSON.stringify(document)));
    assert.equal(hmac(again.derivation, 'x'), hmac(readSecrets(document).derivation, 'x'));
    assert.notEqual(hmac(again.derivation, 'x'), hmac(again.cookies, 'x'));
  });
  it('are refused when damaged, by the name of the member and without its value', () => {
    const document = createSecrets();
    const damaged = { ...document, keys: { ...document.keys, sealing: { id: 'a', key: 'c2hvcnQ' } } };
    assert.throws(
      () => readSecrets(damaged),
      (error: Error) => {
        assert.match(error.message, /keys\.sealing\.key/);
        assert.doesNotMatch(error.message, /c2hvcnQ/);
        return true;
      },
    );
    for (const bad of [undefined, null, 7, [], {}, { version: 2 }, { version: 1 }])
      assert.throws(() => readSecrets(bad), TypeError);
  });
});

describe('envelopes', () => {
  it('open to what was sealed, for their own row and key only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, identity) => {
        const envelope = seal(secrets.sealing, identity, text);
        assert.equal(
          unseal([secrets.cookies, secrets.sealing], identity, envelope),
          Buffer.from(text).toString(),
        );
        assert.throws(() => unseal([secrets.sealing], `${identity}x`, envelope), EnvelopeError);
        assert.throws(() => unseal([secrets.cookies], identity, envelope), EnvelopeError);
      }),
    );
  });
  it('refuse any changed byte and any bytes at all', () => {
    const envelope = seal(secrets.sealing, 'row', 'content');
    for (let at = 0; at < envelope.length; at++) {
      const changed = Uint8Array.from(envelope);
      changed[at]! ^= 1;
      assert.throws(() => unseal([secrets.sealing], 'row', changed), EnvelopeError);
      assert.throws(() => unseal([secrets.sealing], 'row', envelope.slice(0, at)), EnvelopeError);
    }
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.throws(() => unseal([secrets.sealing], 'row', bytes), EnvelopeError);
      }),
    );
  });
});

describe('signing keys', () => {
  it('sign JWTs that another implementation verifies, and publish no private member', async () => {
    const stored = await createSigningKey(secrets.sealing, 1);
    const ring = openKeyRing([stored], secrets.sealing);
    const jwt = ring.signJwt('at+jwt', { sub: 'a', exp: 4_000_000_000 });
    const { payload, protectedHeader } = await jwtVerify(
      jwt,
      createLocalJWKSet(structuredClone(ring.jwks) as never),
    );
    assert.equal(payload.sub, 'a');
    assert.deepEqual(protectedHeader, { alg: 'ES256', typ: 'at+jwt', kid: stored.kid });
    const published = JSON.stringify(ring.jwks);
    assert.ok(!('d' in ring.jwks.keys[0]!) && !published.includes('"d"'));
  });
  it('are 32 bytes of r and 32 of s, also where either begins with zeros (RFC 7518 §3.4)', async () => {
    const ring = openKeyRing([await createSigningKey(secrets.sealing, 1)], secrets.sealing);
    const key = createPublicKey({ key: ring.jwks.keys[0] as never, format: 'jwk' });
    let short = 0;
    // Every 128th has a shorter r or s.
    for (let jti = 0; jti < 3000; jti += 1) {
      const [header, claims, text] = ring.signJwt('at+jwt', { jti }).split('.') as [string, string, string];
      const signature = Buffer.from(text, 'base64url');
      assert.equal(signature.length, 64);
      if (signature[0] === 0 || signature[32] === 0) short += 1;
      const input = Buffer.from(`${header}.${claims}`);
      assert.ok(verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature), text);
    }
    assert.ok(short > 0);
  });
  it('read back only what they signed, of the type asked for', async () => {
    const ring = openKeyRing([await createSigningKey(secrets.sealing, 1)], secrets.sealing);
    const other = openKeyRing([await createSigningKey(secrets.sealing, 1)], secrets.sealing);
    const jwt = ring.signJwt('at+jwt', { sub: 'a', exp: 5 });
    assert.deepEqual(await ring.readSignedJwt('at+jwt', jwt), { sub: 'a', exp: 5 });
    assert.equal(await ring.readSignedJwt('jwt', jwt), undefined);
    assert.equal(await other.readSignedJwt('at+jwt', jwt), undefined);
    assert.equal(await ring.readSignedJwt('at+jwt', `${jwt}x`), undefined);
    assert.equal(await ring.readSignedJwt('at+jwt', 'no'), undefined);
  });
  it('cannot be opened with other secrets', async () => {
    const stored = await createSigningKey(secrets.sealing, 1);
    assert.throws(() => openKeyRing([stored], secrets.cookies), EnvelopeError);
    assert.throws(() => openKeyRing([], secrets.sealing), RangeError);
  });
});
