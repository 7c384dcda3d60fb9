// A connection that tests can look into and rig: it notes the SQL that is prepared, counts commits, and can fail them.

import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';

export class WatchedConnection extends DatabaseSync {
  readonly prepared: string[] = [];
  commits = 0;
  /** What the next commit fails with. */
  failCommit: Error | undefined;
  /** Called before each commit. */
  beforeCommit: () => void = () => {};

  override prepare(sql: string): StatementSync {
    this.prepared.push(sql);
    const statement = super.prepare(sql);
    return sql === 'COMMIT' ? this.#watched(statement) : statement;
  }

  #watched(statement: StatementSync): StatementSync {
    const run = statement.run.bind(statement);
    statement.run = () => {
      this.beforeCommit();
      const failure = this.failCommit;
      this.failCommit = undefined;
      if (failure !== undefined) throw failure;
      this.commits += 1;
      return run();
    };
    return statement;
  }
}

/** An error as `node:sqlite` throws it. */
export function sqliteError(errcode: number, message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode, errstr: message });
}
