// Counters that instances share on Redis, which forgets by itself what is over: one script for each count.

import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { RedisConnection } from '../redis/connection.ts';
import type { OpenCounter } from './counter.ts';
import { sharedCounter } from './shared.ts';

/** @param deployment whose counts: what two that share one Redis differ in */
export function redisCounters({ client, explain }: RedisConnection, deployment: string): OpenCounter {
  return (rule) => {
    const { name, points, seconds } = rule;
    const limiter = new RateLimiterRedis({
      storeClient: client,
      keyPrefix: `sallyport:${deployment}:count:${name}`,
      points,
      duration: seconds,
    });
    return sharedCounter(rule, limiter, explain);
  };
}
