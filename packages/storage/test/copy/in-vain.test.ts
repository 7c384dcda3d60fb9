// What a copy that fails has made of a SQLite file: nothing that was not there before, and nothing less.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openStorage } from '@sallyport/storage';
import { configure, connect, makeFile } from '../../src/sqlite/open.ts';
import { temporaryFolder } from '../folder.ts';
import { copiedIn, copiedOut, livedIn, sqliteUrls } from './stores.ts';

const fails = { placeSecrets: () => Promise.reject(new Error('the disk is full')) };

suite('a SQLite file that is filled in vain', () => {
  test('is not there, and neither are the folders that were made for it', async (t) => {
    const { file } = await copiedOut(await livedIn(sqliteUrls(t)));
    const folder = temporaryFolder(t);
    const to = `sqlite:${join(folder, 'new', 'data', 'a.db')}`;
    await assert.rejects(copiedIn(to, file, fails), /the disk is full/);
    await assert.rejects(copiedIn(to, file.subarray(0, file.length - 99)), { name: 'CopyRefused' });
    assert.deepEqual(readdirSync(folder), []);
    await copiedIn(to, file);
    assert.deepEqual(readdirSync(join(folder, 'new', 'data')), ['a.db']);
  });

  test('stays, with its folder, when it was there before', async (t) => {
    const { file } = await copiedOut(await livedIn(sqliteUrls(t)));
    const folder = temporaryFolder(t);
    const path = join(folder, 'data', 'a.db');
    makeFile(path);
    await assert.rejects(copiedIn(`sqlite:${path}`, file, fails), /the disk is full/);
    assert.ok(existsSync(path));
  });

  test('stays when somebody else has it open meanwhile, and works for them', async (t) => {
    const { file } = await copiedOut(await livedIn(sqliteUrls(t)));
    const path = join(temporaryFolder(t), 'data', 'a.db');
    const other = () => {
      const database = connect(path);
      configure(database);
      t.after(() => database.close());
      database.prepare('SELECT * FROM sqlite_schema').all();
      return Promise.reject(new Error('the disk is full'));
    };
    await assert.rejects(copiedIn(`sqlite:${path}`, file, { placeSecrets: other }), /the disk is full/);
    assert.ok(existsSync(path));
    const storage = await openStorage(`sqlite:${path}`);
    assert.equal(await storage.hasUsers(), false);
    await storage.close();
  });

  test('is refused by who opened it just before it was removed', async (t) => {
    const path = join(temporaryFolder(t), 'a.db');
    makeFile(path);
    const holder = connect(path);
    holder.exec('BEGIN EXCLUSIVE');
    const opening = openStorage(`sqlite:${path}`);
    const refused = assert.rejects(opening, {
      name: 'StorageUnavailable',
      message: `The database ${path} was removed while it was opened. Start again.`,
    });
    await wait(100);
    unlinkSync(path);
    holder.close();
    await refused;
  });
});
