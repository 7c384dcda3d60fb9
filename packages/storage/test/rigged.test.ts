// The wrappers that other rooms test with do what they say.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage, StorageUnavailable } from '@sallyport/storage';
import { aGrant, aUser, now, withCode } from './contract/samples.ts';
import { failingAt, slowly } from './rigged.ts';

async function open(t: TestContext) {
  const storage = await openStorage('sqlite::memory:');
  t.after(() => storage.close());
  return storage;
}

test('only the n-th call fails, and it does nothing', async (t) => {
  const storage = await open(t);
  const failing = failingAt(storage, 2);
  assert.equal(failing.calls(), 0);
  assert.equal(await failing.hasUsers(), false);
  await assert.rejects(failing.addUser(aUser()), StorageUnavailable);
  assert.deepEqual(await failing.listUsers(), []);
  assert.equal(await failing.addUser(aUser()), 'added');
  assert.equal(failing.calls(), 4);
});

test('listening and closing are no calls', async (t) => {
  const storage = await open(t);
  await withCode(storage);
  const failing = failingAt(storage, 2);
  const heard: unknown[] = [];
  const stop = failing.onChange((change) => heard.push(change));
  await failing.revokeGrant(aGrant().id, now);
  assert.deepEqual(heard, [{ grantId: aGrant().id }]);
  stop();
  assert.equal(failing.calls(), 1);
  await failing.close();
  assert.equal(failing.calls(), 1);
});

test('a slow call runs only after its delay', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const storage = await open(t);
  const slow = slowly(storage, 5);
  const added = slow.addUser(aUser());
  await storage.ping();
  assert.equal(await storage.hasUsers(), false);
  t.mock.timers.tick(5);
  assert.equal(await added, 'added');
});
