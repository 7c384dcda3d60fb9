// A signing key as it is stored: made or brought along, its private half sealed for its own row.
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { EnvelopeError, seal, unseal } from '../envelope.ts';
import type { NamedKey } from '../secrets.ts';
import { signingAlgorithms, type SigningAlg } from './algorithms.ts';

export interface SealedSigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly alg: string;
  readonly publicJwk: string;
  readonly sealedPrivateJwk: Uint8Array;
  /** Epoch seconds; no two keys of a store have the same. */
  readonly createdAt: number;
  /** Epoch seconds. It is published before, so that everybody knows it by then. */
  readonly signsFromAt: number;
}

/** A key that is not sealed and has no place in a schedule yet. */
export interface PrivateSigningKey {
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly privateKey: KeyObject;
}

export async function createSigningKey(alg: SigningAlg): Promise<PrivateSigningKey> {
  return namedSigningKey(alg, await signingAlgorithms[alg].create());
}

export async function namedSigningKey(alg: SigningAlg, privateKey: KeyObject): Promise<PrivateSigningKey> {
  return { kid: await calculateJwkThumbprint(publicJwkOf(privateKey)), alg, privateKey };
}

/** @param dates epoch seconds */
export function sealSigningKey(
  { kid, alg, privateKey }: PrivateSigningKey,
  sealing: NamedKey,
  dates: Pick<SealedSigningKey, 'createdAt' | 'signsFromAt'>,
): SealedSigningKey {
  const privateJwk = JSON.stringify(privateKey.export({ format: 'jwk' }));
  return {
    kid,
    alg,
    publicJwk: JSON.stringify({ ...publicJwkOf(privateKey), kid, alg, use: 'sig' }),
    sealedPrivateJwk: seal(sealing, identityOf(kid), privateJwk),
    ...dates,
  };
}

/** @throws {EnvelopeError} when none of these keys sealed it, or it is not what belongs to its public half */
export function openSigningKey(stored: SealedSigningKey, sealing: readonly NamedKey[]): KeyObject {
  const jwk = JSON.parse(unseal(sealing, identityOf(stored.kid), stored.sealedPrivateJwk)) as JsonWebKey;
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  const published = createPublicKey({ key: JSON.parse(stored.publicJwk) as JsonWebKey, format: 'jwk' });
  if (!createPublicKey(privateKey).equals(published))
    throw new EnvelopeError(`not the private half of ${stored.kid}`);
  return privateKey;
}

function publicJwkOf(privateKey: KeyObject): JWK {
  return createPublicKey(privateKey).export({ format: 'jwk' });
}

const identityOf = (kid: string): string => `signing_key:${kid}`;
