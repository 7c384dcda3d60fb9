// A signing key that was made elsewhere, in PEM: PKCS#8, PKCS#1 (RFC 8017 appendix A.1.2) or SEC 1 (RFC 5915).
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { MAX_PEM_CHARACTERS } from '../limits.ts';
import { signingAlgorithms, signingAlgs } from './algorithms.ts';
import { namedSigningKey, type PrivateSigningKey } from './keys.ts';

/** `message` is the end of a sentence that begins with the file's name; it never quotes the file. */
export class PemUnusable extends Error {
  override readonly name = 'PemUnusable';
}

/**
 * @throws {PemUnusable} when there is not exactly one private key in it, it is encrypted, or nothing here is signed with
 *   its kind
 */
export async function readSigningPem(text: string): Promise<PrivateSigningKey> {
  if (text.length > MAX_PEM_CHARACTERS) throw new PemUnusable('is too large for a key in PEM');
  const privateKey = parse(onlyPrivateKey(text));
  for (const alg of signingAlgs) {
    const judged = signingAlgorithms[alg].judge(privateKey);
    if (judged === 'fits') return namedSigningKey(alg, privateKey);
    if (judged !== 'other') throw new PemUnusable(`holds a key that cannot be used: it ${judged.unfit}`);
  }
  const kind = privateKey.asymmetricKeyType;
  throw new PemUnusable(`holds a key of the kind ${kind}; RSA, EC on P-256 and Ed25519 can be used`);
}

/** Openssl writes EC PARAMETERS before an EC key, and people keep certificates beside keys: only private keys count. */
function onlyPrivateKey(text: string): string {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)];
  const keys = blocks.filter(([, label]) => label?.endsWith('PRIVATE KEY') === true);
  const [key, second] = keys;
  if (key === undefined) {
    const [other] = blocks;
    throw new PemUnusable(
      other === undefined
        ? 'holds no PEM; it should have a block that begins with -----BEGIN PRIVATE KEY-----'
        : `holds a ${other[1]?.toLowerCase()}, but no private key`,
    );
  }
  if (second !== undefined) throw new PemUnusable('holds more than one private key; leave one in it');
  const [pem, label] = key;
  if (label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type:.*ENCRYPTED/m.test(pem))
    throw new PemUnusable(
      'is encrypted; decrypt it first, for example: openssl pkey -in key.pem -out decrypted.pem',
    );
  return pem;
}

function parse(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // What OpenSSL says may quote what it has read.
    throw new PemUnusable('holds a private key that cannot be read; it may be cut off');
  }
}
