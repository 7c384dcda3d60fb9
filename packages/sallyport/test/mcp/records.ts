// The records toolset over a store in memory, with two people, as the tests of this folder serve it.

import { recordsOperations, recordsToolset } from '@sallyport/toolsets';
import { openStorage } from '@sallyport/storage';

/** What the tools were written with, by name. */
export const schemas = Object.fromEntries(
  recordsOperations.map((operation) => [operation.name, operation.schemas]),
);

export const personId = 'person-1';
export const foreignItemId = 'item-of-another';
export const foreignTagId = 'tag-of-another';

export async function recordsOfTwo() {
  const storage = await openStorage('sqlite::memory:');
  const now = 1_700_000_000;
  for (const id of [personId, 'person-2']) {
    const user = {
      id,
      email: `${id}@example.com`,
      name: id,
      role: 'member' as const,
      createdAt: now,
      updatedAt: now,
    };
    await storage.addUser(user);
  }
  const item = { name: 'Item', content: '"quoted" <b> \u2028 ü', createdAt: now, updatedAt: now };
  const tag = { name: 'Tag', createdAt: now, updatedAt: now };
  await storage.addTag({ ...tag, id: 'tag-1', userId: personId });
  await storage.addTag({ ...tag, id: foreignTagId, userId: 'person-2' });
  await storage.addRecordsClient({ ...tag, id: 'client-1', userId: personId }, ['tag-1']);
  await storage.addItem({ ...item, id: 'item-1', userId: personId }, ['tag-1']);
  await storage.addItem({ ...item, id: 'item-2', userId: personId, createdAt: now + 1 });
  await storage.addItem({ ...item, id: foreignItemId, userId: 'person-2' });
  const serverInfo = { name: 'sallyport-records', title: 'Records', version: '0.1.0' };
  return { storage, definition: { toolset: recordsToolset(storage), serverInfo } };
}
