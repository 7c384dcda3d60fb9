// A PostgreSQL schema of a test's own. Which server: TEST_POSTGRES_URL, else the one of this machine.
// Where there is none the tests say so and are left out; where `CI` is set its absence is a failure.

import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage } from '@sallyport/storage';
import pg from 'pg';

// oxlint-disable-next-line node/no-process-env -- tests have no configuration file
const { TEST_POSTGRES_URL, CI, NODE_TEST_CONTEXT } = process.env;
const server = TEST_POSTGRES_URL ?? 'postgres://root@127.0.0.1:5432/test';

/** Beside the connections that are tested. */
const administrator = new pg.Pool({
  connectionString: server,
  // Long, since a machine that runs many tests at once is no absent server.
  connectionTimeoutMillis: 30_000,
  max: 2,
  allowExitOnIdle: true,
});
administrator.on('error', () => {});

/** For `test` and `suite`. */
export const onPostgres = {
  skip: (await isThere()) ? false : 'there is no PostgreSQL here: name one with TEST_POSTGRES_URL',
};

export interface Schema {
  readonly url: string;
  readonly schema: string;
}

/** Runs statements beside the store that is tested. @returns the rows of the last one */
export async function beside(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const answered: pg.QueryResult | pg.QueryResult[] = await administrator.query(sql);
  const last = Array.isArray(answered) ? answered.at(-1) : answered;
  return (last?.rows ?? []) as Record<string, unknown>[];
}

/** @returns a schema without anything in it, which goes with the test */
export async function freshSchema(t: TestContext): Promise<Schema> {
  const { drop, ...made } = await makeSchema();
  t.after(drop);
  return made;
}

/** As `freshSchema`, for what outlives a test: whoever makes it drops it. */
export async function makeSchema(): Promise<Schema & { drop: () => Promise<void> }> {
  const schema = `test_${randomBytes(8).toString('hex')}`;
  await beside(`CREATE SCHEMA ${schema}`);
  const url = new URL(server);
  // No test pulls the plug, so none needs to wait for the disk.
  url.searchParams.set('options', `-csearch_path=${schema} -csynchronous_commit=off`);
  const drop = async () => {
    await beside(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  };
  return { url: url.href, schema, drop };
}

const leftOver: (() => Promise<void>)[] = [];
if (NODE_TEST_CONTEXT !== undefined) {
  after(async () => {
    for (const drop of leftOver) await drop();
  });
}

/** Schemas with all tables, which no test uses now. */
const free: Schema[] = [];

/**
 * Ten times as fast as a fresh one: the tables of a test that is over, emptied.
 * @returns a schema with all tables and no rows
 */
export async function readySchema(t: TestContext): Promise<Schema> {
  const ready = free.pop() ?? (await makeReady());
  // Now and not when that test ended, since its store may have been closed after that.
  await empty(ready.schema);
  t.after(() => void free.push(ready));
  return ready;
}

async function makeReady(): Promise<Schema> {
  const { drop, ...made } = await makeSchema();
  leftOver.push(drop);
  await (await openStorage(made.url)).close();
  return made;
}

/** In an order that no foreign key minds: what refers to a row goes with it. */
export async function empty(schema: string): Promise<void> {
  await beside(`DO $$
    DECLARE one text;
    BEGIN
      FOR one IN SELECT tablename FROM pg_tables
        WHERE schemaname = '${schema}' AND tablename <> 'sallyport_migrations' LOOP
        EXECUTE 'DELETE FROM ${schema}.' || one;
      END LOOP;
    END $$`);
}

async function isThere(): Promise<boolean> {
  try {
    await beside('SELECT 1');
    return true;
  } catch (error) {
    // Whatever else is wrong with it, it is there.
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
    if (CI !== undefined || TEST_POSTGRES_URL !== undefined || !isAbsent) throw error;
    return false;
  }
}
