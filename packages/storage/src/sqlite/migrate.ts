// Brings the schema up to date, under SQLite's own write lock: of several processes that start at once one does it.

import type { DatabaseSync } from 'node:sqlite';
import { StorageUnavailable } from '../contract.ts';
import { migrations, newestVersion } from '../migrations/index.ts';

/** @throws StorageUnavailable for a file that is not ours to write, before anything in it is changed */
export function refuseForeignOrNewer(database: DatabaseSync, where: string): void {
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all()
    .map((row) => row['name']);
  if (tables.length > 0 && !tables.includes('sallyport_migrations')) {
    throw new StorageUnavailable(
      `The database ${where} belongs to another program. Name another file in storage.url (SALLYPORT_STORAGE_URL).`,
    );
  }
  const version = versionOf(database);
  if (version > newestVersion) {
    throw new StorageUnavailable(
      `The database ${where} was written by a newer version of Sallyport (schema ${version}; this version knows ${newestVersion}). Start the newer version, or put back a backup from before the upgrade.`,
    );
  }
}

/** Takes the write lock even when there is nothing to do, which shows that the file can be written. */
export function migrate(database: DatabaseSync, where: string): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    refuseForeignOrNewer(database, where);
    migrateTo(database, newestVersion);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Within a transaction of the caller's. */
export function migrateTo(database: DatabaseSync, newest: number): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS sallyport_migrations (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)',
  );
  const version = versionOf(database);
  const note = database.prepare('INSERT INTO sallyport_migrations (version, applied_at) VALUES (?, ?)');
  for (const migration of migrations) {
    if (migration.version <= version || migration.version > newest) continue;
    for (const sql of migration.statements('BLOB')) database.exec(sql);
    note.run(migration.version, Math.floor(Date.now() / 1000));
  }
}

/** @returns 0 for a file with nothing in it */
export function versionOf(database: DatabaseSync): number {
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sallyport_migrations'").get();
  if (isThere === undefined) return 0;
  const row = database.prepare('SELECT MAX(version) AS version FROM sallyport_migrations').get();
  return Number(row?.['version'] ?? 0);
}
