// No request may read a whole table, however many rows there are.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sqliteStorage } from '../src/sqlite/index.ts';
import { prepareDatabase } from '../src/sqlite/open.ts';
import { WatchedConnection } from './connection.ts';
import { callEverything, readsATable } from './everything.ts';

test('every statement finds its rows by an index, and every cascade too', async (t) => {
  const connection = new WatchedConnection(':memory:');
  await prepareDatabase(connection, ':memory:');
  connection.prepared.length = 0;
  const storage = sqliteStorage(connection, ':memory:');
  t.after(() => storage.close());

  await callEverything(storage);
  const statements = [...new Set(connection.prepared)].filter((sql) =>
    /^(SELECT|INSERT|UPDATE|DELETE)/.test(sql),
  );
  assert.ok(statements.length > 60, `only ${statements.length} statements were seen`);
  const scans: string[] = [];
  for (const sql of statements) {
    const plan = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    const details = plan.map((step) => String(step['detail']));
    const slow = details.filter((detail) => /^SCAN (?!CONSTANT ROW)|TEMP B-TREE/.test(detail));
    if (slow.length > 0 && !readsATable.some((reason) => reason.test(sql)))
      scans.push(`${sql}\n${slow.join('; ')}`);
  }
  assert.deepEqual(scans, []);
});

test('every column that refers to another table has an index, so that no cascade reads a whole table', async (t) => {
  const connection = new WatchedConnection(':memory:');
  t.after(() => connection.close());
  await prepareDatabase(connection, ':memory:');
  const references = connection
    .prepare(
      `SELECT m.name AS table_name, f."from" AS column_name
        FROM sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'`,
    )
    .all();
  assert.ok(references.length >= 16);
  for (const { table_name, column_name } of references) {
    const plan = connection
      .prepare(`EXPLAIN QUERY PLAN DELETE FROM "${String(table_name)}" WHERE "${String(column_name)}" = ?`)
      .all();
    assert.match(String(plan[0]?.['detail']), /^SEARCH .* USING (COVERING )?INDEX/, String(table_name));
  }
});
