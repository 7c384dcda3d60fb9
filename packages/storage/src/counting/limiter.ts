// A limiter of `rate-limiter-flexible` as a counter, and what its rejections mean: an excess, or a store that is away.

import { RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { StorageUnavailable } from '../contract.ts';
import type { Counter, Excess } from './counter.ts';

/**
 * @param explain turns what the store's client throws into what the contract promises
 */
export function counterOn(limiter: RateLimiterAbstract, explain: (error: unknown) => unknown): Counter {
  return {
    async count(key, weight = 1) {
      try {
        counted(await limiter.consume(key, weight));
        return undefined;
      } catch (rejected) {
        if (rejected instanceof RateLimiterRes) return excessOf(rejected, weight);
        throw explain(rejected);
      }
    },
    add: (key, weight = 1) => asking(async () => counted(await limiter.penalty(key, weight))),
    takeBack: (key) => asking(async () => void counted(await limiter.reward(key))),
    set: (key, points, seconds) => asking(async () => void (await limiter.set(key, points, seconds))),
    get: (key) =>
      asking(async () => {
        const found = await limiter.get(key);
        return found === null ? undefined : counted(found);
      }),
    forget: (key) => asking(async () => void (await limiter.delete(key))),
  };

  function excessOf({ consumedPoints, msBeforeNext }: RateLimiterRes, weight: number): Excess {
    return {
      waitSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
      isFirst: consumedPoints > limiter.points && consumedPoints - weight <= limiter.points,
    };
  }

  async function asking<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      throw explain(error);
    }
  }
}

/** The library takes what a store answers as it is: a number that is none would compare as "within the limit". */
function counted({ consumedPoints }: RateLimiterRes): number {
  if (Number.isFinite(consumedPoints)) return consumedPoints;
  throw new StorageUnavailable('The store of the rate limits gave an answer that is no number.');
}
