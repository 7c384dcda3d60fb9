import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  codeChallengeOf,
  createSecrets,
  digest,
  EnvelopeError,
  equalInConstantTime,
  isCodeVerifier,
  orderedId,
  randomToken,
  readSecrets,
  seal,
  sealedUnder,
  unseal,
} from '@sallyport/crypto';

const all = readSecrets(createSecrets(0));
const secrets = { sealing: all.sealing.keys[0]!, cookies: all.cookies.keys[0]! };

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
  it('say under which key they were sealed', () => {
    assert.equal(sealedUnder(seal(secrets.sealing, 'row', 'content')), secrets.sealing.id);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 28 }), (bytes) => sealedUnder(bytes) === undefined));
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
