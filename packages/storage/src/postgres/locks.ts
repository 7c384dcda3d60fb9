// Locks that have a number instead of a row; PostgreSQL forgets them with the transaction.

import { createHash } from 'node:crypto';
import { one, statement } from '../script.ts';
import type { Script } from '../script.ts';

/** Two numbers, because an advisory lock has no name; of the schema, because databases hold several. */
export type LockNumbers = readonly [number, number];

export function lockFor(purpose: 'migration' | 'sweep', schema: string): LockNumbers {
  const digest = createHash('sha256').update(`sallyport ${purpose} ${schema}`).digest();
  return [digest.readInt32BE(0), digest.readInt32BE(4)];
}

const tryLock = statement<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1, $2) AS taken');

/** Plays the script unless another process is at the same; nobody waits. */
export function* unlessUnderWay<Answer>(
  lock: LockNumbers,
  script: Script<Answer>,
  otherwise: Answer,
): Script<Answer> {
  return (yield* one(tryLock, ...lock))?.taken === true ? yield* script : otherwise;
}
