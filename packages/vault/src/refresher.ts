// The refresh of one entry, by one refresher at a time among all instances: a lease, a look at what is there now, three
// tries, and the new tokens written before anybody sees them.
import { setTimeout as wait } from 'node:timers/promises';
import { EnvelopeError } from '@sallyport/crypto';
import { isRefusal } from '@sallyport/protocol';
import type { Storage, VaultEntry } from '@sallyport/storage';
import { type Clock, clockFrom } from './clock.ts';
import { enderOf, isUnspentBy, saysGone } from './ending.ts';
import { type KeptTokens, keptTokens, openTokens, sealTokens } from './entry.ts';
import * as limits from './limits.ts';
import type { Room } from './room.ts';
import { finalityOf } from './refusals.ts';
import { postponedSeconds, timesOf } from './times.ts';
import type { TokenAnswer } from './token-answer.ts';

/**
 * `elsewhere`: somebody else refreshes it at this moment. `not_due`: nothing to do any more. `postponed`: it did not work
 * and is tried again later. `dead`: the person has to sign in again. `lost`: new tokens could not be written.
 * `closing`: it is left to other instances.
 */
export type Refreshed = 'refreshed' | 'elsewhere' | 'not_due' | 'postponed' | 'dead' | 'lost' | 'closing';

type Lease = Parameters<Storage['releaseClaim']>[0];

/** @returns the refresh of an entry, which everybody in this process who wants it shares */
export function refresherOf(room: Room) {
  const { storage, sealing, refreshers, revokers = {}, log, closing, timing } = room;
  const ender = enderOf(room);
  const underWay = new Map<string, Promise<Refreshed>>();
  return {
    refresh(entry: VaultEntry, now: number): Promise<Refreshed> {
      const shared =
        underWay.get(entry.id) ??
        underLease(entry.id, clockFrom(now)).finally(() => underWay.delete(entry.id));
      underWay.set(entry.id, shared);
      return shared;
    },
    /** Without asking its provider, which has just failed others. */
    putOff: (entry: VaultEntry, now: number): Promise<Refreshed> =>
      postpone(entry, postponedSeconds({ expiresAt: entry.expiresAt, retryAfterSeconds: 0 }, now), now),
    /** Settles once nothing is under way any more. */
    finished: async (): Promise<void> => void (await Promise.allSettled(underWay.values())),
  };

  async function underLease(id: string, clock: Clock): Promise<Refreshed> {
    const now = clock();
    if (closing.signal.aborted) return 'closing';
    const lease: Lease = { kind: 'vault_refresh', id, expiresAt: now + timing.leaseSeconds };
    if ((await storage.claim({ ...lease, now })) === 'taken') return 'elsewhere';
    try {
      // Another one may have been here just before: its refresh token is the one that counts.
      const entry = await storage.findVaultEntry(id);
      if (entry?.refreshAt === undefined || entry.refreshAt > now) return 'not_due';
      return await refreshEntry(entry, lease, clock);
    } finally {
      await storage.releaseClaim(lease).catch((error: unknown) => {
        log('warn', 'vault_lease_kept', { ...about({ id }), message: messageOf(error) });
      });
    }
  }

  async function refreshEntry(entry: VaultEntry, lease: Lease, clock: Clock): Promise<Refreshed> {
    const { provider, expiresAt } = entry;
    const refresher = Object.hasOwn(refreshers, provider) ? refreshers[provider] : undefined;
    if (refresher === undefined) return postpone(entry, limits.unconfiguredPostponedSeconds, clock());
    const before = await open(entry);
    if (before?.refresh_token === undefined) return postpone(entry, limits.operatorPostponedSeconds, clock());
    const mayEnd = ender.isFor(provider);
    const asked = mayEnd ? await storage.noteVaultAsked({ ...entry, now: clock() }) : 'again';
    if (asked === 'superseded' || asked === 'gone') return 'not_due';
    // Nobody but us has shown them, and whatever was answered was heard.
    let isSure = asked === 'first';
    for (let tried = 1; ; tried++) {
      const startedAt = clock();
      const { refresh_token, client_id } = before;
      const answer = await refresher
        .refresh(refresh_token, startedAt, entry.subject, client_id)
        .catch(failureOf);
      if (!(answer instanceof Failure)) return write({ entry, before, answer, obtainedAt: startedAt }, clock);
      const { reason, facts, retryAfterSeconds } = answer;
      const finality = facts['isSpent'] === true ? 'final' : finalityOf(reason);
      const pause = Math.max(pauseAfter(tried), retryAfterSeconds * 1000);
      const isTriedAgain =
        finality === 'passing' &&
        tried < limits.tries &&
        retryAfterSeconds <= limits.mostWaitedForSeconds &&
        clock() + pause / 1000 + timing.leaseLeftSeconds <= lease.expiresAt;
      const told = { ...facts, ...about(entry), reason, finality, tried };
      log(isTriedAgain ? 'info' : 'warn', 'vault_refresh_failed', told);
      if (finality === 'final' && mayEnd && saysGone(reason, facts))
        return end(entry, reason, isSure, clock());
      if (finality === 'final') return bury(entry, reason, clock());
      isSure &&= isUnspentBy(reason);
      if (finality === 'for_the_operator')
        return postpone(entry, limits.operatorPostponedSeconds, clock(), isSure);
      if (!isTriedAgain)
        return postpone(entry, postponedSeconds({ expiresAt, retryAfterSeconds }, clock()), clock(), isSure);
      // It stays due: another instance goes on with it.
      if (!(await paused(pause))) return 'closing';
    }
  }

  /**
   * The provider has forgotten the old tokens and nobody else knows the new ones: they stay in memory until the store
   * has them, and are given to nobody before.
   */
  async function write({ entry, before, answer, obtainedAt }: Brought, clock: Clock): Promise<Refreshed> {
    const { id } = entry;
    const tokens = keptTokens(answer, before, obtainedAt);
    const times = timesOf(tokens, answer.expiresAt, room.refreshBeforeSeconds);
    let { generation } = entry;
    let sealed: Uint8Array | undefined;
    for (let failed = 0; ;) {
      try {
        // Once: by the same envelope the store knows a write whose answer was lost.
        sealed ??= await sealTokens(sealing, id, tokens);
        const outcome = await storage.replaceVaultTokens({ id, generation, sealed, ...times, now: clock() });
        if (outcome === 'replaced') {
          ender.release(entry.provider);
          log('info', 'vault_refreshed', { ...about(entry), expiresAt: answer.expiresAt });
          return 'refreshed';
        }
        const there = outcome === 'superseded' ? await storage.findVaultEntry(id) : undefined;
        if (there === undefined || (await open(there))?.refresh_token !== before.refresh_token) {
          // The person has signed in again meanwhile, or has taken the account away: what we hold is of before.
          log('info', 'vault_refresh_dropped', { ...about(entry), why: outcome });
          if (outcome === 'gone') await revokeBrought(entry, tokens, clock());
          return 'not_due';
        }
        // Signing in brought no refresh token of its own: the one that was kept for it is the one that we have changed.
        ({ generation } = there);
      } catch (error) {
        failed += 1;
        const message = messageOf(error);
        if (room.isOver()) {
          log('error', 'vault_tokens_lost', { ...about(entry), message });
          return 'lost';
        }
        log('error', 'vault_write_failed', { ...about(entry), failed, message });
        const { first, longest } = limits.writePauseMilliseconds;
        // Closing does not end these tries, it only makes them quick.
        if (!(await paused(Math.min(first * 2 ** (failed - 1), longest)))) await wait(first);
      }
    }
  }

  /**
   * What was forgotten is queued as it was before this refresh, and what came of it is known to nobody else. Once, because it
   * is in no store; what is queued is tried as ever.
   */
  async function revokeBrought(entry: VaultEntry, tokens: KeptTokens, now: number): Promise<void> {
    const { provider } = entry;
    if (!Object.hasOwn(revokers, provider)) return;
    const asked = revokers[provider]?.revoke(tokens, now);
    const outcome = await asked?.catch(() => 'given_up' as const);
    log(outcome === 'given_up' ? 'warn' : 'info', 'vault_forgotten', { ...about(entry), outcome });
  }

  async function bury(entry: VaultEntry, reason: string, now: number): Promise<Refreshed> {
    const { id, generation } = entry;
    const outcome = await storage.markVaultEntryDead({ id, generation, reason, now });
    if (outcome !== 'marked') return 'not_due';
    log('warn', 'vault_entry_dead', { ...about(entry), reason });
    return 'dead';
  }

  /** Its provider says that they are gone there. */
  async function end(entry: VaultEntry, reason: string, isSure: boolean, now: number): Promise<Refreshed> {
    if (!isSure) {
      log('warn', 'access_not_ended', { ...about(entry), why: 'an answer may have been lost' });
      return bury(entry, reason, now);
    }
    const outcome = await ender.end(entry, reason, now);
    if (outcome === 'held_back') return postpone(entry, limits.operatorPostponedSeconds, now, true);
    if (outcome !== 'ended') return 'not_due';
    log('warn', 'vault_entry_dead', { ...about(entry), reason });
    return 'dead';
  }

  async function postpone(
    entry: VaultEntry,
    seconds: number,
    now: number,
    isUnspent = false,
  ): Promise<Refreshed> {
    const { id, generation } = entry;
    const refreshAt = now + seconds;
    const outcome = await storage.postponeVaultEntry({ id, generation, refreshAt, isUnspent, now });
    return outcome === 'postponed' ? 'postponed' : 'not_due';
  }

  async function open(entry: VaultEntry): Promise<KeptTokens | undefined> {
    try {
      return await openTokens(sealing, entry);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      log('error', 'vault_entry_unreadable', { ...about(entry), message: error.message });
      return undefined;
    }
  }

  /** @returns whether it was not cut short by closing */
  function paused(milliseconds: number): Promise<boolean> {
    return wait(milliseconds, true, { signal: closing.signal }).catch(() => false);
  }

  function pauseAfter(tried: number): number {
    return timing.firstPauseMilliseconds * 4 ** (tried - 1) * (0.5 + Math.random() / 2);
  }
}

/** What a provider gave in place of what was there. */
interface Brought {
  readonly entry: VaultEntry;
  readonly before: KeptTokens;
  readonly answer: TokenAnswer;
  readonly obtainedAt: number;
}

class Failure {
  readonly reason: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number;

  constructor(reason: string, facts: Failure['facts']) {
    this.reason = reason;
    this.facts = facts;
    const { retryAfterSeconds } = facts;
    this.retryAfterSeconds = typeof retryAfterSeconds === 'number' ? retryAfterSeconds : 0;
  }
}

function failureOf(error: unknown): Failure {
  if (isRefusal(error)) return new Failure(error.reason, error.facts);
  return new Failure('unexpected', { message: messageOf(error) });
}

/** For the log: which entry, and nothing of what is in it. */
function about(entry: Partial<VaultEntry>) {
  const { id: entryId, userId, provider } = entry;
  return { entryId, userId, provider };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
