// Assertions by which a client proves itself (RFC 7523 §3), right or wrong in any one way.
import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { PublicJwk } from '@sallyport/protocol';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface ClientKey {
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly jwk: PublicJwk & { readonly kid: string };
}

const onCurve = (namedCurve: string) => () => generateKeyPairSync('ec', { namedCurve }).privateKey;
const edwards = () => generateKeyPairSync('ed25519').privateKey;
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const makers: Readonly<Record<string, () => KeyObject>> = {
  ES256: onCurve('P-256'),
  ES384: onCurve('P-384'),
  ES512: onCurve('P-521'),
  EdDSA: edwards,
  Ed25519: edwards,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
};

export function clientKey(alg = 'ES256', kid = 'key-1'): ClientKey {
  const make = makers[alg];
  if (make === undefined) throw new RangeError(alg);
  return keyOf(alg, make(), kid);
}

export function keyOf(alg: string, privateKey: KeyObject, kid = 'key-1'): ClientKey {
  const { d, p, q, dp, dq, qi, ...jwk } = privateKey.export({ format: 'jwk' });
  void [d, p, q, dp, dq, qi];
  return { alg, privateKey, jwk: { ...(jwk as PublicJwk), kid } };
}

function signatureBy(alg: string, key: KeyObject, input: string): Buffer {
  const bytes = Buffer.from(input);
  const hash = `sha${alg.slice(2)}`;
  switch (alg.slice(0, 2)) {
    case 'ES':
      return sign(hash, bytes, { key, dsaEncoding: 'ieee-p1363' });
    case 'PS': {
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
      return sign(hash, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
    }
    case 'RS':
      return sign(hash, bytes, key);
    default:
      return sign(null, bytes, key);
  }
}

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export interface Asserted {
  readonly client_id: string;
  readonly issuer: string;
  readonly now: number;
  /** In place of, or beside, what is right; undefined takes it out. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

let made = 0;

export function assertionBy(key: ClientKey, { client_id, issuer, now, header, claims }: Asserted): string {
  made += 1;
  const right = { iss: client_id, sub: client_id, aud: issuer, iat: now, exp: now + 60, jti: `jti-${made}` };
  return signed(key, { alg: key.alg, kid: key.jwk.kid, typ: 'JWT', ...header }, { ...right, ...claims });
}

/** @param header and claims: objects, or the very text */
export function signed(key: ClientKey, header: unknown, claims: unknown): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signatureBy(key.alg, key.privateKey, input).toString('base64url')}`;
}

export const assertionForm = (client_assertion: string): Record<string, string> => ({
  client_assertion_type: ASSERTION_TYPE,
  client_assertion,
});
