// SQLite keeps the contract: in a file, in memory, and when every call is slow.

import type { TestContext } from 'node:test';
import { openStorage } from '@sallyport/storage';
import { storageContract } from './contract.ts';
import { temporaryFolder } from './folder.ts';
import { slowly } from './rigged.ts';

async function inFile(t: TestContext) {
  const folder = temporaryFolder(t);
  const openAgain = async () => {
    const storage = await openStorage('sqlite:test.db', { baseDirectory: folder });
    t.after(() => storage.close());
    return storage;
  };
  return { storage: await openAgain(), openAgain };
}

async function inMemory(t: TestContext) {
  const storage = await openStorage('sqlite::memory:');
  t.after(() => storage.close());
  return { storage };
}

storageContract('SQLite in a file', inFile, { shared: true });
storageContract('SQLite in memory', inMemory, { shared: false });
storageContract(
  'SQLite with 5 ms added to every call',
  async (t) => ({ storage: slowly((await inMemory(t)).storage, 5) }),
  { shared: false },
);
