// How an operation is written once and runs on every backend: as a script, a generator that asks for one statement at a
// time. SQLite plays it without a pause, PostgreSQL will play it with an `await` at each step; either way it is one
// transaction. A script is a pure function of its input and of the rows it gets, so a driver may play it again.

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

export interface Step {
  /** `revoke` is `all` for statements that return `id`s of grants which end with this transaction. */
  readonly verb: 'run' | 'one' | 'all' | 'revoke';
  readonly sql: string;
  readonly values: readonly Value[];
}

export type Script<Answer> = Generator<Step, Answer, unknown>;

/** Runs a statement that changes rows. @returns how many */
export function* run(changing: Statement<never>, ...values: readonly Value[]): Script<number> {
  return (yield { verb: 'run', sql: changing.sql, values }) as number;
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
export function* revoke(
  ending: Statement<{ id: string }>,
  ...values: readonly Value[]
): Script<readonly { id: string }[]> {
  return (yield { verb: 'revoke', sql: ending.sql, values }) as readonly { id: string }[];
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
}

/** Plays a script to its end where statements are answered at once. */
export function playNow<Answer>(script: Script<Answer>, perform: (step: Step) => unknown): Answer {
  let turn = script.next();
  while (turn.done !== true) turn = script.next(perform(turn.value));
  return turn.value;
}
