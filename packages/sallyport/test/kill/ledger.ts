// What clients have been told, by a server that may die at any moment: what must be true afterwards.
import { randomInt } from 'node:crypto';
import type { Asked, Tokens } from '../house/client.ts';

/** One grant as its client knows it. */
export interface Chain {
  readonly code: string;
  readonly asked: Asked;
  /** The last that the client received; after a kill the answer of a newer refresh may be lost. */
  tokens: Tokens;
}

export interface Ledger {
  /** Every answer was received: they must work. */
  readonly live: Set<Chain>;
  /** The server has said that it is over: they must not work. */
  readonly ended: Set<Chain>;
}

export function openLedger(): Ledger {
  return { live: new Set(), ended: new Set() };
}

export function anyOf<T>(set: ReadonlySet<T>): T | undefined {
  return set.size === 0 ? undefined : [...set][randomInt(set.size)];
}
