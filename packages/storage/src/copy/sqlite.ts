// A SQLite file to copy from, as it is at one moment, and one to copy into.

import { rmdirSync, statSync, unlinkSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { StorageUnavailable } from '../contract.ts';
import { copiedRowsAtOnce } from '../limits.ts';
import { newestVersion } from '../migrations/index.ts';
import { playNow } from '../script.ts';
import { explain, primaryCode } from '../sqlite/failures.ts';
import { migrateTo, refuseForeignOrNewer, versionOf } from '../sqlite/migrate.ts';
import { configure, connect, makeFile, patiently, refuseDamaged } from '../sqlite/open.ts';
import type { Made } from '../sqlite/open.ts';
import { performerOn } from '../sqlite/statements.ts';
import { refuseFilled } from './empty.ts';
import type { Source, Target } from './place.ts';
import { unfitting } from './refused.ts';
import type { Row } from './rows.ts';
import { leftOut, tablesOf } from './schema.ts';
import type { Table } from './schema.ts';

/** SQLITE_CONSTRAINT */
const constraint = 19;

/**
 * Reads beside a server that writes: in WAL mode neither waits for the other. What is written meanwhile stays in the
 * log until the copy is done.
 */
export async function sqliteSource(path: string): Promise<Source> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.size === 0) throw nothingAt(path);
  const database = await opened(path, { readOnly: true });
  try {
    database.exec('BEGIN');
    await patiently(() => refuseForeignOrNewer(database, path));
    const version = versionOf(database);
    if (version === 0) throw nothingAt(path);
    return { ...reading(database, path), backend: 'sqlite', version, close: async () => database.close() };
  } catch (error) {
    database.close();
    throw explain(error, path);
  }
}

/**
 * Fills a file in one transaction: an end before `commit`, whatever its cause, leaves it as it was, and a file that was
 * not there is not there again.
 */
export async function sqliteTarget(path: string): Promise<Target> {
  const made = madeAt(path);
  const database = await opened(path, {}, made);
  let isCommitted = false;
  const perform = performerOn(database);
  const insertions = new Map<string, (row: Row) => void>();
  const explained = explainedAt(path);

  function insertion({ name, columns }: Table): (row: Row) => void {
    const names = columns.map((column) => column.name).join(', ');
    const places = columns.map(() => '?').join(', ');
    const statement = database.prepare(`INSERT INTO ${name} (${names}) VALUES (${places})`);
    return (row) => void statement.run(...row);
  }

  return {
    ...reading(database, path),
    begin: (version) =>
      explained(async () => {
        await patiently(() => refuseForeignOrNewer(database, path));
        await patiently(() => database.exec('PRAGMA journal_mode = WAL'));
        await patiently(() => database.exec('BEGIN IMMEDIATE'));
        const before = versionOf(database);
        const tables = tablesOf(before);
        await refuseFilled(tables, reading(database, path).count);
        for (const { name } of tables.toReversed()) database.exec(`DELETE FROM ${name}`);
        if (before === version) return;
        for (const { name } of tables.toReversed()) database.exec(`DROP TABLE ${name}`);
        for (const name of leftOut) database.exec(`DROP TABLE IF EXISTS ${name}`);
        migrateTo(database, version);
      }),
    insert: (table, rows) =>
      explained(async () => {
        let insert = insertions.get(table.name);
        if (insert === undefined) insertions.set(table.name, (insert = insertion(table)));
        try {
          for (const row of rows) insert(row);
        } catch (error) {
          throw primaryCode(error) === constraint ? unfitting(table.name, error) : error;
        }
      }),
    migrate: () => explained(async () => migrateTo(database, newestVersion)),
    play: (script) => explained(async () => playNow(script, perform)),
    commit: () =>
      explained(async () => {
        database.exec('COMMIT');
        isCommitted = true;
      }),
    async close() {
      if (!isCommitted) takeBack(database, path, made);
      database.close();
      if (!isCommitted) removeEmpty(made.folders);
    },
  };
}

function madeAt(path: string): Made {
  try {
    return makeFile(path);
  } catch (error) {
    throw explain(error, path);
  }
}

/**
 * Removes the file that was made, unless it is somebody else's by now. SQLite leaves its log only when nobody else has
 * the file open; who opens it at this very moment meets the lock, and then that it is gone.
 */
function takeBack(database: DatabaseSync, path: string, { file }: Made): void {
  if (!file) return;
  try {
    if (database.isTransaction) database.exec('ROLLBACK');
    if (database.prepare('PRAGMA journal_mode = DELETE').get()?.['journal_mode'] !== 'delete') return;
    database.exec('BEGIN EXCLUSIVE');
    if (versionOf(database) === 0) unlinkSync(path);
  } catch {
    // It stays, empty: that it is in use, or cannot be removed, is no news beside why nothing was restored.
  }
}

function removeEmpty(folders: readonly string[]): void {
  try {
    for (const folder of folders) rmdirSync(folder);
  } catch {
    // Something is in it.
  }
}

async function opened(
  path: string,
  options: { readonly readOnly?: boolean },
  made?: Made,
): Promise<DatabaseSync> {
  let database: DatabaseSync | undefined;
  try {
    const connected = (database = connect(path, options));
    await patiently(() => configure(connected));
    await patiently(() => refuseDamaged(connected, path));
    return connected;
  } catch (error) {
    if (database !== undefined && made !== undefined) takeBack(database, path, made);
    database?.close();
    removeEmpty(made?.folders ?? []);
    throw explain(error, path);
  }
}

function reading(database: DatabaseSync, path: string): Pick<Source, 'count' | 'rows'> {
  const explained = explainedAt(path);
  return {
    count: ({ name }) =>
      explained(async () => Number(database.prepare(`SELECT count(*) AS n FROM ${name}`).get()?.['n'])),
    async *rows({ name, columns }) {
      const names = columns.map((column) => column.name).join(', ');
      const statement = database.prepare(`SELECT ${names} FROM ${name}`);
      statement.setReturnArrays(true);
      let some: Row[] = [];
      try {
        for (const row of statement.iterate() as Iterable<unknown> as Iterable<Row>) {
          some.push(row);
          if (some.length < copiedRowsAtOnce) continue;
          yield some;
          some = [];
        }
      } catch (error) {
        throw explain(error, path);
      }
      yield some;
    },
  };
}

function explainedAt(path: string): <Answer>(work: () => Promise<Answer>) => Promise<Answer> {
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      throw explain(error, path);
    }
  };
}

function nothingAt(path: string): StorageUnavailable {
  return new StorageUnavailable(`There is no database at ${path}, so there is nothing to copy.`);
}
