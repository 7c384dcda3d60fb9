// JWTs that others signed: the published vectors, `jose` as the other opinion, and everything that is none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { foreignSigningAlgs, isKeyFor, isSignedBy, readForeignJwt, type ForeignJwt } from '@sallyport/crypto';
import type { PublicJwk } from '@sallyport/protocol';

/** As `readForeignJwt` would read it, whatever the payload. */
function jwsOf(text: string): ForeignJwt {
  const [head = '', body = '', signature = ''] = text.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
  return { header, claims: {}, input: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') };
}

describe('a published signature is accepted, and no other', () => {
  const vectors: Readonly<Record<string, [string, PublicJwk]>> = {
    'RFC 7515 A.3': [
      'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
    ],
    'RFC 8037 A.4': [
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
      { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    ],
  };
  for (const [name, [text, key]] of Object.entries(vectors))
    it(name, () => {
      const jws = jwsOf(text);
      assert.equal(isSignedBy(jws, key), true);
      assert.equal(isSignedBy({ ...jws, input: `${jws.input}A` }, key), false);
      for (let bit = 0; bit < jws.signature.length * 8; bit++) {
        const signature = Buffer.from(jws.signature);
        signature[bit >> 3] = signature[bit >> 3]! ^ (1 << (bit & 7));
        assert.equal(isSignedBy({ ...jws, signature }, key), false, `bit ${bit}`);
      }
      for (const signature of [new Uint8Array(0), new Uint8Array(64), jws.signature.subarray(1)])
        assert.equal(isSignedBy({ ...jws, signature }, key), false);
    });
});

describe('what jose signs', () => {
  for (const alg of foreignSigningAlgs)
    it(`with ${alg} is accepted with its key, and with no other key or algorithm`, async () => {
      const [own, other] = await Promise.all(
        [1, 2].map(() => generateKeyPair(alg, { extractable: true, modulusLength: 2048 })),
      );
      assert.ok(own && other);
      const text = await new CompactSign(Buffer.from('{"sub":"me"}'))
        .setProtectedHeader({ alg })
        .sign(own.privateKey);
      const jwt = readForeignJwt(text);
      assert.ok(jwt);
      assert.deepEqual([jwt.header, jwt.claims], [{ alg }, { sub: 'me' }]);
      const key = (await exportJWK(own.publicKey)) as PublicJwk;
      assert.equal(isSignedBy(jwt, key), true);
      assert.equal(isSignedBy(jwt, { ...key, alg }), true);
      assert.equal(isSignedBy(jwt, (await exportJWK(other.publicKey)) as PublicJwk), false);
      for (const named of foreignSigningAlgs) {
        const isSame = named === alg || [named, alg].sort().join() === 'Ed25519,EdDSA';
        assert.equal(isSignedBy({ ...jwt, header: { alg: named } }, key), isSame, named);
        assert.equal(isSignedBy(jwt, { ...key, alg: named }), named === alg, named);
      }
      for (const named of ['none', 'HS256', 'HS512', 'RS1', '__proto__', 'constructor', '', undefined, 1])
        assert.equal(isSignedBy({ ...jwt, header: { alg: named } }, key), false, String(named));
    });
});

describe('a key', () => {
  const rsa = (bits: number, e = 'AQAB'): PublicJwk => {
    const n = Buffer.alloc(Math.ceil(bits / 8), 0xff);
    if (bits % 8 !== 0) n[0] = 0xff >> (8 - (bits % 8));
    return { kty: 'RSA', n: n.toString('base64url'), e };
  };
  it('of RSA has 2048 to 4096 bits, however many zeros are before them, and a short exponent', () => {
    for (const bits of [2048, 3072, 4096]) assert.equal(isKeyFor('RS256', rsa(bits)), true, String(bits));
    for (const bits of [512, 1024, 2047, 4097, 8192])
      assert.equal(isKeyFor('PS256', rsa(bits)), false, String(bits));
    const weak = Buffer.concat([Buffer.alloc(200), Buffer.alloc(128, 0xff)]).toString('base64url');
    assert.equal(isKeyFor('RS256', { kty: 'RSA', n: weak, e: 'AQAB' }), false);
    const longExponent = Buffer.alloc(256, 0xff).toString('base64url');
    assert.equal(isKeyFor('RS256', rsa(2048, longExponent)), false);
  });
  it('that is no point of its curve verifies nothing, and nothing is thrown', () => {
    const key: PublicJwk = { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' };
    const signature = new Uint8Array(64);
    assert.equal(isSignedBy({ header: { alg: 'ES256' }, claims: {}, input: 'a.b', signature }, key), false);
  });
});

describe('reading', () => {
  const part = (text: string) => Buffer.from(text).toString('base64url');
  it('takes what means one thing to everybody, and never throws', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.constantFrom('{}', '{"a":1}', '{"a":1,"a":2}', '{"__proto__":1}', '[]', 'null', '\ufeff{}', '{} '),
    );
    fc.assert(
      fc.property(anything, anything, fc.string(), (header, claims, signature) => {
        const read = readForeignJwt(`${part(header)}.${part(claims)}.${part(signature)}`);
        if (read === undefined) return;
        assert.deepEqual(read.header, JSON.parse(header));
        assert.deepEqual(read.claims, JSON.parse(claims));
        assert.notEqual(signature, '');
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.string(), (text) => void readForeignJwt(text)));
  });
  it('refuses what is not in the one spelling, not signed, or more than three parts', () => {
    const good = `${part('{}')}.${part('{}')}.${part('x')}`;
    assert.ok(readForeignJwt(good));
    const [head, body] = good.split('.');
    for (const bad of [
      '',
      '..',
      `${head}.${body}`,
      `${head}.${body}.`,
      `${good}.`,
      `${good}.x.y`,
      `${good}=`,
      ` ${good}`,
      `${good}\n`,
      `${head}.e30=.${part('x')}`,
      `${head}.e31.${part('x')}`,
      `${part('{"a":1,"\\u0061":2}')}.${body}.${part('x')}`,
      `${part('{"a":1}{')}.${body}.${part('x')}`,
    ])
      assert.equal(readForeignJwt(bad), undefined, bad);
  });
});
