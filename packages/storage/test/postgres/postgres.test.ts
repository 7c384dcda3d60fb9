// PostgreSQL keeps the contract: shared by two processes, and when every call is slow.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage } from '@sallyport/storage';
import { storageContract } from '../contract.ts';
import { aUser } from '../contract/samples.ts';
import { slowly } from '../rigged.ts';
import { onPostgres, readySchema } from './schema.ts';

async function inSchema(t: TestContext) {
  const { url } = await readySchema(t);
  const openAgain = async () => {
    const storage = await openStorage(url);
    t.after(() => storage.close());
    return storage;
  };
  return { storage: await openAgain(), openAgain };
}

suite('closing PostgreSQL', onPostgres, () => {
  test('waits for what was asked, and for what waits for a connection', async (t) => {
    const { storage, openAgain } = await inSchema(t);
    const users = Array.from({ length: 50 }, (_, i) => storage.addUser(aUser({ id: `user-${i}` })));
    await Promise.all([storage.close(), storage.close()]);
    assert.deepEqual(new Set(await Promise.all(users)), new Set(['added']));
    assert.equal((await (await openAgain()).listUsers()).length, 50);
  });
});

suite('PostgreSQL', onPostgres, () => {
  storageContract('PostgreSQL', inSchema, { shared: true });
  storageContract(
    'PostgreSQL with 5 ms added to every call',
    async (t) => ({ storage: slowly((await inSchema(t)).storage, 5) }),
    { shared: false },
  );
});
