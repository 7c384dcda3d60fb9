// Other people's credentials for a person: kept sealed, refreshed before they expire, handed out while they are good.
import { randomInt } from 'node:crypto';
import { EnvelopeError } from '@sallyport/crypto';
import type { VaultEntry } from '@sallyport/storage';
import { accessTokensOf, type FoundToken, type Wanted, within } from './access-token.ts';
import { type Away, providersAway } from './away.ts';
import { clockFrom } from './clock.ts';
import { idOf, type KeptTokens, keptTokens, openTokens, sealTokens, type Whose } from './entry.ts';
import * as limits from './limits.ts';
import { type Refreshed, refresherOf } from './refresher.ts';
import { type RevokedCounts, revokerOf } from './revoking.ts';
import type { Room, VaultOptions } from './room.ts';
import { timesOf } from './times.ts';
import type { TokenAnswer } from './token-answer.ts';

/** How many entries there were of each outcome; `failed`: the store or a key was away, and they stay due. */
export type RefreshedCounts = Readonly<Partial<Record<Refreshed | 'failed', number>>>;

type Kept = Whose & {
  readonly tokens: TokenAnswer;
  readonly isOfIdentity?: boolean;
  readonly now: number;
};

export interface Vault {
  /**
   * In place of what was kept of this account; what is refreshed at that moment is dropped.
   * @param kept.isOfIdentity whether they came of signing in; kept then only while the person has that way to sign in
   */
  keep(kept: Kept): Promise<'kept' | 'user_gone'>;
  /**
   * One that is good now. It is refreshed when that is due: at once when it is over, otherwise without being waited for.
   * @throws StorageUnavailable
   */
  accessToken(wanted: Wanted, now: number): Promise<FoundToken>;
  /** Forgets it, to be revoked at the provider; all accounts at this provider unless one is named. */
  remove(wanted: Wanted): Promise<void>;
  /** Refreshes what is due. What `startRefreshing` starts calls it. */
  refreshDue(now: number): Promise<RefreshedCounts>;
  /** Tells providers of what was forgotten. What `startRefreshing` starts calls it. */
  revokeForgotten(now: number): Promise<RevokedCounts>;
  /** Begins no refresh any more; resolves when those under way are over, and what they brought is written. */
  close(): Promise<void>;
}

export function vault(options: VaultOptions): Vault {
  const room = roomOf(options);
  const { storage, sealing, log, closing, timing, refreshBeforeSeconds } = room;
  const refresher = refresherOf(room);
  const refreshLater = (entry: VaultEntry, now: number) => void refreshOrTell(entry, now);
  return {
    keep,
    accessToken: accessTokensOf(room, {
      refresh: (entry, now) => refresher.refresh(entry, now),
      refreshLater,
    }),
    remove,
    refreshDue,
    revokeForgotten: revokerOf(room),
    async close() {
      closing.abort();
      // The second time is for a store that does not even refuse.
      await within(2 * timing.closeMilliseconds, refresher.finished());
    },
  };

  async function keep(kept: Kept): Promise<'kept' | 'user_gone'> {
    const { userId, provider, subject, tokens: answer, isOfIdentity = false, now } = kept;
    const id = idOf(kept);
    for (;;) {
      // Google gives a refresh token at the first consent only: the one from before is still good then.
      const known = answer.refresh_token === undefined ? await storage.findVaultEntry(id) : undefined;
      const { refresh_token, client_id } = (known && (await open(known))) ?? {};
      const tokens = keptTokens(answer, { refresh_token, client_id }, now);
      const sealed = await sealTokens(sealing, id, tokens);
      const times = timesOf(tokens, answer.expiresAt, refreshBeforeSeconds);
      if (known === undefined || refresh_token === undefined) {
        const generation = randomInt(limits.firstGenerations);
        const whose = { id, userId, provider, subject, isOfIdentity };
        return storage.keepVaultEntry({ ...whose, sealed, generation, ...times, now });
      }
      const { generation } = known;
      const outcome = await storage.replaceVaultTokens({ id, generation, sealed, ...times, now });
      if (outcome === 'replaced') return 'kept';
    }
  }

  /** @returns nothing of what is dead, or can no longer be opened */
  async function open(entry: VaultEntry): Promise<KeptTokens | undefined> {
    if (entry.dead !== undefined) return undefined;
    return openTokens(sealing, entry).catch((error: unknown) => {
      if (error instanceof EnvelopeError) return undefined;
      throw error;
    });
  }

  async function remove({ userId, provider, subject }: Wanted): Promise<void> {
    const named = subject === undefined ? undefined : [idOf({ userId, provider, subject })];
    const ids = named ?? (await storage.listVaultEntries({ userId, provider })).map(({ id }) => id);
    for (const id of ids) await storage.removeVaultEntry(id);
  }

  async function refreshDue(now: number): Promise<RefreshedCounts> {
    const counts: Partial<Record<Refreshed | 'failed', number>> = {};
    const due = await storage.listDueVaultEntries({ now, limit: limits.dueAtOnce });
    // A lease that began when the list was read would be over while the last of them are refreshed.
    const clock = clockFrom(now);
    // All instances see the same list: begun at different places, they meet less often.
    const begin = randomInt(due.length + 1);
    const waiting = [...due.slice(begin), ...due.slice(0, begin)].values();
    const away = providersAway(room);
    const work = async (): Promise<void> => {
      for (const entry of waiting) {
        if (closing.signal.aborted) return;
        const outcome = await refreshOrTell(entry, clock(), away);
        away.note(entry.provider, outcome);
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      }
    };
    // They share one iterator.
    await Promise.all(Array.from({ length: limits.refreshesAtOnce }, work));
    return counts;
  }

  async function refreshOrTell(entry: VaultEntry, now: number, away?: Away): Promise<Refreshed | 'failed'> {
    try {
      const isAway = away?.has(entry.provider) === true;
      return await (isAway ? refresher.putOff(entry, now) : refresher.refresh(entry, now));
    } catch (error) {
      const { id: entryId, provider, userId } = entry;
      const message = error instanceof Error ? error.message : String(error);
      log('error', 'vault_refresh_broke_off', { entryId, userId, provider, message });
      return 'failed';
    }
  }
}

function roomOf(options: VaultOptions): Room {
  const closing = new AbortController();
  const timing = {
    leaseSeconds: limits.leaseSeconds,
    leaseLeftSeconds: limits.leaseLeftSeconds,
    waitMilliseconds: limits.waitMilliseconds,
    firstPauseMilliseconds: limits.firstPauseMilliseconds,
    closeMilliseconds: limits.closeMilliseconds,
    ...options.timing,
  };
  let over = Infinity;
  const closed = () => void (over = performance.now() + timing.closeMilliseconds);
  closing.signal.addEventListener('abort', closed, { once: true });
  const { refreshBeforeSeconds = limits.defaultRefreshBeforeSeconds } = options;
  return { ...options, refreshBeforeSeconds, timing, closing, isOver: () => performance.now() > over };
}
