// The JWS algorithms that access tokens can be signed with (RFC 7518 §3.1, RFC 8037 §3.1). Signing is `node:crypto`
// itself, since a compact JWS is three joined strings and the asynchronous way costs several times the signature.
import { generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { MAX_RSA_BITS, MIN_RSA_BITS } from '../limits.ts';

const generate = promisify(generateKeyPair);

export interface SigningAlgorithm {
  /** A new private key; made beside the event loop, since a prime may take a second to be found. */
  create(): Promise<KeyObject>;
  sign(input: Buffer, key: KeyObject): Buffer;
  /** Whether a private key can be used for it; otherwise the reason, as the end of "The key …". */
  judge(key: KeyObject): 'fits' | { readonly unfit: string } | 'other';
}

const es256: SigningAlgorithm = {
  create: async () => (await generate('ec', { namedCurve: 'P-256' })).privateKey,
  // To ask for `dsaEncoding: 'ieee-p1363'` costs as much as the signature itself (docs/performance.md).
  sign: (input, key) => joinedSignature(sign('sha256', input, key)),
  judge({ asymmetricKeyType, asymmetricKeyDetails }) {
    if (asymmetricKeyType !== 'ec') return 'other';
    const curve = asymmetricKeyDetails?.namedCurve;
    return curve === 'prime256v1' ? 'fits' : { unfit: `is on the curve ${curve}; ES256 needs P-256` };
  },
};

const edDsa: SigningAlgorithm = {
  create: async () => (await generate('ed25519')).privateKey,
  sign: (input, key) => sign(null, input, key),
  judge: ({ asymmetricKeyType }) => (asymmetricKeyType === 'ed25519' ? 'fits' : 'other'),
};

const rs256: SigningAlgorithm = {
  create: async () => (await generate('rsa', { modulusLength: MIN_RSA_BITS })).privateKey,
  sign: (input, key) => sign('sha256', input, key),
  judge({ asymmetricKeyType, asymmetricKeyDetails }) {
    if (asymmetricKeyType !== 'rsa') return 'other';
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    if (bits < MIN_RSA_BITS) return { unfit: `has ${bits} bits; RS256 needs ${MIN_RSA_BITS} or more` };
    if (bits > MAX_RSA_BITS)
      return {
        unfit: `has ${bits} bits, with which every signature would keep everybody waiting; at most ${MAX_RSA_BITS} are taken`,
      };
    return 'fits';
  },
};

export const signingAlgorithms = { ES256: es256, EdDSA: edDsa, RS256: rs256 } as const;

/** As in the JOSE header. */
export type SigningAlg = keyof typeof signingAlgorithms;

export const signingAlgs = Object.keys(signingAlgorithms) as readonly SigningAlg[];

export function isSigningAlg(alg: string): alg is SigningAlg {
  return Object.hasOwn(signingAlgorithms, alg);
}

/**
 * RFC 7518 §3.4: `r` and `s`, 32 bytes each. OpenSSL gives them as SEQUENCE { INTEGER r, INTEGER s } (RFC 3279 §2.2.3),
 * where every length is below 128 for P-256 and so takes one byte.
 */
function joinedSignature(der: Buffer): Buffer {
  const joined = Buffer.alloc(64);
  let at = 2;
  for (const end of [32, 64]) {
    const start = at + 2;
    const stop = start + der.readUInt8(at + 1);
    // An INTEGER is signed: zeros before it are left out, but for one that keeps a leading bit from being the sign.
    const from = Math.max(start, stop - 32);
    der.copy(joined, end - (stop - from), from, stop);
    at = stop;
  }
  return joined;
}
