// Handing out an access token: the one that is there while it is good, otherwise the one that a refresh brings, whoever
// refreshes.
import { setTimeout as wait } from 'node:timers/promises';
import { EnvelopeError, SecretsOutdated } from '@sallyport/crypto';
import type { VaultEntry } from '@sallyport/storage';
import { idOf, type KeptTokens, openTokens, type Whose } from './entry.ts';
import * as limits from './limits.ts';
import type { Refreshed } from './refresher.ts';
import type { Room } from './room.ts';
import { isUsable } from './times.ts';

/** Which account: without `subject`, the person's newest at this provider that is alive. */
export type Wanted = Omit<Whose, 'subject'> & Partial<Pick<Whose, 'subject'>>;

/**
 * `dead`: the person has to sign in there again; `reason` is a word for the log and the status. `none`: nothing was kept.
 * `unavailable`: try again later.
 */
export type FoundToken =
  | {
      readonly outcome: 'token';
      readonly access_token: string;
      readonly token_type: string;
      readonly scope?: string;
      /** Epoch seconds. */
      readonly expiresAt?: number;
    }
  | { readonly outcome: 'dead'; readonly reason: string }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'unavailable'; readonly reason: string; readonly retryAfterSeconds: number };

interface Refreshing {
  readonly refresh: (entry: VaultEntry, now: number) => Promise<Refreshed>;
  /** As `refresh`, for whoever does not wait for it. */
  readonly refreshLater: (entry: VaultEntry, now: number) => void;
}

export function accessTokensOf({ storage, sealing, refreshers, log, timing }: Room, refreshing: Refreshing) {
  return async (wanted: Wanted, now: number): Promise<FoundToken> => {
    const start = performance.now();
    for (
      let pause = limits.firstLookMilliseconds;
      ;
      pause = Math.min(pause * 2, limits.longestLookMilliseconds)
    ) {
      const elapsed = performance.now() - start;
      const at = now + Math.floor(elapsed / 1000);
      const found = await look(wanted, at);
      if ('outcome' in found) return found;
      const left = timing.waitMilliseconds - elapsed;
      const refreshed = left > 0 ? await within(left, refreshing.refresh(found.due, at)) : 'waited';
      if (refreshed === 'waited' || refreshed === 'lost' || refreshed === 'closing')
        return unavailable('refresh_under_way', limits.retryUnavailableSeconds);
      // Another instance is at it. A token that was over when it arrived is not asked for again at once either.
      const isFirst = pause === limits.firstLookMilliseconds;
      if (refreshed === 'elsewhere' || !isFirst) await wait(pause);
    }
  };

  /** @returns an outcome, or the entry that must be refreshed before there is one */
  async function look(wanted: Wanted, now: number): Promise<FoundToken | { readonly due: VaultEntry }> {
    const entry = await find(wanted);
    if (entry === undefined) return { outcome: 'none' };
    if (entry.dead !== undefined) return { outcome: 'dead', reason: entry.dead.reason };
    const tokens = await openTokens(sealing, entry).catch((error: unknown) => unopened(entry, error));
    if ('outcome' in tokens) return tokens;
    const { expiresAt, refreshAt = Infinity, provider } = entry;
    const isDue = refreshAt <= now && Object.hasOwn(refreshers, provider);
    if (isUsable({ obtainedAt: tokens.obtainedAt, expiresAt }, now)) {
      if (isDue) refreshing.refreshLater(entry, now);
      return handedOut(tokens, expiresAt);
    }
    if (tokens.refresh_token === undefined) return { outcome: 'dead', reason: 'access_token_expired' };
    if (isDue) return { due: entry };
    if (Object.hasOwn(refreshers, provider)) return unavailable('refresh_postponed', refreshAt - now);
    return unavailable('provider_not_configured', limits.unconfiguredPostponedSeconds);
  }

  async function find({ userId, provider, subject }: Wanted): Promise<VaultEntry | undefined> {
    if (subject !== undefined) return storage.findVaultEntry(idOf({ userId, provider, subject }));
    const entries = await storage.listVaultEntries({ userId, provider });
    const isAlive = ({ dead }: VaultEntry) => Number(dead === undefined);
    return entries.toSorted((a, b) => isAlive(b) - isAlive(a) || b.createdAt - a.createdAt)[0];
  }

  function unopened({ id: entryId, userId, provider }: VaultEntry, error: unknown): FoundToken {
    const isDamaged = error instanceof EnvelopeError;
    if (!isDamaged && !(error instanceof SecretsOutdated)) throw error;
    log('error', 'vault_entry_unreadable', { entryId, userId, provider, message: error.message });
    // What another instance's key sealed is read as soon as this one has the key; the rest only signing in replaces.
    if (isDamaged) return { outcome: 'dead', reason: 'vault_entry_unreadable' };
    return unavailable('secrets_outdated', limits.retryUnavailableSeconds);
  }
}

function handedOut(
  { access_token, token_type, scope }: KeptTokens,
  expiresAt: number | undefined,
): FoundToken {
  return {
    outcome: 'token',
    access_token,
    token_type,
    ...(scope !== undefined && { scope }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function unavailable(reason: string, retryAfterSeconds: number): FoundToken {
  return { outcome: 'unavailable', reason, retryAfterSeconds };
}

/** @returns what was awaited, or `waited` when it took longer; it goes on all the same */
export async function within<Answer>(
  milliseconds: number,
  awaited: Promise<Answer>,
): Promise<Answer | 'waited'> {
  const timer = new AbortController();
  const late = wait(milliseconds, 'waited' as const, { signal: timer.signal }).catch(() => 'waited' as const);
  try {
    return await Promise.race([awaited, late]);
  } finally {
    timer.abort();
  }
}
