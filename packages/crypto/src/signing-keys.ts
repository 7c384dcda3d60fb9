// The keys that sign access tokens: made, sealed for storage, opened, published. Signing is `node:crypto` itself, since
// a compact JWS is three joined strings and the asynchronous way costs several times the signature (docs/decisions).
import { createPrivateKey, generateKeyPairSync, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  errors,
  jwtVerify,
  type JWK,
  type JWTPayload,
} from 'jose';
import { seal, unseal } from './envelope.ts';
import type { NamedKey } from './secrets.ts';

/** A signing key as it is stored. */
export interface SealedSigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly alg: string;
  readonly publicJwk: string;
  readonly sealedPrivateJwk: Uint8Array;
  /** Epoch seconds. */
  readonly createdAt: number;
}

/** Claims of a JWT, as on the wire. */
export type Claims = Readonly<Record<string, unknown>>;

export interface KeyRing {
  /** Signs with the newest key. `typ` is the JOSE header's, for example `at+jwt` (RFC 9068 §2.1). */
  signJwt(typ: string, claims: Claims): string;
  /**
   * @returns the claims of a JWT of this type that one of these keys signed, whatever its times; otherwise undefined
   */
  readSignedJwt(typ: string, jwt: string): Promise<Claims | undefined>;
  /** RFC 7517 §5, public members only. */
  readonly jwks: { readonly keys: readonly JWK[] };
}

/** A new ES256 key (P-256), its private half sealed for its own row. */
export async function createSigningKey(sealing: NamedKey, now: number): Promise<SealedSigningKey> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = pair.publicKey.export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(jwk);
  const privateJwk = JSON.stringify(pair.privateKey.export({ format: 'jwk' }));
  return {
    kid,
    alg: 'ES256',
    publicJwk: JSON.stringify({ ...jwk, kid, alg: 'ES256', use: 'sig' }),
    sealedPrivateJwk: seal(sealing, identityOf(kid), privateJwk),
    createdAt: now,
  };
}

/**
 * Opens stored keys, newest first.
 * @throws {EnvelopeError} when the newest cannot be opened with these secrets
 */
export function openKeyRing(stored: readonly SealedSigningKey[], sealing: NamedKey): KeyRing {
  const [newest] = stored;
  if (newest === undefined) throw new RangeError('openKeyRing: there is no signing key');
  const { alg, kid } = newest;
  const privateKey = openPrivateKey(newest, sealing);
  const jwks = { keys: stored.map((key) => JSON.parse(key.publicJwk) as JWK) };
  const keySet = createLocalJWKSet(jwks);
  return { jwks, signJwt, readSignedJwt };

  function signJwt(typ: string, claims: Claims): string {
    const header = encode({ alg, typ, kid });
    const input = `${header}.${encode(claims)}`;
    // To ask for `dsaEncoding: 'ieee-p1363'` costs as much as the signature itself (docs/performance.md).
    const signature = joinedSignature(sign('sha256', Buffer.from(input), privateKey));
    return `${input}.${signature.toString('base64url')}`;
  }

  async function readSignedJwt(typ: string, jwt: string): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(jwt, keySet, {
        typ,
        algorithms: ['ES256'],
        currentDate: new Date(0),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}

function openPrivateKey(stored: SealedSigningKey, sealing: NamedKey): KeyObject {
  const jwk = JSON.parse(unseal([sealing], identityOf(stored.kid), stored.sealedPrivateJwk)) as JsonWebKey;
  return createPrivateKey({ key: jwk, format: 'jwk' });
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

const identityOf = (kid: string): string => `signing_key:${kid}`;
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
