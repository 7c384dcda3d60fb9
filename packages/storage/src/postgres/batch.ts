// Statements that travel together: one message with all of them, one message with their answers. The first that fails
// keeps the rest from being done, so `BEGIN` can be sent with what must not be done without it.
// PostgreSQL's documentation, "Extended Query"; pg takes it as it takes its own queries, as a `Submittable`.

import type pg from 'pg';
import { answerMilliseconds } from '../limits.ts';
import type { Value } from '../script.ts';
import { tooLate } from './failures.ts';
import { parameter, readerOf } from './values.ts';
import type { Parameter } from './values.ts';

export interface Command {
  readonly sql: string;
  readonly values: readonly Value[];
}

export type Row = Readonly<Record<string, unknown>>;

export interface Done {
  readonly rows: readonly Row[];
  /** How many rows were changed, or returned. */
  readonly count: number;
}

interface Column {
  readonly name: string;
  readonly read: (text: string) => unknown;
}

/** A statement that a connection has prepared, or is about to. */
interface Prepared {
  readonly name: string;
  /** Described once, when it is prepared; none for what returns no rows. */
  columns: readonly Column[];
  isReady: boolean;
}

/** What one connection has prepared: every statement of an operation, the first time that it is asked for. */
export class PreparedStatements {
  readonly #bySql = new Map<string, Prepared>();
  #made = 0;

  named(sql: string): Prepared {
    let prepared = this.#bySql.get(sql);
    if (prepared === undefined) {
      prepared = { name: `s${(this.#made += 1)}`, columns: [], isReady: false };
      this.#bySql.set(sql, prepared);
    }
    return prepared;
  }

  /** What failed while it was prepared may be known to the server or not: next time it gets another name. */
  forgetUnlessReady(sql: string): void {
    if (this.#bySql.get(sql)?.isReady === false) this.#bySql.delete(sql);
  }
}

/** What pg's types leave out of its `Connection`. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void; destroy(): void };
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly Parameter[] }): void;
  describe(message: { type: 'S'; name: string }): void;
  execute(message: object): void;
  sync(): void;
}

/**
 * Does the commands one after the other on a connection that nobody else uses meanwhile.
 * @returns what each did. @throws what the first that failed failed with; TypeError, when nothing was sent
 */
export async function doTogether(
  client: pg.ClientBase,
  prepared: PreparedStatements,
  commands: readonly Command[],
): Promise<readonly Done[]> {
  const bound = commands.map(({ sql, values }) => ({ sql, values: values.map(parameter) }));
  return new Promise((resolve, reject) => {
    client.query(new Batch(prepared, bound, resolve, reject));
  });
}

class Batch implements pg.Submittable {
  readonly #prepared: PreparedStatements;
  readonly #commands: readonly { sql: string; values: readonly Parameter[] }[];
  readonly #resolve: (done: readonly Done[]) => void;
  readonly #reject: (error: unknown) => void;
  readonly #done: Done[] = [];
  #rows: Row[] = [];
  /** Of the statement that is being answered. */
  #current: Prepared | undefined;
  /** An answer that could not be read; the rest of it must be heard before the connection can be used again. */
  #unreadable: unknown;
  #patience: NodeJS.Timeout | undefined;
  #isLate = false;

  constructor(
    prepared: PreparedStatements,
    commands: readonly { sql: string; values: readonly Parameter[] }[],
    resolve: (done: readonly Done[]) => void,
    reject: (error: unknown) => void,
  ) {
    this.#prepared = prepared;
    this.#commands = commands;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: pg.Connection): void {
    const wire = connection as unknown as Wire;
    const parsed = new Set<Prepared>();
    wire.stream.cork();
    for (const { sql, values } of this.#commands) {
      const statement = this.#prepared.named(sql);
      const { name } = statement;
      if (!statement.isReady && !parsed.has(statement)) {
        wire.parse({ name, text: sql });
        wire.describe({ type: 'S', name });
        parsed.add(statement);
      }
      wire.bind({ statement: name, values });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
    this.#expectNext();
    this.#patience = setTimeout(() => {
      this.#isLate = true;
      wire.stream.destroy();
    }, answerMilliseconds);
  }

  #expectNext(): void {
    const next = this.#commands[this.#done.length];
    this.#current = next && this.#prepared.named(next.sql);
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    if (this.#current === undefined) return;
    this.#current.columns = fields.map(({ name, dataTypeID }) => ({ name, read: readerOf(dataTypeID) }));
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    try {
      for (const [place, { name, read }] of (this.#current?.columns ?? []).entries()) {
        const field = fields[place] ?? null;
        row[name] = field === null ? null : read(field);
      }
    } catch (error) {
      this.#unreadable = error;
    }
    this.#rows.push(row);
  }

  /** Such as `SELECT 3`, `INSERT 0 1`, `BEGIN`. */
  handleCommandComplete({ text }: { text: string }): void {
    if (this.#current !== undefined) this.#current.isReady = true;
    this.#done.push({ rows: this.#rows, count: Number(/\d+$/.exec(text)?.[0] ?? 0) });
    this.#rows = [];
    this.#expectNext();
  }

  handleReadyForQuery(): void {
    clearTimeout(this.#patience);
    if (this.#unreadable === undefined) this.#resolve(this.#done);
    else this.#reject(this.#unreadable);
  }

  handleError(error: unknown): void {
    clearTimeout(this.#patience);
    const failed = this.#commands[this.#done.length];
    if (failed !== undefined) this.#prepared.forgetUnlessReady(failed.sql);
    this.#reject(this.#isLate ? new Error(tooLate, { cause: error }) : error);
  }
}
