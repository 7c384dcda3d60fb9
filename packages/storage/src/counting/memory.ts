// Counters in this process. A key costs memory and a timer, and strangers choose keys, so their number is bounded: what
// comes on top is counted together with its surroundings, or takes the place of the oldest; never is it left uncounted.

import { RateLimiterMemory } from 'rate-limiter-flexible';
import { counterKeysKept, counterTidyMilliseconds, widerCounterFactor } from '../limits.ts';
import type { Counter, CounterRule, OpenCounter } from './counter.ts';
import { counterOn } from './limiter.ts';

export const countInMemory: OpenCounter = (rule) => memoryCounter(rule);

/** @param maxKeys so many keys are told apart */
export function memoryCounter(rule: CounterRule, maxKeys = counterKeysKept): Counter {
  const { points, seconds, wider } = rule;
  const exact = counterOn(
    new RateLimiterMemory({ keyPrefix: '', points, duration: seconds }),
    (error) => error,
  );
  /** When each key is over, in milliseconds. */
  const kept = new Map<string, number>();
  let tidiedAt = 0;
  let widerCounter: Counter | undefined;

  return {
    count(key, weight) {
      const place = placeOf(key);
      return place.counter.count(place.key, weight);
    },
    add(key, weight) {
      const place = placeOf(key);
      return place.counter.add(place.key, weight);
    },
    takeBack(key) {
      const place = placeOf(key);
      return place.counter.takeBack(place.key);
    },
    set(key, count, forSeconds) {
      const place = placeOf(key);
      if (place.counter === exact) kept.set(key, Date.now() + forSeconds * 1000);
      return place.counter.set(place.key, count, forSeconds);
    },
    async get(key) {
      return kept.has(key) ? exact.get(key) : undefined;
    },
    async forget(key) {
      if (kept.delete(key)) await exact.forget(key);
    },
  };

  function placeOf(key: string): { readonly counter: Counter; readonly key: string } {
    const now = Date.now();
    const until = kept.get(key);
    if (until === undefined && kept.size >= maxKeys && !tidy(now)) {
      if (wider !== undefined) return { counter: (widerCounter ??= openWider()), key: wider(key) };
      forgetOldest();
    }
    if (until === undefined || until <= now) kept.set(key, now + seconds * 1000);
    return { counter: exact, key };
  }

  function openWider(): Counter {
    const { name } = rule;
    return memoryCounter({ name, points: points * widerCounterFactor, seconds }, maxKeys);
  }

  /** The limiter forgets by itself what is over. @returns whether there is room */
  function tidy(now: number): boolean {
    if (now - tidiedAt < counterTidyMilliseconds) return false;
    tidiedAt = now;
    for (const [key, until] of kept) if (until <= now) kept.delete(key);
    return kept.size < maxKeys;
  }

  function forgetOldest(): void {
    const [oldest] = kept.keys();
    if (oldest === undefined) return;
    kept.delete(oldest);
    void exact.forget(oldest);
  }
}
