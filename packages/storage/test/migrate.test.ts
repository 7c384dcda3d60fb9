// A database that an earlier version made: everything in it is there afterwards.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openStorage } from '@sallyport/storage';
import { migrations } from '../src/migrations/index.ts';
import { anItem, aTag, aUser } from './contract/samples.ts';
import { temporaryFolder } from './folder.ts';

for (const { version } of migrations.slice(0, -1)) {
  test(`a database of version ${version} is brought up to date, and keeps people and items`, async (t) => {
    const path = join(temporaryFolder(t), 'test.db');
    makeDatabase(path, version);
    const storage = await openStorage(`sqlite:${path}`);
    t.after(() => storage.close());
    assert.deepEqual(await storage.listUsers(), [aUser()]);
    assert.deepEqual(await storage.findItem('item-1'), anItem());
    await storage.addTag(aTag());
    const change = { id: 'item-1', userId: 'user-1', tagIds: ['tag-1'], now: anItem().updatedAt };
    assert.deepEqual(await storage.changeItem(change), anItem({ tags: [aTag()] }));
  });
}

function makeDatabase(path: string, newest: number): void {
  const database = new DatabaseSync(path);
  database.exec(
    'CREATE TABLE sallyport_migrations (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)',
  );
  for (const { version, statements } of migrations.filter((migration) => migration.version <= newest)) {
    for (const sql of statements('BLOB')) database.exec(sql);
    database.prepare('INSERT INTO sallyport_migrations VALUES (?, 0)').run(version);
  }
  const { id, email, name, passwordHash, role, createdAt, updatedAt } = aUser();
  database
    .prepare(
      'INSERT INTO users (id, email, name, password_hash, role, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(id, email, name, passwordHash ?? null, role, createdAt, updatedAt);
  const item = anItem();
  database
    .prepare(
      'INSERT INTO items (id, user_id, name, content, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(item.id, item.userId, item.name, item.content, item.createdAt, item.updatedAt);
  database.close();
}
