// No request may read a whole table of PostgreSQL, however many rows there are.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage } from '@sallyport/storage';
import pg from 'pg';
import { operationsOn } from '../../src/operations/index.ts';
import { connectionsTo, settingsFor } from '../../src/postgres/connections.ts';
import { transactionsOn } from '../../src/postgres/transactions.ts';
import { readPostgresUrl } from '../../src/postgres/url.ts';
import { callEverything, readsATable } from '../everything.ts';
import { beside, freshSchema, onPostgres } from './schema.ts';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Plan[];
}

/** Every statement that any operation asks for. */
async function statementsOf(t: TestContext, url: string, schema: string): Promise<ReadonlySet<string>> {
  const asked = new Set<string>();
  const connections = connectionsTo(readPostgresUrl(url), schema, 2);
  t.after(() => connections.close());
  const player = transactionsOn({
    connections: {
      ...connections,
      async take(madeAfter) {
        const connection = await connections.take(madeAfter);
        return {
          ...connection,
          perform(commands) {
            for (const { sql } of commands) asked.add(sql);
            return connection.perform(commands);
          },
        };
      },
    },
    channel: 'nobody',
    from: 'here',
    tell: () => {},
  });
  await callEverything({
    ...operationsOn(player),
    onChange: () => () => {},
    openCounter: () => assert.fail(),
    close: async () => {},
  });
  return asked;
}

function scansOf(plan: Plan): readonly string[] {
  const { 'Node Type': type, 'Index Cond': condition, Plans: below = [] } = plan;
  const where = plan['Relation Name'] ?? plan['Index Name'] ?? '';
  const isWhole = type === 'Seq Scan' || (/Index/.test(type) && condition === undefined);
  return [...(isWhole ? [`${type} on ${where}`] : []), ...below.flatMap(scansOf)];
}

suite('PostgreSQL', onPostgres, () => {
  test('finds the rows of every statement by an index', async (t) => {
    const { url, schema } = await freshSchema(t);
    await (await openStorage(url)).close();
    const statements = [...(await statementsOf(t, url, schema))].filter((sql) =>
      /^(SELECT|INSERT|UPDATE|DELETE)/.test(sql),
    );
    assert.ok(statements.length > 80, `only ${statements.length} statements were seen`);

    const client = new pg.Client(url);
    await client.connect();
    t.after(() => client.end());
    await client.query(settingsFor(schema));
    const scans: string[] = [];
    for (const [i, sql] of statements.entries()) {
      const parameters = Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)));
      const nulls = parameters === 0 ? '' : `(${Array(parameters).fill('NULL').join(', ')})`;
      await client.query(`PREPARE asked_${i} AS ${sql}`);
      const { rows } = await client.query<{ 'QUERY PLAN': readonly [{ Plan: Plan }] }>(
        `EXPLAIN (FORMAT JSON) EXECUTE asked_${i}${nulls}`,
      );
      const found = scansOf(rows[0]!['QUERY PLAN'][0].Plan);
      const isMeant = readsATable.some((reason) => reason.test(sql));
      if (found.length > 0 && !isMeant) scans.push(`${sql}\n${found.join('; ')}`);
    }
    assert.deepEqual(scans, []);
  });

  test('has an index for every column that refers to another table, so that no cascade reads a whole table', async (t) => {
    const { url, schema } = await freshSchema(t);
    await (await openStorage(url)).close();
    const references = await beside(
      `SELECT conrelid::regclass AS from_table, (SELECT attname FROM pg_attribute
          WHERE attrelid = conrelid AND attnum = conkey[1]) AS from_column,
        EXISTS (SELECT 1 FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1]
          AND indpred IS NULL) AS is_indexed
        FROM pg_constraint WHERE contype = 'f' AND connamespace = '${schema}'::regnamespace`,
    );
    assert.ok(references.length >= 16);
    for (const { from_table, from_column, is_indexed } of references)
      assert.equal(is_indexed, true, `${String(from_table)}.${String(from_column)}`);
  });
});
