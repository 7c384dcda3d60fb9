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
  const version = tables.length === 0 ? 0 : versionOf(database);
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
    database.exec(
      'CREATE TABLE IF NOT EXISTS sallyport_migrations (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)',
    );
    const version = versionOf(database);
    const note = database.prepare('INSERT INTO sallyport_migrations (version, applied_at) VALUES (?, ?)');
    for (const migration of migrations.filter((candidate) => candidate.version > version)) {
      for (const sql of migration.statements('BLOB')) database.exec(sql);
      note.run(migration.version, Math.floor(Date.now() / 1000));
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  const row = database.prepare('SELECT MAX(version) AS version FROM sallyport_migrations').get();
  return Number(row?.['version'] ?? 0);
}
