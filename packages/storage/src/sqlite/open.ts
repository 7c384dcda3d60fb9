// Opens a SQLite file: made with mode 0600 when it is not there, judged before anything is written to it, then migrated.

import { closeSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { StorageUnavailable } from '../contract.ts';
import type { OnCommit } from '../contract.ts';
import {
  checkedAtOpenBytes,
  keptLogBytes,
  lockPatienceMilliseconds,
  lockRetryMilliseconds,
  lockWaitMilliseconds,
  logPagesBeforeCheckpoint,
  pageCacheKibibytes,
} from '../limits.ts';
import { makeFolder } from '../folder.ts';
import type { DurableStorage } from '../operations/index.ts';
import { damagedDatabase, explain, isBusy } from './failures.ts';
import { sqliteStorage } from './index.ts';
import { migrate, refuseForeignOrNewer } from './migrate.ts';

/**
 * @param path absolute path of the file, or `:memory:`
 * @throws StorageUnavailable with what to do
 */
export async function openSqlite(path: string, onCommit?: OnCommit): Promise<DurableStorage> {
  let database: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') makeFile(path);
    database = connect(path);
    await prepareDatabase(database, path);
    if (path !== ':memory:') sizeOf(path);
    return sqliteStorage(database, path, onCommit);
  } catch (error) {
    database?.close();
    throw explain(error, path);
  }
}

export function connect(path: string, options: { readonly readOnly?: boolean } = {}): DatabaseSync {
  return new DatabaseSync(path, {
    readOnly: options.readOnly ?? false,
    timeout: lockWaitMilliseconds,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    allowExtension: false,
    defensive: true,
  });
}

/** What a connection must be told each time. Reads the schema, so it can meet another process's lock. */
export function configure(database: DatabaseSync): void {
  database.exec(`
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${pageCacheKibibytes};
    PRAGMA wal_autocheckpoint = ${logPagesBeforeCheckpoint};
    PRAGMA journal_size_limit = ${keptLogBytes};
  `);
}

/** Several processes may do this to the same file at once. */
export async function prepareDatabase(database: DatabaseSync, path: string): Promise<void> {
  await patiently(() => configure(database));
  await patiently(() => refuseDamaged(database, path));
  await patiently(() => refuseForeignOrNewer(database, path));
  await patiently(() => database.exec('PRAGMA journal_mode = WAL'));
  await patiently(() => migrate(database, path));
}

/**
 * Reads every page once. Damage in a larger database is noticed when the page is read.
 * `quick_check` also answers in the way of a failure: "not a database", "locked".
 */
export function refuseDamaged(database: DatabaseSync, path: string): void {
  if (path !== ':memory:' && sizeOf(path) > checkedAtOpenBytes) return;
  const found = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found === 'ok') return;
  throw damagedDatabase(path, String(found));
}

/** What was not there before: the file, and the folders that it is in, the innermost first. */
export interface Made {
  readonly file: boolean;
  readonly folders: readonly string[];
}

/** So that SQLite, which would take the umask's mode, finds a file that nobody else may read. */
export function makeFile(path: string): Made {
  const folders = makeFolder(dirname(path));
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return { file: true, folders };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    closeSync(openSync(path, 'a', 0o600));
    return { file: false, folders };
  }
}

/** Somebody who filled it in vain may have taken the file away since it was opened: what is written then is lost. */
function sizeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) return found.size;
  throw new StorageUnavailable(`The database ${path} was removed while it was opened. Start again.`);
}

export async function patiently(attempt: () => void): Promise<void> {
  for (const deadline = performance.now() + lockPatienceMilliseconds; ; await wait(lockRetryMilliseconds)) {
    try {
      attempt();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
  }
}
