import assert from 'node:assert/strict';
import { verify, createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import {
  createSecrets,
  createSigningKey,
  openKeyRing,
  readSecrets,
  sealSigningKey,
  SecretsOutdated,
  signerAt,
  signingAlgs,
  type NamedKey,
  type SealedSigningKey,
  type SigningAlg,
} from '@sallyport/crypto';

const now = 1_800_000_000;
const sealing = newSealingKey();

function newSealingKey(): NamedKey {
  const [key] = readSecrets(createSecrets(now)).sealing.keys;
  assert.ok(key);
  return key;
}

async function aKey(
  alg: SigningAlg = 'ES256',
  dates: Partial<SealedSigningKey> = {},
  under: NamedKey = sealing,
): Promise<SealedSigningKey> {
  return sealSigningKey(await createSigningKey(alg), under, { createdAt: now, signsFromAt: now, ...dates });
}

const kidOf = (jwt: string): unknown =>
  (JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as { kid?: unknown }).kid;

describe('a signing key', () => {
  for (const alg of signingAlgs) {
    it(`of ${alg} signs JWTs that another implementation verifies, and publishes no private member`, async () => {
      const stored = await aKey(alg);
      const ring = openKeyRing([stored], [sealing]);
      const jwt = ring.signJwt('at+jwt', { sub: 'a', exp: 4_000_000_000 }, now);
      const keys = createLocalJWKSet(structuredClone(ring.jwks) as unknown as JSONWebKeySet);
      const { payload, protectedHeader } = await jwtVerify(jwt, keys, { algorithms: [alg] });
      assert.equal(payload.sub, 'a');
      assert.deepEqual(protectedHeader, { alg, typ: 'at+jwt', kid: stored.kid });
      const [published] = ring.jwks.keys;
      assert.deepEqual([published?.alg, published?.use, published?.kid], [alg, 'sig', stored.kid]);
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) assert.ok(!(secret in published!), secret);
      assert.deepEqual(await ring.readSignedJwt('at+jwt', jwt), { sub: 'a', exp: 4_000_000_000 });
    });
  }

  it('of ES256 gives 32 bytes of r and 32 of s, also where either begins with zeros (RFC 7518 §3.4)', async () => {
    const ring = openKeyRing([await aKey()], [sealing]);
    const key = createPublicKey({ key: ring.jwks.keys[0] as never, format: 'jwk' });
    let short = 0;
    // Every 128th has a shorter r or s.
    for (let jti = 0; jti < 3000; jti += 1) {
      const [header, claims, text] = ring.signJwt('at+jwt', { jti }, now).split('.') as [
        string,
        string,
        string,
      ];
      const signature = Buffer.from(text, 'base64url');
      assert.equal(signature.length, 64);
      if (signature[0] === 0 || signature[32] === 0) short += 1;
      const input = Buffer.from(`${header}.${claims}`);
      assert.ok(verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature), text);
    }
    assert.ok(short > 0);
  });

  it('of RS256 has 2048 bits, which RFC 7518 §3.3 asks for', async () => {
    const { publicJwk } = await aKey('RS256');
    const key = createPublicKey({ key: JSON.parse(publicJwk) as never, format: 'jwk' });
    assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
  });
});

describe('a key ring', () => {
  it('reads back only what its keys signed, of the type asked for', async () => {
    const ring = openKeyRing([await aKey()], [sealing]);
    const other = openKeyRing([await aKey()], [sealing]);
    const jwt = ring.signJwt('at+jwt', { sub: 'a', exp: 5 }, now);
    assert.deepEqual(await ring.readSignedJwt('at+jwt', jwt), { sub: 'a', exp: 5 });
    assert.equal(await ring.readSignedJwt('jwt', jwt), undefined);
    assert.equal(await other.readSignedJwt('at+jwt', jwt), undefined);
    assert.equal(await ring.readSignedJwt('at+jwt', `${jwt}x`), undefined);
    assert.equal(await ring.readSignedJwt('at+jwt', 'no'), undefined);
  });

  it('signs with the newest key whose time has come, and reads what all of them signed', async () => {
    const old = await aKey('ES256', { createdAt: now, signsFromAt: now });
    const next = await aKey('RS256', { createdAt: now + 1, signsFromAt: now + 600 });
    const before = openKeyRing([old], [sealing]).signJwt('at+jwt', {}, now);
    const ring = openKeyRing([next, old], [sealing]);
    assert.equal(kidOf(ring.signJwt('at+jwt', {}, now + 599)), old.kid);
    assert.equal(kidOf(ring.signJwt('at+jwt', {}, now + 600)), next.kid);
    assert.deepEqual(await ring.readSignedJwt('at+jwt', before), {});
    assert.deepEqual(
      ring.jwks.keys.map(({ kid }) => kid),
      [next.kid, old.kid],
    );
  });

  it('signs with the oldest key while the clock is before all of them', async () => {
    const [next, first] = [
      await aKey('ES256', { createdAt: now + 1, signsFromAt: now + 1 }),
      await aKey('ES256', { createdAt: now, signsFromAt: now }),
    ];
    assert.equal(kidOf(openKeyRing([next, first], [sealing]).signJwt('at+jwt', {}, 0)), first.kid);
    assert.equal(signerAt([], now), undefined);
  });

  it('publishes a key that it cannot open, signs with one that it can, and says what is missing', async () => {
    const elsewhere = newSealingKey();
    const old = await aKey();
    const next = await aKey('ES256', { createdAt: now + 1, signsFromAt: now + 1 }, elsewhere);
    const signed = openKeyRing([next, old], [elsewhere]).signJwt('at+jwt', { sub: 'a' }, now + 1);
    assert.equal(kidOf(signed), next.kid);
    const ring = openKeyRing([next, old], [sealing]);
    assert.deepEqual(ring.missingSealing, [elsewhere.id]);
    assert.equal(kidOf(ring.signJwt('at+jwt', {}, now + 1)), old.kid);
    assert.deepEqual(await ring.readSignedJwt('at+jwt', signed), { sub: 'a' });
    assert.deepEqual(openKeyRing([next, old], [sealing, elsewhere]).missingSealing, []);
  });

  it('keeps the keys that it has opened when they were sealed anew under a key that it lacks', async () => {
    const elsewhere = newSealingKey();
    const key = await createSigningKey('ES256');
    const dates = { createdAt: now, signsFromAt: now };
    const before = openKeyRing([sealSigningKey(key, sealing, dates)], [sealing]);
    const after = openKeyRing([sealSigningKey(key, elsewhere, dates)], [sealing], before);
    assert.deepEqual(after.missingSealing, [elsewhere.id]);
    assert.equal(kidOf(after.signJwt('at+jwt', {}, now)), key.kid);
  });

  it('signs nothing when it cannot open any key', async () => {
    const ring = openKeyRing([await aKey()], [newSealingKey()]);
    assert.deepEqual(ring.missingSealing, [sealing.id]);
    assert.throws(() => ring.signJwt('at+jwt', {}, now), SecretsOutdated);
    assert.throws(() => openKeyRing([], [sealing]), RangeError);
  });

  it('does not sign with a private key that does not belong to what is published', async () => {
    const [mine, other] = [await aKey(), await aKey()];
    const forged = { ...mine, publicJwk: other.publicJwk };
    assert.throws(() => openKeyRing([forged], [sealing]).signJwt('at+jwt', {}, now), SecretsOutdated);
    // Moved to another row, it does not open at all.
    const moved = { ...mine, kid: other.kid };
    assert.throws(() => openKeyRing([moved], [sealing]).signJwt('at+jwt', {}, now), SecretsOutdated);
  });
});
