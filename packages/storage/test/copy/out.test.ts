// A copy has everything that the store has at one moment, and changes nothing in it.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { copyOut, openStorage, StorageUnavailable } from '@sallyport/storage';
import { leftOut, tablesOf } from '../../src/copy/schema.ts';
import { migrations, newestVersion } from '../../src/migrations/index.ts';
import * as samples from '../contract/samples.ts';
import { beside, freshSchema, onPostgres } from '../postgres/schema.ts';
import { anyRows } from './random-store.ts';
import { backends, contentOf, copiedOut, failingAfter, fill, livedIn, pathOf, sqliteUrls } from './stores.ts';

const { now } = samples;

test('a copy has every table and column of every version of the schema', () => {
  for (const { version } of migrations) {
    const database = new DatabaseSync(':memory:');
    for (const migration of migrations.filter((one) => one.version <= version)) {
      for (const sql of migration.statements('BLOB')) database.exec(sql);
    }
    const there = database
      .prepare(
        "SELECT m.name || '.' || c.name AS place FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'",
      )
      .all()
      .map((row) => String(row['place']))
      .filter((place) => !leftOut.includes(place.split('.')[0]!));
    const copied = tablesOf(version).flatMap(({ name, columns }) =>
      columns.map((column) => `${name}.${column.name}`),
    );
    assert.deepEqual(copied.toSorted(), there.toSorted(), `schema ${version}`);
    assert.ok(there.length >= 50, 'the tables were not found');
    database.close();
  }
  assert.deepEqual(leftOut, ['sallyport_migrations', 'rate_counters']);
});

test('a copy has every table and column that PostgreSQL has', onPostgres, async (t) => {
  const { url, schema } = await freshSchema(t);
  await (await openStorage(url)).close();
  const rows = await beside(
    `SELECT table_name || '.' || column_name AS place FROM information_schema.columns WHERE table_schema = '${schema}'`,
  );
  const there = rows
    .map(({ place }) => String(place))
    .filter((place) => !leftOut.includes(place.split('.')[0]!));
  const copied = tablesOf(newestVersion).flatMap(({ name, columns }) =>
    columns.map((column) => `${name}.${column.name}`),
  );
  assert.deepEqual(copied.toSorted(), there.toSorted());
});

for (const { name, urls, skip } of backends) {
  suite(`a copy of ${name}`, { skip }, () => {
    test('says what it is, and how many rows of what it has, as lines of JSON', async (t) => {
      const { file, copied } = await copiedOut(await livedIn(urls(t)), {
        secrets: async () => ({ key: 'k' }),
      });
      const lines = gunzipSync(file)
        .toString('utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
      const [head, secrets] = lines;
      assert.deepEqual(head, copied.head);
      const { tables, ...about } = copied.head;
      assert.deepEqual(about, {
        sallyport: 'backup',
        format: 1,
        schema: newestVersion,
        program: '1.2.3',
        made_at: now,
        backend: name,
        secrets: true,
      });
      assert.deepEqual(secrets, { secrets: { key: 'k' } });
      assert.deepEqual(
        tables.map(({ name, rows }) => ({ name, rows })),
        copied.tables.map(({ name, rows }) => ({ name, rows })),
      );
      const rowsOf = (name: string) => tables.find((table) => table.name === name)?.rows;
      assert.deepEqual(
        [rowsOf('users'), rowsOf('grants'), rowsOf('refresh_tokens'), rowsOf('item_tags')],
        [1, 3, 3, 1],
      );
      assert.ok(
        tables.every(({ rows }) => rows > 0),
        'a table of the sample is empty',
      );
      assert.deepEqual(Object.keys(lines.at(-1) as object), ['sha256']);
    });

    test('of a database in use is of one moment, and changes nothing in it', async (t) => {
      const url = await livedIn(urls(t));
      const storage = await openStorage(url);
      t.after(() => storage.close());
      const before = await contentOf(url);
      const written: Promise<unknown>[] = [];
      const { copied } = await copiedOut(url, {
        onProgress: () => {
          written.push(storage.addItem(samples.anItem({ id: `later-${written.length}` })));
          written.push(storage.removeTag({ id: 'tag-1', userId: 'user-1' }));
        },
        // The moment is fixed by now.
        secrets: async () => {
          await storage.addUser(samples.aUser({ id: 'later' }));
          return {};
        },
      });
      await Promise.all(written);
      assert.ok(written.length > 5);
      for (const { name, rows } of copied.tables) assert.equal(rows, before[name]?.length, name);
      assert.equal((await storage.listUsers()).length, 2);
    });

    test('of an older schema is made without bringing the database up to date', async (t) => {
      const url = await urls(t)();
      const [rows] = fc.sample(anyRows(1), { numRuns: 1, seed: 5 });
      await fill(url, 1, rows!);
      const { copied } = await copiedOut(url);
      assert.equal(copied.head.schema, 1);
      const again = await copiedOut(url);
      assert.equal(again.copied.head.schema, 1);
    });

    test('of nothing is refused, and nothing is made', async (t) => {
      const url = await urls(t)();
      await assert.rejects(
        copiedOut(url),
        (error: Error) =>
          error instanceof StorageUnavailable && /There is no.* to copy\./.test(error.message),
      );
      if (name === 'sqlite') assert.equal(existsSync(pathOf(url)), false);
      await assert.rejects(copiedOut(url), StorageUnavailable);
    });

    test('ends with the error of where it is written to', async (t) => {
      const url = await livedIn(urls(t));
      const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
      await assert.rejects(copyOut(url, failingAfter(10, full), { program: '', now }), full);
    });
  });
}

test('a copy of a database in memory is refused', async () => {
  await assert.rejects(copiedOut('sqlite::memory:'), StorageUnavailable);
});

test('a copy of a value that only a hand can have put there says where it is', async (t) => {
  const url = await livedIn(sqliteUrls(t));
  const database = new DatabaseSync(pathOf(url));
  database.exec('UPDATE users SET created_at = 1.5');
  database.close();
  await assert.rejects(
    copiedOut(url),
    (error: Error) =>
      error instanceof StorageUnavailable &&
      /users\.created_at has something in it that is no integer/.test(error.message),
  );
});
