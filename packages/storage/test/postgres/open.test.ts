// Opening PostgreSQL: what is made, by whom, what is refused, and that each refusal leaves everything alone.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage, StorageUnavailable } from '@sallyport/storage';
import pg from 'pg';
import { migrations, newestVersion } from '../../src/migrations/index.ts';
import { migrateTo } from '../../src/postgres/migrate.ts';
import { readPostgresUrl } from '../../src/postgres/url.ts';
import { aClient, anItem, aTag, aUser } from '../contract/samples.ts';
import { beside, freshSchema, onPostgres } from './schema.ts';

const refuses = (call: Promise<unknown>, sentence: RegExp) =>
  assert.rejects(call, (error: Error) => {
    assert.ok(error instanceof StorageUnavailable, String(error));
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /hunter2|undefined|\[object|\n/);
    return true;
  });

async function open(t: TestContext, url: string) {
  const storage = await openStorage(url, { poolSize: 2 });
  t.after(() => storage.close());
  return storage;
}

async function tablesOf(schema: string): Promise<readonly string[]> {
  const rows = await beside(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = '${schema}' ORDER BY 1`,
  );
  return rows.map(({ name }) => String(name));
}

async function appliedIn(schema: string): Promise<readonly number[]> {
  const rows = await beside(`SELECT version FROM ${schema}.sallyport_migrations ORDER BY version`);
  return rows.map(({ version }) => Number(version));
}

/** As an earlier version left it, with a person and an item. */
async function makeOld(url: string, to: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('BEGIN');
  await migrateTo(client, { from: 0, to });
  const { id, email, name, passwordHash, role, createdAt, updatedAt } = aUser();
  await client.query(
    'INSERT INTO users (id, email, name, password_hash, role, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    [id, email, name, passwordHash, role, createdAt, updatedAt],
  );
  const item = anItem();
  await client.query(
    'INSERT INTO items (id, user_id, name, content, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)',
    [item.id, item.userId, item.name, item.content, item.createdAt, item.updatedAt],
  );
  await client.query('COMMIT');
  await client.end();
}

suite('an empty schema', onPostgres, () => {
  test('is made once when eight instances start at the same time', async (t) => {
    const { url, schema } = await freshSchema(t);
    const opened = await Promise.all(Array.from({ length: 8 }, () => open(t, url)));
    assert.deepEqual(
      await appliedIn(schema),
      migrations.map(({ version }) => version),
    );
    const users = opened.map((storage, i) => storage.addFirstUser(aUser({ id: `user-${i}` })));
    const answers = await Promise.all(users);
    assert.equal(answers.filter((answer) => answer === 'added').length, 1);
  });

  test('keeps texts that are found and sorted by their bytes, whatever language the database speaks', async (t) => {
    const { url, schema } = await freshSchema(t);
    const storage = await open(t, url);
    const columns = await beside(
      `SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = '${schema}' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`,
    );
    assert.deepEqual(columns, []);
    const ids = [
      'b',
      'B',
      'a',
      'ä',
      'Z',
      'é',
      '-',
      '\u{1F6AA}',
      '\uFFFD',
      'a\0',
      'a\u0001',
      'a\u0001\u0001',
      'a ',
    ];
    for (const client_id of ids) await storage.addClient(aClient({ client_id }));
    const byBytes = ids.toSorted((one, other) => Buffer.compare(Buffer.from(other), Buffer.from(one)));
    assert.deepEqual(
      (await storage.listClients()).map(({ client_id }) => client_id),
      byBytes,
    );
  });

  test('stays where it was found, when the search path changes', async (t) => {
    const { url, schema } = await freshSchema(t);
    const other = await freshSchema(t);
    const both = url.replace(`search_path%3D${schema}`, `search_path%3D${other.schema},${schema}`);
    assert.notEqual(both, url);
    await beside(`DROP SCHEMA ${other.schema}`);
    const storage = await open(t, both);
    await storage.addUser(aUser());
    await beside(`CREATE SCHEMA ${other.schema}`);
    await Promise.all([storage.listUsers(), storage.listUsers()]);
    assert.deepEqual(await storage.listUsers(), [aUser()]);
    assert.deepEqual(await tablesOf(other.schema), []);
  });
});

suite('a schema of an earlier version', onPostgres, () => {
  for (const { version } of migrations.slice(0, -1)) {
    test(`${version} is brought up to date once, by one of several, and keeps what is in it`, async (t) => {
      const { url, schema } = await freshSchema(t);
      await makeOld(url, version);
      const instances = version === 1 ? 8 : 2;
      const [storage] = await Promise.all(Array.from({ length: instances }, () => open(t, url)));
      assert.ok(storage);
      assert.deepEqual(
        await appliedIn(schema),
        migrations.map((migration) => migration.version),
      );
      assert.deepEqual(await storage.listUsers(), [aUser()]);
      await storage.addTag(aTag());
      const change = { id: 'item-1', userId: 'user-1', tagIds: ['tag-1'], now: anItem().updatedAt };
      assert.deepEqual(await storage.changeItem(change), anItem({ tags: [aTag()] }));
    });
  }
});

suite('a schema that must not be used', onPostgres, () => {
  test('because it belongs to another program is refused and left alone', async (t) => {
    for (const sql of ['TABLE {}.bookmarks (url TEXT)', 'VIEW {}.bookmarks AS SELECT 1']) {
      const { url, schema } = await freshSchema(t);
      await beside(`CREATE ${sql.replace('{}', schema)}`);
      const before = await tablesOf(schema);
      await refuses(
        openStorage(url),
        /^The schema test_\w+ .* belongs to another program\. Create one for Sallyport/,
      );
      assert.deepEqual(await tablesOf(schema), before);
    }
  });

  test('because a newer version wrote it is refused and left alone', async (t) => {
    const { url, schema } = await freshSchema(t);
    await (await openStorage(url)).close();
    await beside(`INSERT INTO ${schema}.sallyport_migrations VALUES (99, 0)`);
    await refuses(
      openStorage(url),
      new RegExp(
        `newer version of Sallyport \\(schema 99; this version knows ${newestVersion}\\)\\. Start the newer`,
      ),
    );
    assert.equal((await appliedIn(schema)).at(-1), 99);
  });

  test('because it is not there is refused', async (t) => {
    const { url, schema } = await freshSchema(t);
    await beside(`DROP SCHEMA ${schema}`);
    await refuses(openStorage(url), /has no schema in the search path of this user\. Create one/);
  });

  test('because its database does not keep every character is refused', async (t) => {
    const { url, schema: name } = await freshSchema(t);
    await beside(`CREATE DATABASE ${name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    t.after(() => beside(`DROP DATABASE ${name}`));
    const latin = Object.assign(new URL(url), { pathname: `/${name}`, search: '' }).href;
    await refuses(openStorage(latin), /does not keep texts as UTF-8\. Make one that does: CREATE DATABASE/);
  });
});

suite('a URL of PostgreSQL', () => {
  test('says where, who and how', () => {
    const { ssl: plain, ...read } = readPostgresUrl(
      'postgresql://a%40b:p%2Fw%3A%40@[::1]:6543/da%20ta?options=-csearch_path%3Dx&application_name=mine',
    );
    assert.deepEqual(read, {
      host: '::1',
      port: 6543,
      user: 'a@b',
      password: 'p/w:@',
      database: 'da ta',
      options: '-csearch_path=x',
      application_name: 'mine',
    });
    assert.equal(plain, false);
    for (const url of ['postgres:///data?host=/run/postgresql', 'postgres://me@/data?host=/run/postgresql']) {
      const { host, database, application_name } = readPostgresUrl(url);
      assert.deepEqual([host, database, application_name], ['/run/postgresql', 'data', 'sallyport'], url);
    }
    assert.equal(readPostgresUrl('postgres://me:x@/data').host, 'localhost');
  });

  test('never trusts a server that it was told to verify, and never verifies less than it says', () => {
    const tls = (search: string) => readPostgresUrl(`postgres://h/d?${search}`).ssl;
    assert.equal(tls('sslmode=disable'), false);
    for (const mode of ['require', 'verify-full']) {
      assert.deepEqual(tls(`sslmode=${mode}`), { rejectUnauthorized: true }, mode);
    }
    assert.deepEqual(tls('sslmode=no-verify'), { rejectUnauthorized: false });
    const file = encodeURIComponent(import.meta.filename);
    const named = tls(`sslrootcert=${file}`);
    assert.ok(typeof named === 'object' && named.rejectUnauthorized === true && named.ca !== undefined);
    const anyName = tls(`sslmode=verify-ca&sslrootcert=${file}`);
    assert.ok(typeof anyName === 'object' && anyName.rejectUnauthorized === true);
    assert.equal(typeof anyName.checkServerIdentity, 'function');
  });

  test('that cannot be meant is refused without repeating it', async () => {
    const rows: readonly (readonly [string, RegExp])[] = [
      ['postgres://me:hunter2@host:port/x', /is not a URL\. Write postgres:\/\/user/],
      ['postgres://me:hunter2/3@host/x', /is not a URL/],
      ['postgres://me:hunter2@a,b/x', /is not a URL|a name that/],
      ['postgres://me:hunter2%zz@host/x', /has a % that is not followed/],
      [
        'postgres://me:hunter2@host/x?sslmod=require',
        /parameter that is not known: sslmod\. Known are sslmode/,
      ],
      ['postgres://me:hunter2@host/x?sslmode=hunter2', /an sslmode that is not known\. Write verify-full/],
      ['postgres://me:hunter2@host/x?sslmode=prefer', /an sslmode that is not known/],
      ['postgres://me:hunter2@host/x?sslmode=verify-ca', /needs sslrootcert/],
      [
        'postgres://me:hunter2@host/x?sslrootcert=/hunter2',
        /names a file with sslrootcert that cannot be read/,
      ],
    ];
    for (const [url, sentence] of rows) await refuses(openStorage(url), sentence);
  });
});
