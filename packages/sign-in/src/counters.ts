// Where attempts are counted. In memory now; a store that several instances share only has to fit `Counter`.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface CounterRule {
  readonly keyPrefix: string;
  /** So many … */
  readonly points: number;
  /** … in this many seconds. */
  readonly duration: number;
}

/** The part of a `rate-limiter-flexible` limiter that is used here; each call is atomic. */
export interface Counter {
  consume(key: string): Promise<RateLimiterRes>;
  penalty(key: string): Promise<RateLimiterRes>;
  reward(key: string): Promise<RateLimiterRes>;
  block(key: string, seconds: number): Promise<RateLimiterRes>;
  set(key: string, points: number, seconds: number): Promise<RateLimiterRes>;
  get(key: string): Promise<RateLimiterRes | null>;
  delete(key: string): Promise<boolean>;
}

export type OpenCounter = (rule: CounterRule) => Counter;

export const countInMemory: OpenCounter = (rule) => new RateLimiterMemory({ ...rule });

/** What is left to wait, and whether this very attempt was the first beyond the limit. */
export interface Excess {
  readonly waitSeconds: number;
  readonly isFirst: boolean;
}

/**
 * Counts one attempt.
 * @returns undefined when it is within the limit
 * @throws whatever the store throws: an attempt that cannot be counted is not allowed
 */
export async function count(
  counter: Counter,
  rule: { points: number },
  key: string,
): Promise<Excess | undefined> {
  try {
    await counter.consume(key);
    return undefined;
  } catch (rejected) {
    if (!(rejected instanceof RateLimiterRes)) throw rejected;
    return {
      waitSeconds: Math.max(1, Math.ceil(rejected.msBeforeNext / 1000)),
      isFirst: rejected.consumedPoints === rule.points + 1,
    };
  }
}
