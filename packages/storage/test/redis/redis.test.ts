// With Redis for what is short-lived, SQLite and PostgreSQL keep the contract: shared by two processes, and when every
// call is slow.

import { suite } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage } from '@sallyport/storage';
import { storageContract } from '../contract.ts';
import { temporaryFolder } from '../folder.ts';
import { onPostgres, readySchema } from '../postgres/schema.ts';
import { slowly } from '../rigged.ts';
import { onRedis, ownPlace } from './server.ts';

async function besideFile(t: TestContext) {
  const { ephemeral } = await ownPlace(t);
  const baseDirectory = temporaryFolder(t);
  const openAgain = async () => {
    const storage = await openStorage('sqlite:test.db', { baseDirectory, ephemeral });
    t.after(() => storage.close());
    return storage;
  };
  return { storage: await openAgain(), openAgain };
}

async function besidePostgres(t: TestContext) {
  const { ephemeral } = await ownPlace(t);
  const { url } = await readySchema(t);
  const openAgain = async () => {
    const storage = await openStorage(url, { ephemeral });
    t.after(() => storage.close());
    return storage;
  };
  return { storage: await openAgain(), openAgain };
}

suite('Redis', onRedis, () => {
  storageContract('SQLite with Redis', besideFile, { shared: true, expiresByItself: true });
  storageContract(
    'SQLite with Redis, with 5 ms added to every call',
    async (t) => ({ storage: slowly((await besideFile(t)).storage, 5) }),
    { shared: false, expiresByItself: true },
  );

  suite('PostgreSQL', onPostgres, () => {
    storageContract('PostgreSQL with Redis', besidePostgres, { shared: true, expiresByItself: true });
    storageContract(
      'PostgreSQL with Redis, with 5 ms added to every call',
      async (t) => ({ storage: slowly((await besidePostgres(t)).storage, 5) }),
      { shared: false, expiresByItself: true },
    );
  });
});
