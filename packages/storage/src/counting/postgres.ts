// Counters that instances share on PostgreSQL: one statement for each count, on the store's own connections, outside of
// every transaction.

import { RateLimiterPostgres } from 'rate-limiter-flexible';
import type { Connections } from '../postgres/connections.ts';
import { explain } from '../postgres/failures.ts';
import { run, statement } from '../script.ts';
import type { OpenCounter } from './counter.ts';
import { sharedCounter } from './shared.ts';

/** Made by a migration: nothing is defined while requests are answered. */
const table = {
  tableName: 'rate_counters',
  tableCreated: true,
  // Each counter would do it for itself, and go on after the store was closed; the sweep of the store does it once.
  clearExpiredByTimeout: false,
} as const;

export function openPostgresCounter({ query }: Pick<Connections, 'query'>): OpenCounter {
  return (rule) => {
    const { name, points, seconds } = rule;
    const limiter = new RateLimiterPostgres({
      storeClient: { query },
      storeType: 'pool',
      ...table,
      keyPrefix: name,
      points,
      duration: seconds,
    });
    return sharedCounter(rule, limiter, explain);
  };
}

const deleteOver = statement(`DELETE FROM ${table.tableName} WHERE expire < $1`);

/** @param nowMilliseconds the library counts in them */
export const sweepCounters = (nowMilliseconds: number) => run(deleteOver, nowMilliseconds);
