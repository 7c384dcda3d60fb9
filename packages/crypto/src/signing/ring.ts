// The keys that access tokens are signed with, opened and published; which of them signs is a question of the time.
import type { KeyObject } from 'node:crypto';
import { createLocalJWKSet, errors, jwtVerify, type JWK, type JWTVerifyGetKey } from 'jose';
import { EnvelopeError, sealedUnder } from '../envelope.ts';
import { SecretsOutdated } from '../keychain.ts';
import type { NamedKey } from '../secrets.ts';
import { isSigningAlg, signingAlgorithms, signingAlgs } from './algorithms.ts';
import { openSigningKey, type SealedSigningKey } from './keys.ts';

/** Claims of a JWT, as on the wire. */
export type Claims = Readonly<Record<string, unknown>>;

/** What it answers may change from one call to the next, since keys are replaced while the server runs. */
export interface KeyRing {
  /**
   * @param typ of the JOSE header, for example `at+jwt` (RFC 9068 §2.1)
   * @param now epoch seconds; decides which key signs
   * @throws {SecretsOutdated} when this instance cannot open any of the keys
   */
  signJwt(typ: string, claims: Claims, now: number): string;
  /**
   * @returns the claims of a JWT of this type that one of these keys signed, whatever its times; otherwise undefined
   */
  readSignedJwt(typ: string, jwt: string): Promise<Claims | undefined>;
  /** RFC 7517 §5, public members only; the same object until the keys change. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** The public key that a JWS names. */
  readonly verifyKey: JWTVerifyGetKey;
}

export interface OpenedKeyRing extends KeyRing {
  /** The newest first. */
  readonly stored: readonly SealedSigningKey[];
  /** Ids of the sealing keys that some of them are sealed under, and that were not handed over. */
  readonly missingSealing: readonly string[];
  readonly opened: ReadonlyMap<string, KeyObject>;
}

/** The newest key whose time has come. Should the clock be before all of them: the oldest, which everybody has. */
export function signerAt<Key extends Pick<SealedSigningKey, 'signsFromAt'>>(
  newestFirst: readonly Key[],
  now: number,
): Key | undefined {
  return newestFirst.find(({ signsFromAt }) => signsFromAt <= now) ?? newestFirst.at(-1);
}

/**
 * Opens what can be opened: a key that is sealed under secrets which this instance does not have yet is published, and
 * does not sign here.
 * @param stored newest first; at least one
 * @param earlier a ring whose private keys need not be opened again
 */
export function openKeyRing(
  stored: readonly SealedSigningKey[],
  sealing: readonly NamedKey[],
  earlier?: OpenedKeyRing,
): OpenedKeyRing {
  if (stored.length === 0) throw new RangeError('openKeyRing: there is no signing key');
  const opened = new Map<string, KeyObject>();
  const missing = new Set<string>();
  for (const key of stored) {
    const sealedBy = sealedUnder(key.sealedPrivateJwk);
    if (!sealing.some(({ id }) => id === sealedBy)) missing.add(sealedBy ?? '');
    const privateKey = earlier?.opened.get(key.kid) ?? openIfPossible(key, sealing);
    if (privateKey !== undefined) opened.set(key.kid, privateKey);
  }
  const usable = stored.filter(({ kid }) => opened.has(kid));
  const jwks = { keys: stored.map((key) => JSON.parse(key.publicJwk) as JWK) };
  const verifyKey = createLocalJWKSet(jwks);
  return {
    stored,
    missingSealing: [...missing],
    opened,
    jwks,
    verifyKey,
    signJwt,
    readSignedJwt: (typ, jwt) => readSignedJwt(verifyKey, typ, jwt),
  };

  function signJwt(typ: string, claims: Claims, now: number): string {
    const signer = signerAt(usable, now);
    const privateKey = opened.get(signer?.kid ?? '');
    if (signer === undefined || privateKey === undefined || !isSigningAlg(signer.alg))
      throw new SecretsOutdated([...missing].join(', '));
    const { alg, kid } = signer;
    const input = `${encode({ alg, typ, kid })}.${encode(claims)}`;
    const signature = signingAlgorithms[alg].sign(Buffer.from(input), privateKey);
    return `${input}.${signature.toString('base64url')}`;
  }
}

/** For a ring that finds its keys in its own way: as `KeyRing.readSignedJwt`. @throws what `verifyKey` throws of its own */
export async function readSignedJwt(
  verifyKey: JWTVerifyGetKey,
  typ: string,
  jwt: string,
): Promise<Claims | undefined> {
  try {
    const algorithms = [...signingAlgs];
    const { payload } = await jwtVerify(jwt, verifyKey, { typ, algorithms, currentDate: new Date(0) });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

function openIfPossible(key: SealedSigningKey, sealing: readonly NamedKey[]): KeyObject | undefined {
  try {
    return openSigningKey(key, sealing);
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined;
    throw error;
  }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
