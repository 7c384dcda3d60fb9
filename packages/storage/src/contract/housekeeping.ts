// What is no subject's own: changes, counters, the sweep, and whether the store answers.

import type { OpenCounter } from '../counting/counter.ts';

/** A grant that ended; the keys, in the store or beside it; or whatever was remembered. */
export type Change = { readonly grantId: string } | 'keys' | 'anything';

/** Hears of a transaction, or of one that failed, once it is over: for those who watch how the store keeps up. */
export type OnCommit = (commit: {
  /** Writes that shared it. */
  readonly calls: number;
  /** Writes that wait for the next one. */
  readonly waiting: number;
  /** From its first statement, waiting for another process's lock included, until it was durable. */
  readonly seconds: number;
}) => void;

export interface HousekeepingStorage {
  /**
   * Tells what others may have remembered and must look at again. A grant that ended in this process is told as soon as
   * that is durable, before the call is answered; what another process changed, within a second. While the store cannot
   * say what changed, `anything` is told again and again, so that nothing is remembered for more than a few seconds.
   * @returns a function that stops it
   */
  onChange(listener: (change: Change) => void): () => void;
  /** Opens a counter that all instances on this store share; on SQLite it is this process's own. Costs nothing yet. */
  readonly openCounter: OpenCounter;
  /**
   * Deletes up to `limit` rows of each kind that expired before `now`: sessions, paused authorizations, browsers away at a provider, codes, tokens,
   * grants, claims, signing keys that nothing can be alive of that they signed, clients registered dynamically before `unusedClientsBefore` that never completed an authorization, clients of documents that were fetched more than an hour ago and never completed one, clients that came a week ago and still wait, initial access tokens a month after they expired, and login
   * events of more than a week ago or beyond the newest 50,000. Clients that the operator decided on stay.
   * @returns how many rows it deleted
   */
  sweep(work: { now: number; unusedClientsBefore: number; limit: number }): Promise<number>;
  /** Resolves when the store answers; otherwise throws `StorageUnavailable`, the durable part's first. */
  ping(): Promise<void>;
  /** Waits for queued writes, then closes. */
  close(): Promise<void>;
}
