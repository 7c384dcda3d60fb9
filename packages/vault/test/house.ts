// A vault on a store of its own, with a provider in this process that rotates refresh tokens and remembers who asked what.
import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Keychain, NamedKey } from '@sallyport/crypto';
import type { Log } from '@sallyport/protocol';
import { openStorage, type Storage } from '@sallyport/storage';
import { sealingUnder, type TokenAnswer, vault, type Vault, type VaultOptions } from '@sallyport/vault';
import { refuse } from '../src/refusals.ts';

export const now = 1_800_000_000;
export const of = { userId: 'user-1', provider: 'example', subject: '12345' } as const;

export interface Told {
  readonly level: string;
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Its tokens are `refresh-<n>` and `access-<n>`; only the newest refresh token is honoured. */
export interface RotatingProvider {
  newest: number;
  asked: string[];
  lifetimeSeconds: number;
  /** Before the answer: waits, or throws. */
  before: (refresh_token: string) => Promise<unknown>;
  /** After the tokens were rotated. */
  after: () => Promise<unknown>;
  readonly issue: (at: number) => TokenAnswer & { readonly refresh_token: string };
  readonly refresh: (refresh_token: string, at: number) => Promise<TokenAnswer>;
}

function rotatingProvider(): RotatingProvider {
  const provider: RotatingProvider = {
    newest: 0,
    asked: [],
    lifetimeSeconds: 3600,
    before: async () => undefined,
    after: async () => undefined,
    issue(at) {
      provider.newest += 1;
      return {
        access_token: `access-${provider.newest}-${'a'.repeat(40)}`,
        token_type: 'Bearer',
        refresh_token: `refresh-${provider.newest}-${'r'.repeat(40)}`,
        scope: 'read',
        expiresAt: at + provider.lifetimeSeconds,
        id_token: 'identity-token',
        rest: { cloud: 'cloud-secret' },
      };
    },
    async refresh(refresh_token, at) {
      provider.asked.push(refresh_token);
      await provider.before(refresh_token);
      if (!refresh_token.startsWith(`refresh-${provider.newest}-`)) throw refuse('provider_grant_refused');
      const answer = provider.issue(at);
      await provider.after();
      return answer;
    },
  };
  return provider;
}

export interface House {
  readonly vault: Vault;
  readonly storage: Storage;
  readonly provider: RotatingProvider;
  readonly told: Told[];
  readonly events: () => readonly string[];
  /** Keeps the first tokens. */
  readonly signIn: (at?: number) => Promise<void>;
  /** Another instance on the same store. */
  readonly another: (changes?: Partial<VaultOptions>) => Vault;
}

/** @param changes of the options; `storage` wraps the one that the rest of the test sees */
export async function openHouse(
  t: TestContext,
  changes: Partial<Omit<VaultOptions, 'storage'>> & { readonly wrap?: (storage: Storage) => Storage } = {},
  url = 'sqlite::memory:',
): Promise<House> {
  const { wrap = (same: Storage) => same, ...options } = changes;
  const storage = await openStorage(url);
  const provider = rotatingProvider();
  const told: Told[] = [];
  const log: Log = (level, event, facts = {}) => void told.push({ level, event, facts });
  const sealing = sealingUnder(keychain(aKey('key-1')));
  const another = (more: Partial<VaultOptions> = {}): Vault => {
    const opened = vault({
      storage: wrap(storage),
      sealing,
      log,
      refreshers: { [of.provider]: provider },
      timing: { firstPauseMilliseconds: 1 },
      ...options,
      ...more,
    });
    opens.push(opened);
    return opened;
  };
  const opens: Vault[] = [];
  const house: House = {
    vault: another(),
    storage,
    provider,
    told,
    events: () => told.map(({ event }) => event),
    another,
    async signIn(at = now) {
      assert.equal(await house.vault.keep({ ...of, tokens: provider.issue(at), now: at }), 'kept');
    },
  };
  await storage.addUser({
    id: of.userId,
    email: 'a@example.com',
    name: 'A',
    role: 'member',
    createdAt: now,
    updatedAt: now,
  });
  t.after(async () => {
    for (const opened of opens) await opened.close();
    await storage.close();
    const text = JSON.stringify(told);
    for (const secret of ['access-', 'refresh-', 'identity-token', 'cloud-secret'])
      assert.ok(!text.includes(secret), `the log says ${secret}`);
  });
  return house;
}

export const aKey = (id: string): NamedKey => ({ id, key: createSecretKey(randomBytes(32)) });

/** The first is the current one. */
export function keychain(...known: readonly [NamedKey, ...NamedKey[]]): Keychain {
  return { current: known[0], known, find: async (id) => known.find((key) => key.id === id) };
}
