// Counters on PostgreSQL: the contract, shared by instances, and no pass while it is away.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openStorage } from '@sallyport/storage';
import { counterContract, sharedCounterContract } from '../contract/counters.ts';
import { beside, freshSchema, onPostgres } from './schema.ts';

async function instancesOn(t: TestContext) {
  const { url, schema } = await freshSchema(t);
  const open = async () => {
    const storage = await openStorage(url);
    t.after(() => storage.close());
    return storage;
  };
  return { open, schema };
}

suite('counters on PostgreSQL', onPostgres, () => {
  counterContract(async (t) => (await instancesOn(t)).open());
  sharedCounterContract(async (t) => (await instancesOn(t)).open);

  test('are kept in a table that is not written ahead, under keys that name nobody', async (t) => {
    const { open, schema } = await instancesOn(t);
    const counter = (await open()).openCounter({ name: 'test', points: 3, seconds: 60 });
    await counter.count('client|192.0.2.1');
    const rows = await beside(`SELECT key, points FROM ${schema}.rate_counters`);
    assert.equal(rows.length, 1);
    assert.match(String(rows[0]!['key']), /^test:[\w-]{32}$/);
    assert.equal(Number(rows[0]!['points']), 1);
    const [table] = await beside(
      `SELECT relpersistence FROM pg_class WHERE oid = '${schema}.rate_counters'::regclass`,
    );
    assert.equal(table!['relpersistence'], 'u');
  });

  test('are swept when they are over', async (t) => {
    const { open, schema } = await instancesOn(t);
    const storage = await open();
    const [short, long] = [1, 60].map((seconds) =>
      storage.openCounter({ name: `over-${seconds}`, points: 3, seconds }),
    );
    await Promise.all([short!.count('a'), long!.count('a')]);
    await wait(1_100);
    await storage.sweep({ now: 0, unusedClientsBefore: 0, limit: 10 });
    const rows = await beside(`SELECT key FROM ${schema}.rate_counters`);
    assert.deepEqual(
      rows.map(({ key }) => String(key).split(':')[0]),
      ['over-60'],
    );
    assert.equal(await long!.get('a'), 1);
  });

  test('that cannot be read or written let nobody through, and go on when they can', async (t) => {
    const { open, schema } = await instancesOn(t);
    const storage = await open();
    const counter = storage.openCounter({ name: 'test', points: 3, seconds: 60 });
    await counter.count('a');
    await beside(`ALTER TABLE ${schema}.rate_counters RENAME TO away`);
    await assert.rejects(counter.count('a'));
    await assert.rejects(counter.get('a'));
    await assert.rejects(counter.add('a'));
    await assert.rejects(counter.forget('a'));
    await beside(`ALTER TABLE ${schema}.away RENAME TO rate_counters`);
    assert.equal(await counter.count('a'), undefined);
    await storage.close();
    await assert.rejects(counter.count('a'), { name: 'StorageUnavailable' });
  });
});
