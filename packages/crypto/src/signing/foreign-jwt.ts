// A JWT that somebody else signed (RFC 7515, RFC 7519), with a key that they published: read strictly, and verified only
// with a key that is made for the algorithm that its header names.
import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { readStrictJson, type PublicJwk } from '@sallyport/protocol';
import { MAX_RSA_BITS, MAX_RSA_EXPONENT_BITS, MIN_RSA_BITS } from '../limits.ts';

export interface ForeignJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What is signed: header and claims as they came. */
  readonly input: string;
  readonly signature: Uint8Array;
}

interface ForeignAlgorithm {
  /** Whether a key is of the kind and strength that the algorithm needs. */
  fits(key: PublicJwk): boolean;
  verify(input: Buffer, key: KeyObject, signature: Uint8Array): boolean;
}

type Hash = 'sha256' | 'sha384' | 'sha512';

const onCurve = (hash: Hash, curve: string, signatureBytes: number): ForeignAlgorithm => ({
  fits: ({ kty, crv }) => kty === 'EC' && crv === curve,
  verify: (input, key, signature) =>
    signature.length === signatureBytes && verify(hash, input, { key, dsaEncoding: 'ieee-p1363' }, signature),
});

const edwards: ForeignAlgorithm = {
  fits: ({ kty, crv }) => kty === 'OKP' && crv === 'Ed25519',
  verify: (input, key, signature) => verify(null, input, key, signature),
};

const rsa = (hash: Hash, padding: { padding: number; saltLength?: number }): ForeignAlgorithm => ({
  fits({ kty, n = '', e = '' }) {
    const bits = bitsOf(n);
    // RFC 7518 §3.3, §3.5. What is longer costs us more than its owner.
    return (
      kty === 'RSA' && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS && bitsOf(e) <= MAX_RSA_EXPONENT_BITS
    );
  },
  verify: (input, key, signature) => verify(hash, input, { key, ...padding }, signature),
});

const pkcs1 = (hash: Hash) => rsa(hash, { padding: constants.RSA_PKCS1_PADDING });
/** RFC 7518 §3.5: the salt is as long as the hash. */
const pss = (hash: Hash, saltLength: number) =>
  rsa(hash, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });

/** Asymmetric ones only: with a public key nobody can make any of these (RFC 8725 §3.1, §3.2). */
const algorithms: Readonly<Record<string, ForeignAlgorithm>> = {
  ES256: onCurve('sha256', 'P-256', 64),
  ES384: onCurve('sha384', 'P-384', 96),
  ES512: onCurve('sha512', 'P-521', 132),
  EdDSA: edwards,
  // RFC 9864 §2.2.
  Ed25519: edwards,
  PS256: pss('sha256', 32),
  PS384: pss('sha384', 48),
  PS512: pss('sha512', 64),
  RS256: pkcs1('sha256'),
  RS384: pkcs1('sha384'),
  RS512: pkcs1('sha512'),
};

/** As in the JOSE header; what others may sign with. */
export const foreignSigningAlgs: readonly string[] = Object.keys(algorithms);

/** Whether a signature of this algorithm can be by this key. */
export function isKeyFor(alg: string, key: PublicJwk): boolean {
  if (key.alg !== undefined && key.alg !== alg) return false;
  return Object.hasOwn(algorithms, alg) && algorithms[alg]?.fits(key) === true;
}

/** @returns undefined for what is no JWT in compact form, or does not mean one thing to everybody */
export function readForeignJwt(text: string): ForeignJwt | undefined {
  const [head = '', body = '', signature = '', ...more] = text.split('.');
  if (more.length > 0) return undefined;
  const [header, claims] = [objectIn(head), objectIn(body)];
  const signed = bytesIn(signature);
  if (header === undefined || claims === undefined || signed === undefined) return undefined;
  return { header, claims, input: `${head}.${body}`, signature: signed };
}

/** Whether this key made the signature, by the algorithm that the header names. */
export function isSignedBy({ header, input, signature }: ForeignJwt, jwk: PublicJwk): boolean {
  const { alg } = header;
  if (typeof alg !== 'string' || !isKeyFor(alg, jwk)) return false;
  let key: KeyObject;
  try {
    key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    // A point that is not on the curve, say.
    return false;
  }
  return algorithms[alg]?.verify(Buffer.from(input), key, signature) === true;
}

function objectIn(part: string): Record<string, unknown> | undefined {
  const bytes = bytesIn(part);
  if (bytes === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const read = readStrictJson(text);
  if (typeof read === 'string') return undefined;
  const { value } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return value as Record<string, unknown>;
}

/** In the one spelling that base64url has. */
function bytesIn(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return part !== '' && bytes.toString('base64url') === part ? bytes : undefined;
}

/** Of a positive number in base64url (RFC 7518 §2, Base64urlUInt). */
function bitsOf(text: string): number {
  const hex = Buffer.from(text, 'base64url').toString('hex').replace(/^0+/, '');
  return hex === '' ? 0 : BigInt(`0x${hex}`).toString(2).length;
}
