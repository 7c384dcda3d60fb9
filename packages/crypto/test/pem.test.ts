import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  createSecrets,
  openKeyRing,
  PemUnusable,
  readSecrets,
  readSigningPem,
  sealSigningKey,
} from '@sallyport/crypto';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');

const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1'): string =>
  String(key.export({ format: 'pem', type }));

const ecParameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
const encrypted = (type: 'pkcs1' | 'pkcs8'): string =>
  String(rsa.privateKey.export({ format: 'pem', type, cipher: 'aes-256-cbc', passphrase: 'secret' }));

describe('a signing key in PEM', () => {
  const forms: readonly (readonly [string, string, string])[] = [
    ['RSA in PKCS#1', pem(rsa.privateKey, 'pkcs1'), 'RS256'],
    ['RSA in PKCS#8', pem(rsa.privateKey, 'pkcs8'), 'RS256'],
    ['EC in SEC 1', pem(ec.privateKey, 'sec1'), 'ES256'],
    ['EC in SEC 1 after its parameters', ecParameters + pem(ec.privateKey, 'sec1'), 'ES256'],
    ['EC in PKCS#8', pem(ec.privateKey, 'pkcs8'), 'ES256'],
    ['Ed25519 in PKCS#8', pem(ed.privateKey, 'pkcs8'), 'EdDSA'],
    [
      'RSA with text and Windows line ends around it',
      `Key:\r\n${pem(rsa.privateKey, 'pkcs8').replaceAll('\n', '\r\n')}\r\n`,
      'RS256',
    ],
    [
      'RSA after its public half',
      String(rsa.publicKey.export({ format: 'pem', type: 'spki' })) + pem(rsa.privateKey, 'pkcs8'),
      'RS256',
    ],
  ];
  for (const [what, text, alg] of forms) {
    it(`is read: ${what}`, async () => {
      const key = await readSigningPem(text);
      assert.equal(key.alg, alg);
      const { sealing } = readSecrets(createSecrets(0));
      const dates = { createdAt: 0, signsFromAt: 0 };
      const ring = openKeyRing([sealSigningKey(key, sealing.keys[0]!, dates)], sealing.keys);
      const jwt = ring.signJwt('at+jwt', { sub: 'a' }, 0);
      assert.deepEqual(await ring.readSignedJwt('at+jwt', jwt), { sub: 'a' });
    });
  }

  it('has the same kid in either form', async () => {
    const [one, other] = [pem(rsa.privateKey, 'pkcs1'), pem(rsa.privateKey, 'pkcs8')];
    assert.equal((await readSigningPem(one)).kid, (await readSigningPem(other)).kid);
  });

  const body = pem(rsa.privateKey, 'pkcs8').split('\n')[1] ?? '';
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['nothing', '', /^holds no PEM; /],
    ['no PEM', 'ssh-rsa AAAA', /^holds no PEM; /],
    ['encrypted, PKCS#8', encrypted('pkcs8'), /^is encrypted; decrypt it first, for example: openssl pkey /],
    ['encrypted, PKCS#1', encrypted('pkcs1'), /^is encrypted; decrypt it first/],
    [
      'only a public key',
      String(rsa.publicKey.export({ format: 'pem', type: 'spki' })),
      /^holds a public key, but no private key$/,
    ],
    [
      'two keys',
      pem(rsa.privateKey, 'pkcs8') + pem(ec.privateKey, 'pkcs8'),
      /^holds more than one private key/,
    ],
    [
      'cut off',
      `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`,
      /cannot be read; it may be cut off$/,
    ],
    [
      'RSA of 1024 bits',
      pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, 'pkcs8'),
      /it has 1024 bits; RS256 needs 2048/,
    ],
    [
      'another curve',
      pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, 'pkcs8'),
      /on the curve secp384r1; ES256 needs P-256/,
    ],
    [
      'another kind',
      pem(generateKeyPairSync('x25519').privateKey, 'pkcs8'),
      /^holds a key of the kind x25519; /,
    ],
    [
      'RSA-PSS, which RS256 is not',
      pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey, 'pkcs8'),
      /^holds a key of the kind rsa-pss; /,
    ],
    ['far too much', 'x'.repeat(70_000), /^is too large/],
  ];
  for (const [what, text, says] of refused) {
    it(`is refused: ${what}`, async () => {
      await assert.rejects(readSigningPem(text), (error: unknown) => {
        assert.ok(error instanceof PemUnusable);
        assert.match(error.message, says);
        assert.ok(!error.message.includes(body));
        return true;
      });
    });
  }

  it('is refused with a sentence, whatever the text is', async () => {
    const begin = fc.constantFrom('-----BEGIN PRIVATE KEY-----\n', '-----BEGIN RSA PRIVATE KEY-----\n', '');
    const end = fc.constantFrom('\n-----END PRIVATE KEY-----', '\n-----END RSA PRIVATE KEY-----', '');
    await fc.assert(
      fc.asyncProperty(begin, fc.oneof(fc.string(), fc.base64String()), end, async (...parts) => {
        await assert.rejects(readSigningPem(parts.join('')), PemUnusable);
      }),
    );
  });
});
