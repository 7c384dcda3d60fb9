// Telling providers that what was forgotten here is not wanted any more. What the person asked for is done by then, so
// nobody waits for it; it is tried a few times within a day, by one instance at a time, and then given up.
import { EnvelopeError } from '@sallyport/crypto';
import { isRefusal } from '@sallyport/protocol';
import type { Revocation } from '@sallyport/storage';
import { clockFrom } from './clock.ts';
import { openTokens } from './entry.ts';
import * as limits from './limits.ts';
import type { RevokedThere, Room } from './room.ts';

/**
 * `given_up`: it was tried for as long as that is done, or can never be. `elsewhere`: another instance is at it.
 * `postponed`: it is tried again later.
 */
export type Revoked = RevokedThere | 'given_up' | 'elsewhere' | 'postponed';

export type RevokedCounts = Readonly<Partial<Record<Revoked, number>>>;

/** @returns looks at what is due and tries it, each once */
export function revokerOf({ storage, sealing, revokers = {}, log, closing }: Room) {
  return async (now: number): Promise<RevokedCounts> => {
    const clock = clockFrom(now);
    const counts: Partial<Record<Revoked, number>> = {};
    const waiting = (await storage.listDueRevocations({ now, limit: limits.revocationsAtOnce })).values();
    const work = async (): Promise<void> => {
      for (const revocation of waiting) {
        if (closing.signal.aborted) return;
        const outcome = await tryOnce(revocation, clock());
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      }
    };
    // They share one iterator.
    await Promise.all(Array.from({ length: limits.revocationsUnderWay }, work));
    return counts;
  };

  async function tryOnce(revocation: Revocation, now: number): Promise<Revoked> {
    const { id, provider, tries } = revocation;
    const pause = limits.revocationPausesSeconds[tries];
    // Its last try was begun, and broke off.
    if (pause === undefined) return over(revocation, tries, 'given_up');
    if (!Object.hasOwn(revokers, provider)) return over(revocation, tries, 'not_offered');
    // Counted before it is asked: a crash costs a try and not the bound.
    const begun = await storage.beginRevocation({ id, tries, tryAt: now + pause });
    if (begun === 'elsewhere') return 'elsewhere';
    const outcome = await ask(revocation, now);
    const isLast = tries + 1 === limits.revocationPausesSeconds.length;
    if (outcome === 'postponed' && !isLast) return outcome;
    return over(revocation, tries + 1, outcome === 'postponed' ? 'given_up' : outcome);
  }

  async function ask(revocation: Revocation, now: number): Promise<Revoked> {
    const { provider, tries } = revocation;
    try {
      const tokens = await openTokens(sealing, revocation);
      return (await revokers[provider]?.revoke(tokens, now)) ?? 'not_offered';
    } catch (error) {
      if (error instanceof EnvelopeError) return 'given_up';
      const told = isRefusal(error)
        ? { ...error.facts, reason: error.reason }
        : { reason: 'unexpected', message: error instanceof Error ? error.message : String(error) };
      log('info', 'vault_revocation_failed', { ...told, ...about(revocation), tried: tries + 1 });
      return 'postponed';
    }
  }

  async function over<Outcome extends Revoked>(
    revocation: Revocation,
    tries: number,
    outcome: Outcome,
  ): Promise<Outcome> {
    await storage.endRevocation({ id: revocation.id, tries });
    log(outcome === 'given_up' ? 'warn' : 'info', 'vault_forgotten', { ...about(revocation), outcome });
    return outcome;
  }
}

/** For the log: which entry it was, and nothing of what is in it. */
const about = ({ id: entryId, userId, provider }: Revocation) => ({ entryId, userId, provider });
