// secrets.json as data: the keys that never leave this deployment, a list for each purpose, so that none stands in for
// another and one can be replaced while what was made with it still works.
import { createSecretKey, type KeyObject } from 'node:crypto';
import { SECRET_KEY_BYTES } from './limits.ts';
import { randomToken } from './random.ts';

/** `sealing` seals at rest; `cookies` binds forms to browsers; `derivation` makes what is stored as a digest only. */
export const purposes = ['sealing', 'cookies', 'derivation'] as const;
export type Purpose = (typeof purposes)[number];

/** 32 bytes with an id, so that what was made under an older key can still be told. */
export interface NamedKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** Epoch seconds. */
interface Dates {
  readonly createdAt: number;
  /** Until then it is only known: every instance must have it before one of them makes something with it. */
  readonly usedFromAt: number;
}

export interface SecretKey extends NamedKey, Dates {}

export interface PurposeKeys {
  /** The newest last; at least one. */
  readonly keys: readonly SecretKey[];
  /** Ids that were taken away on purpose: what was made with them is over, and nobody waits for them to come. */
  readonly retired: readonly string[];
}

export type Secrets = Readonly<Record<Purpose, PurposeKeys>>;

interface KeyEntry extends Dates {
  readonly id: string;
  /** base64url. */
  readonly key: string;
}

interface PurposeEntries {
  readonly keys: readonly KeyEntry[];
  readonly retired: readonly string[];
}

/** Plain JSON, as it is kept in a file that only its owner reads. */
export interface SecretsDocument extends Readonly<Record<Purpose, PurposeEntries>> {
  readonly version: 2;
}

/** Fresh keys for a new deployment, in use at once. */
export function createSecrets(now: number): SecretsDocument {
  const one = () => ({ keys: [createEntry(now, now)], retired: [] });
  return { version: 2, sealing: one(), cookies: one(), derivation: one() };
}

/** @returns the document with one more key, and the id of that */
export function addSecret(
  document: SecretsDocument,
  purpose: Purpose,
  { now, usedFromAt }: { readonly now: number; readonly usedFromAt: number },
): { readonly document: SecretsDocument; readonly id: string } {
  const entry = createEntry(now, usedFromAt);
  const { keys, retired } = document[purpose];
  return { document: { ...document, [purpose]: { keys: [...keys, entry], retired } }, id: entry.id };
}

/** @returns the document without this key, whose id is kept among the retired */
export function retireSecret(document: SecretsDocument, purpose: Purpose, id: string): SecretsDocument {
  const { keys, retired } = document[purpose];
  const left = keys.filter((entry) => entry.id !== id);
  return { ...document, [purpose]: { keys: left, retired: [...retired, id] } };
}

/**
 * Judges a parsed document; never repairs it, since a new key in place of a damaged one would orphan what it sealed.
 * @throws {TypeError} naming the member that is wrong, never its value
 */
export function readSecrets(document: unknown): Secrets {
  const read = readSecretsDocument(document);
  const purposeKeys = ({ keys, retired }: PurposeEntries): PurposeKeys => ({
    keys: keys.map(({ key, ...rest }) => ({
      ...rest,
      key: createSecretKey(Buffer.from(key, 'base64url')),
    })),
    retired,
  });
  return {
    sealing: purposeKeys(read.sealing),
    cookies: purposeKeys(read.cookies),
    derivation: purposeKeys(read.derivation),
  };
}

/**
 * The document in today's version. Version 1 had one key for each purpose, without dates.
 * @throws {TypeError} as `readSecrets`
 */
export function readSecretsDocument(document: unknown): SecretsDocument {
  if (!isObject(document)) throw new TypeError('it is not a JSON object');
  const { version } = document;
  if (version !== 1 && version !== 2) throw new TypeError('its "version" is not 1 or 2');
  const read = version === 1 ? readFirstVersion : readPurpose;
  const readOnce = (purpose: Purpose): PurposeEntries => {
    const { keys, retired } = read(document, purpose);
    const ids = [...keys.map(({ id }) => id), ...retired];
    if (new Set(ids).size !== ids.length) throw new TypeError(`two keys of "${purpose}" have the same "id"`);
    return { keys, retired };
  };
  return {
    version: 2,
    sealing: readOnce('sealing'),
    cookies: readOnce('cookies'),
    derivation: readOnce('derivation'),
  };
}

function readFirstVersion({ keys }: Readonly<Record<string, unknown>>, purpose: Purpose): PurposeEntries {
  if (!isObject(keys)) throw new TypeError('it has no "keys"');
  const entry = readEntry(keys[purpose], `keys.${purpose}`);
  return { keys: [{ ...entry, createdAt: 0, usedFromAt: 0 }], retired: [] };
}

function readPurpose(document: Readonly<Record<string, unknown>>, purpose: Purpose): PurposeEntries {
  const entries = document[purpose];
  if (!isObject(entries)) throw new TypeError(`"${purpose}" is missing`);
  const { keys, retired } = entries;
  if (!Array.isArray(keys) || keys.length === 0) throw new TypeError(`"${purpose}.keys" is empty`);
  if (!Array.isArray(retired) || !retired.every((id) => typeof id === 'string'))
    throw new TypeError(`"${purpose}.retired" is not a list of ids`);
  const read = keys.map((entry: unknown, index): KeyEntry => {
    const at = `${purpose}.keys[${index}]`;
    const date = (name: keyof Dates): number => {
      const value = isObject(entry) ? entry[name] : undefined;
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        throw new TypeError(`"${at}.${name}" is not a whole number of seconds`);
      return value;
    };
    return { ...readEntry(entry, at), createdAt: date('createdAt'), usedFromAt: date('usedFromAt') };
  });
  return { keys: read, retired };
}

function readEntry(entry: unknown, at: string): Pick<KeyEntry, 'id' | 'key'> {
  const { id, key } = isObject(entry) ? entry : {};
  if (typeof id !== 'string' || id === '') throw new TypeError(`"${at}.id" is missing`);
  if (typeof key !== 'string' || Buffer.from(key, 'base64url').length !== SECRET_KEY_BYTES)
    throw new TypeError(`"${at}.key" is not 32 bytes of base64url`);
  return { id, key };
}

function createEntry(createdAt: number, usedFromAt: number): KeyEntry {
  return { id: createId(), key: randomToken(SECRET_KEY_BYTES), createdAt, usedFromAt };
}

/** Ids are typed on command lines, where a hyphen at the beginning would be taken for an option. */
function createId(): string {
  for (;;) {
    const id = randomToken(6);
    if (!id.startsWith('-')) return id;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
