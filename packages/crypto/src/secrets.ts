// The keys that never leave this deployment: one for each purpose, so that none stands in for another.
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { randomToken } from './random.ts';

/** 32 bytes with an id, so that what was made under an older key can still be told. */
export interface NamedKey {
  readonly id: string;
  readonly key: KeyObject;
}

export interface Secrets {
  /** Seals signing keys and other people's credentials at rest. */
  readonly sealing: NamedKey;
  /** Binds forms to browsers. */
  readonly cookies: NamedKey;
  /** Derives the successor of a refresh token, and the code of a consent that is submitted twice. */
  readonly derivation: NamedKey;
}

const purposes = ['sealing', 'cookies', 'derivation'] as const;
type Purpose = (typeof purposes)[number];

/** Plain JSON, as it is kept in a file that only its owner reads. */
export interface SecretsDocument {
  readonly version: 1;
  readonly keys: Readonly<Record<Purpose, { readonly id: string; readonly key: string }>>;
}

/** Fresh keys for a new deployment. */
export function createSecrets(): SecretsDocument {
  const one = () => ({ id: randomToken(6), key: randomToken(32) });
  return { version: 1, keys: { sealing: one(), cookies: one(), derivation: one() } };
}

/**
 * Judges a parsed document; never repairs it, since a new key in place of a damaged one would orphan what it sealed.
 * @throws {TypeError} naming the member that is wrong, never its value
 */
export function readSecrets(document: unknown): Secrets {
  if (typeof document !== 'object' || document === null) throw new TypeError('it is not a JSON object');
  const { version, keys } = document as { version?: unknown; keys?: unknown };
  if (version !== 1) throw new TypeError('its "version" is not 1');
  if (typeof keys !== 'object' || keys === null) throw new TypeError('it has no "keys"');
  const read = (purpose: Purpose): NamedKey => {
    const entry = (keys as Record<string, unknown>)[purpose];
    const { id, key } = (entry ?? {}) as { id?: unknown; key?: unknown };
    if (typeof id !== 'string' || id === '') throw new TypeError(`"keys.${purpose}.id" is missing`);
    const bytes = typeof key === 'string' ? Buffer.from(key, 'base64url') : Buffer.alloc(0);
    if (bytes.length !== 32) throw new TypeError(`"keys.${purpose}.key" is not 32 bytes of base64url`);
    return { id, key: createSecretKey(bytes) };
  };
  return { sealing: read('sealing'), cookies: read('cookies'), derivation: read('derivation') };
}

/** HMAC-SHA-256 in base64url. `text` should begin with its purpose, so that no two purposes share an output. */
export function hmac(key: NamedKey, text: string): string {
  return createHmac('sha256', key.key).update(text).digest('base64url');
}
