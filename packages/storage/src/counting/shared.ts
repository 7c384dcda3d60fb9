// A counter that instances share, over any store: keys of one short form, and lots in the place of single calls where the
// rule allows it.

import { createHash } from 'node:crypto';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { lotsOfLimit } from '../limits.ts';
import type { Counter, CounterRule, Excess } from './counter.ts';
import { counterOn } from './limiter.ts';
import { memoryCounter } from './memory.ts';

/**
 * @param limiter of the store, with the points and seconds of the rule
 * @param explain as in `counterOn`
 */
export function sharedCounter(
  rule: CounterRule,
  limiter: RateLimiterAbstract,
  explain: (error: unknown) => unknown,
): Counter {
  const store = counterOn(limiter, explain);
  const shared: Counter = {
    count: (key, weight) => store.count(digestOf(key), weight),
    add: (key) => store.add(digestOf(key)),
    takeBack: (key) => store.takeBack(digestOf(key)),
    set: (key, points, seconds) => store.set(digestOf(key), points, seconds),
    get: (key) => store.get(digestOf(key)),
    forget: (key) => store.forget(digestOf(key)),
  };
  const lot = rule.inLots === true ? Math.floor(rule.points / lotsOfLimit) : 0;
  return lot > 1 ? { ...shared, count: inLots(rule, lot, shared) } : shared;
}

/** What a stranger chose may be long, or hold what a store does not take; and an address need not be read there. */
function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 32);
}

/** Counts here, and tells the store of each full lot; who is beyond the limit there is blocked here too. */
function inLots({ wider: _, ...rule }: CounterRule, lot: number, shared: Counter): Counter['count'] {
  const { points } = rule;
  const own = memoryCounter(rule);
  return async (key, weight = 1): Promise<Excess | undefined> => {
    const total = await own.add(key, weight);
    const before = total - weight;
    if (total > points) {
      const excess = await own.count(key);
      return excess && { ...excess, isFirst: before <= points };
    }
    const full = Math.floor(total / lot) - Math.floor(before / lot);
    const excess = full === 0 ? undefined : await shared.count(key, full * lot);
    if (excess === undefined) return undefined;
    await own.set(key, points + 1, excess.waitSeconds);
    return { ...excess, isFirst: true };
  };
}
