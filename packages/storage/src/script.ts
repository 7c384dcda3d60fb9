// How an operation is written once and runs on every backend: as a script, a generator that asks for one statement at a
// time. SQLite plays it without a pause, PostgreSQL with an `await` at each step; either way it is one transaction.
// A script is a pure function of its input and of the rows it gets, so a driver may play it again.

import type { Change } from './contract.ts';

/** What a column or a parameter may hold; anything else is refused by the drivers. */
export type Value = string | number | Uint8Array | null;

/** SQL in the common subset of SQLite and PostgreSQL, with parameters `$1 … $n`, and the shape of its rows. */
export interface Statement<Row> {
  readonly sql: string;
  /** Never set: it only carries the type. */
  readonly row?: Row;
}

export function statement<Row = never>(sql: string): Statement<Row> {
  return { sql };
}

/** A statement. */
export interface Ask {
  /**
   * `revoke` is `all` for statements that return `id`s of grants which end with this transaction; `send` is `run` when
   * the answer does not matter.
   */
  readonly verb: 'run' | 'send' | 'one' | 'all' | 'revoke';
  readonly sql: string;
  readonly values: readonly Value[];
}

/** Word for those who listen to the store. */
export interface Tell {
  readonly verb: 'tell';
  readonly change: Change;
}

export type Step = Ask | Tell;

export type Script<Answer> = Generator<Step, Answer, unknown>;

/** Runs a statement that changes rows. @returns how many */
export function* run(changing: Statement<never>, ...values: readonly Value[]): Script<number> {
  return (yield { verb: 'run', sql: changing.sql, values }) as number;
}

/** Runs a statement whose outcome the script does not need: a driver need not wait for it before the next one. */
export function* send(changing: Statement<never>, ...values: readonly Value[]): Script<void> {
  yield { verb: 'send', sql: changing.sql, values };
}

/** @returns the first row */
export function* one<Row>(asking: Statement<Row>, ...values: readonly Value[]): Script<Row | undefined> {
  return (yield { verb: 'one', sql: asking.sql, values }) as Row | undefined;
}

/** @returns all rows */
export function* all<Row>(asking: Statement<Row>, ...values: readonly Value[]): Script<readonly Row[]> {
  return (yield { verb: 'all', sql: asking.sql, values }) as readonly Row[];
}

/** Ends grants; the driver tells the listeners once it is durable. @returns the grants that were ended by it */
export function* revoke<Row extends { id: string }>(
  ending: Statement<Row>,
  ...values: readonly Value[]
): Script<readonly Row[]> {
  return (yield { verb: 'revoke', sql: ending.sql, values }) as readonly Row[];
}

/**
 * Tells the listeners `keys` once this transaction is durable: those of this process before the call is answered, those
 * of other processes within a second (on SQLite as `anything`). Nothing is told when the transaction is undone.
 */
export function* tellKeysChanged(): Script<void> {
  yield { verb: 'tell', change: 'keys' };
}

/** The same with `anything`, for what changes grants that nobody has counted. */
export function* tellAnythingChanged(): Script<void> {
  yield { verb: 'tell', change: 'anything' };
}

/** Adds to `changed` what listeners are to be told of a step, given its answer. */
export function noteChanges(step: Step, answer: unknown, changed: Change[]): void {
  if (step.verb === 'tell') changed.push(step.change);
  if (step.verb !== 'revoke') return;
  for (const { id } of answer as readonly { id: string }[]) changed.push({ grantId: id });
}

/** An answer whose script wants everything undone that it has written. */
export class Undone<Answer> {
  readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }
}

/** What a backend gives to the operations: each call is one transaction. */
export interface Player {
  /** Plays a script that only reads, on committed state. */
  readonly read: <Answer>(begin: () => Script<Answer>) => Promise<Answer>;
  /** Plays a script that writes; answers once its transaction is durable. */
  readonly write: <Answer>(begin: () => Script<Answer | Undone<Answer>>) => Promise<Answer>;
  /**
   * As `write`, for a script that decides by what is *not* there ("is there none yet?"), which no row can arbitrate:
   * simultaneous ones have the effect of one after the other (SERIALIZABLE).
   */
  readonly writeAlone: Player['write'];
}

/** Plays a script to its end where statements are answered at once. */
export function playNow<Answer>(script: Script<Answer>, perform: (step: Step) => unknown): Answer {
  let turn = script.next();
  while (turn.done !== true) turn = script.next(perform(turn.value));
  return turn.value;
}
