// A PostgreSQL database to copy from, as it is at one moment, and one to copy into.

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { StorageUnavailable } from '../contract.ts';
import { copiedRowsAtOnce } from '../limits.ts';
import { newestVersion } from '../migrations/index.ts';
import { clientSettings, settingsFor } from '../postgres/connections.ts';
import { codeOf, explain } from '../postgres/failures.ts';
import { judgeDatabase, knownVersion, lockForMigration, migrateTo, schemaOf } from '../postgres/migrate.ts';
import { channelOf, noticesOf } from '../postgres/notices.ts';
import { readPostgresUrl } from '../postgres/url.ts';
import { parameter } from '../postgres/values.ts';
import type { Script, Step } from '../script.ts';
import { refuseFilled } from './empty.ts';
import type { Source, Target } from './place.ts';
import { unfitting } from './refused.ts';
import type { Row } from './rows.ts';
import { leftOut, tablesOf } from './schema.ts';
import type { Column, Table } from './schema.ts';

/** A copy takes as long as it takes; what limits requests would end it. */
const noHurry = 'SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0';

const types: Readonly<Record<Column['holds'], string>> = { text: 'text', integer: 'bigint', bytes: 'bytea' };

/** Reads one snapshot, on a standby too. Nobody waits for it but who would change the tables themselves. */
export function postgresSource(url: string): Promise<Source> {
  return connected(url, schemaOf, async (client, schema) => {
    const version = await beginSnapshot(client, schema);
    return { ...reading(client), backend: 'postgres', version, close: () => client.end() };
  });
}

/**
 * The tables are locked before the snapshot is taken: one that was rewritten in between would look empty in it. Which
 * tables there are is therefore asked before, and asked again.
 */
async function beginSnapshot(client: pg.Client, schema: string): Promise<number> {
  for (;;) {
    const expected = await knownVersion(client, schema);
    if (expected === 0) {
      throw new StorageUnavailable('There is nothing of Sallyport in this PostgreSQL database to copy.');
    }
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(`LOCK TABLE ${namesOf(tablesOf(expected))} IN ACCESS SHARE MODE`);
    if ((await knownVersion(client, schema)) === expected) return expected;
    await client.query('ROLLBACK');
  }
}

/** Fills a schema in one transaction: an end before `commit`, whatever its cause, leaves it as it was. */
export function postgresTarget(url: string): Promise<Target> {
  return connected(url, judgeDatabase, async (client, schema) => {
    /** Version of the schema that is there, in this transaction. */
    let version = 0;
    return {
      ...reading(client),
      begin: (wanted) =>
        explained(async () => {
          await client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
          await lockForMigration(client, schema);
          version = await knownVersion(client, schema);
          const tables = tablesOf(version);
          // Whoever uses this store may go on reading that it is empty.
          if (version > 0) await client.query(`LOCK TABLE ${namesOf(tables)} IN SHARE ROW EXCLUSIVE MODE`);
          await refuseFilled(tables, reading(client).count);
          for (const { name } of tables.toReversed()) await client.query(`DELETE FROM ${name}`);
          if (version === wanted) return;
          if (version > 0) {
            await client.query(`DROP TABLE ${namesOf(tables)}`);
            await client.query(`DROP TABLE IF EXISTS ${leftOut.join(', ')}`);
          }
          await migrateTo(client, { from: 0, to: wanted });
          version = wanted;
        }),
      insert: (table, rows) => explained(() => insert(client, table, rows)),
      migrate: () =>
        explained(async () => {
          await migrateTo(client, { from: version, to: newestVersion });
          version = newestVersion;
        }),
      play: (script) => explained(() => play(client, script)),
      commit: () =>
        explained(async () => {
          // Otherwise the first plans are those for empty tables.
          await client.query(`ANALYZE ${namesOf(tablesOf(version))}`);
          for (const { sql, values } of noticesOf(['anything'], channelOf(schema), randomUUID())) {
            await client.query(sql, [...values]);
          }
          const { command } = await client.query('COMMIT');
          if (command !== 'COMMIT') throw new Error(`PostgreSQL answered COMMIT with ${command}.`);
        }),
      close: () => client.end(),
    };
  });
}

async function connected<Place>(
  url: string,
  findSchema: (client: pg.Client) => Promise<string>,
  use: (client: pg.Client, schema: string) => Promise<Place>,
): Promise<Place> {
  const client = new pg.Client(clientSettings(readPostgresUrl(url)));
  // Whoever uses it learns of it from its statement; without a listener the process would end.
  client.on('error', () => {});
  try {
    await client.connect();
    const schema = await findSchema(client);
    await client.query(`${settingsFor(schema)}; ${noHurry}`);
    return await use(client, schema);
  } catch (error) {
    await client.end().catch(() => {});
    throw explain(error);
  }
}

function reading(client: pg.Client): Pick<Source, 'count' | 'rows'> {
  return {
    count: ({ name }) =>
      explained(async () => {
        const { rows } = await client.query<{ n: number }>(`SELECT count(*) AS n FROM ${name}`);
        return rows[0]?.n ?? 0;
      }),
    async *rows({ name, columns }) {
      const selected = columns.map((column) => column.name).join(', ');
      await explained(() =>
        client.query(`DECLARE copied NO SCROLL CURSOR FOR SELECT ${selected} FROM ${name}`),
      );
      for (;;) {
        const text = `FETCH ${copiedRowsAtOnce} FROM copied`;
        const { rows } = await explained(() => client.query<Row & unknown[]>({ text, rowMode: 'array' }));
        if (rows.length === 0) break;
        yield rows;
      }
      await explained(() => client.query('CLOSE copied'));
    },
  };
}

/** One statement for all rows, with a list for each column. */
async function insert(client: pg.Client, { name, columns }: Table, rows: readonly Row[]): Promise<void> {
  const names = columns.map((column) => column.name).join(', ');
  const lists = columns.map(({ holds }, at) => `$${at + 1}::${types[holds]}[]`).join(', ');
  const text = `INSERT INTO ${name} (${names}) SELECT * FROM unnest(${lists})`;
  const values = columns.map((_, at) => rows.map((row) => parameter(row[at])));
  try {
    await client.query(text, values);
  } catch (error) {
    // Wrong data, and data against a constraint.
    throw /^2[23]/.test(codeOf(error) ?? '') ? unfitting(name, error) : error;
  }
}

async function play<Answer>(client: pg.Client, script: Script<Answer>): Promise<Answer> {
  let turn = script.next();
  while (turn.done !== true) turn = script.next(await perform(client, turn.value));
  return turn.value;
}

async function perform(client: pg.Client, step: Step): Promise<unknown> {
  if (step.verb === 'tell') return undefined;
  const { rows, rowCount } = await client.query<object>(step.sql, step.values.map(parameter));
  if (step.verb === 'run' || step.verb === 'send') return rowCount ?? 0;
  return step.verb === 'one' ? rows[0] : rows;
}

function namesOf(tables: readonly Table[]): string {
  return tables.map(({ name }) => name).join(', ');
}

async function explained<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    throw explain(error);
  }
}
