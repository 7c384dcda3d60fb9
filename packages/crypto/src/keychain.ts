// The keys of one purpose as the rooms use them: one makes what is new, all of them know what was made before.
import { createHmac } from 'node:crypto';
import type { NamedKey, PurposeKeys, SecretKey, Secrets } from './secrets.ts';

/** What it answers may change from one call to the next, since keys are replaced while the server runs. */
export interface Keychain {
  /** Makes what is new. */
  readonly current: NamedKey;
  /** All that count, `current` among them, the newest first. */
  readonly known: readonly NamedKey[];
  /**
   * @returns the key that something was made with; undefined when it was retired, and what it made with it
   * @throws {SecretsOutdated} when this instance has never heard of it
   */
  find(id: string): Promise<NamedKey | undefined>;
}

export type Keychains = Readonly<Record<keyof Secrets, Keychain>>;

/** Something was made with a key that this instance's secrets do not have: a fault of the installation, not of a client. */
export class SecretsOutdated extends Error {
  override readonly name = 'SecretsOutdated';
  readonly keyId: string;

  constructor(keyId: string) {
    super(`The key "${keyId}" is not among the secrets of this instance.`);
    this.keyId = keyId;
  }
}

interface Sources {
  /** The secrets as they are at this moment. */
  readonly read: () => Secrets;
  /** Epoch seconds. */
  readonly now: () => number;
  /** Looks whether there are newer ones, for an id that nobody knows. */
  readonly renew?: () => Promise<void>;
}

export function keychainsOf(sources: Sources): Keychains {
  const of = (purpose: keyof Secrets): Keychain =>
    keychain({ ...sources, read: () => sources.read()[purpose] });
  return { sealing: of('sealing'), cookies: of('cookies'), derivation: of('derivation') };
}

/** The newest key whose time has come. Should the clock be before all of them: the oldest, which everybody has. */
export function keyInUse<Key extends Pick<SecretKey, 'usedFromAt'>>(
  { keys }: { readonly keys: readonly Key[] },
  now: number,
): Key {
  const key = keys.findLast(({ usedFromAt }) => usedFromAt <= now) ?? keys[0];
  if (key === undefined) throw new RangeError('keyInUse: there is no key');
  return key;
}

function keychain({
  read,
  now,
  renew,
}: Omit<Sources, 'read'> & { readonly read: () => PurposeKeys }): Keychain {
  return {
    get current() {
      return keyInUse(read(), now());
    },
    get known() {
      return read().keys.toReversed();
    },
    async find(id) {
      const look = (): NamedKey | undefined => read().keys.find((key) => key.id === id);
      const key = look();
      if (key !== undefined) return key;
      await renew?.();
      const renewed = look();
      if (renewed === undefined && !read().retired.includes(id)) throw new SecretsOutdated(id);
      return renewed;
    },
  };
}

/** HMAC-SHA-256 in base64url. `text` should begin with its purpose, so that no two purposes share an output. */
export function hmac(key: NamedKey, text: string): string {
  return createHmac('sha256', key.key).update(text).digest('base64url');
}
