// Judges what is there, then brings the schema up to date under a lock: of several instances that start at once one does it.

import type pg from 'pg';
import { StorageUnavailable } from '../contract.ts';
import { migrationPatienceMilliseconds, rowLockMilliseconds, transactionTries } from '../limits.ts';
import { migrations, newestVersion } from '../migrations/index.ts';
import { isConflict } from './failures.ts';
import { lockFor } from './locks.ts';

interface Found {
  readonly encoding: string;
  readonly read_only: boolean;
}

const own = 'options=-csearch_path%3Dsallyport';

/** @returns the schema whose tables are ours. @throws StorageUnavailable before anything is changed */
export async function judgeDatabase(client: pg.Client): Promise<string> {
  const { rows } = await client.query<Found>(
    `SELECT current_setting('server_encoding') AS encoding,
      pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only`,
  );
  const found = rows[0];
  if (found?.encoding !== 'UTF8') {
    throw new StorageUnavailable(
      "The PostgreSQL database does not keep texts as UTF-8. Make one that does: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
    );
  }
  if (found.read_only) {
    throw new StorageUnavailable(
      'PostgreSQL takes no writes: it is a standby, or set to be read-only. Name the primary in storage.url (SALLYPORT_STORAGE_URL).',
    );
  }
  return schemaOf(client);
}

/** @returns the schema that the URL's user works in */
export async function schemaOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ schema: string | null }>('SELECT current_schema() AS schema');
  const schema = rows[0]?.schema ?? null;
  if (schema === null) {
    throw new StorageUnavailable(
      'The PostgreSQL database has no schema in the search path of this user. Create one (CREATE SCHEMA sallyport), or check the options in storage.url (SALLYPORT_STORAGE_URL).',
    );
  }
  return schema;
}

/** The connection works in this schema. */
export async function migrate(client: pg.Client, schema: string): Promise<void> {
  for (let tried = 1; (await knownVersion(client, schema)) !== newestVersion; tried++) {
    try {
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
      await lockForMigration(client, schema);
      await migrateTo(client, { from: await knownVersion(client, schema), to: newestVersion });
      await client.query('COMMIT');
    } catch (error) {
      // An instance of the version before may be at work, with locks in another order.
      if (!isConflict(error) || tried >= transactionTries) throw error;
      await client.query('ROLLBACK');
    }
  }
}

/** Within a transaction: waits for whoever is at it, and keeps others waiting until the end of the transaction. */
export async function lockForMigration(client: pg.Client, schema: string): Promise<void> {
  await client.query(
    `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${migrationPatienceMilliseconds};
      SET LOCAL idle_in_transaction_session_timeout = 0`,
  );
  await client.query('SELECT pg_advisory_xact_lock($1, $2)', [...lockFor('migration', schema)]);
  await client.query(`SET LOCAL lock_timeout = ${rowLockMilliseconds}`);
}

/** Within the transaction that has the lock. */
export async function migrateTo(
  client: pg.Client,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const due = migrations.filter(({ version }) => version > from && version <= to);
  const now = Math.floor(Date.now() / 1000);
  const statements = [
    'CREATE TABLE IF NOT EXISTS sallyport_migrations (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)',
    ...due.flatMap((migration) => [
      ...migration.statements('BYTEA').map(comparedAsBytes),
      `INSERT INTO sallyport_migrations (version, applied_at) VALUES (${migration.version}, ${now})`,
    ]),
  ];
  // In one message.
  await client.query(statements.join(';\n'));
}

/** Texts are compared and sorted by their bytes, as SQLite does, whatever language the database speaks. */
const comparedAsBytes = (sql: string): string => sql.replaceAll(/\bTEXT\b/g, 'TEXT COLLATE "C"');

/** @returns 0 for an empty schema. @throws StorageUnavailable for a schema that is not ours to write */
export async function knownVersion(client: pg.Client, schema: string): Promise<number> {
  const { rows: ours } = await client.query(
    `SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'sallyport_migrations' AND relnamespace = ${schemaOid}`,
    [schema],
  );
  if (ours.length === 0) {
    await refuseForeign(client, schema);
    return 0;
  }
  const { rows } = await client.query<{ version: number | null }>(
    'SELECT MAX(version) AS version FROM sallyport_migrations',
  );
  const version = rows[0]?.version ?? 0;
  if (version > newestVersion) {
    throw new StorageUnavailable(
      `The PostgreSQL database was written by a newer version of Sallyport (schema ${version}; this version knows ${newestVersion}). Start the newer version, or put back a backup from before the upgrade.`,
    );
  }
  return version;
}

const schemaOid = '(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)';

/** What an extension has put there is nobody's data. */
async function refuseForeign(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_catalog.pg_class WHERE relnamespace = ${schemaOid} AND relkind IN ('r', 'p', 'f', 'v', 'm')
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend
          WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
      LIMIT 1`,
    [schema],
  );
  if (rows.length === 0) return;
  throw new StorageUnavailable(
    `The schema ${schema} of the PostgreSQL database belongs to another program. Create one for Sallyport (CREATE SCHEMA sallyport), and add ${own} to storage.url (SALLYPORT_STORAGE_URL).`,
  );
}
