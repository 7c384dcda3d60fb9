// The records toolset: items and clients with their tags, each person's own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnRecord, RecordRefusal, RecordsPage, Storage, Tag, TagRefusal } from '@sallyport/storage';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { anItem, aRecordsClient, aTag, aUser, now, tally } = samples;

/** Two people, and two tags of the first. */
async function withTags(storage: Storage): Promise<readonly [Tag, Tag]> {
  await storage.addUser(aUser());
  await storage.addUser(aUser({ id: 'user-2' }));
  const tags = [aTag(), aTag({ id: 'tag-2', name: 'Another tag' })] as const;
  for (const tag of tags) assert.deepEqual(await storage.addTag(tag), tag);
  return tags;
}

interface Kept extends OwnRecord {
  readonly tags?: readonly Tag[];
}

/** One kind of record, by the same verbs. */
interface Kind {
  readonly sample: (given?: Partial<OwnRecord>) => Kept;
  readonly add: (record: Kept, tagIds?: readonly string[]) => Promise<Kept | 'user_gone' | TagRefusal>;
  readonly find: (id: string) => Promise<Kept | undefined>;
  readonly list: (page: RecordsPage) => Promise<readonly Kept[]>;
  readonly change: (change: {
    id: string;
    userId: string;
    name?: string;
    tagIds?: readonly string[];
    now: number;
  }) => Promise<Kept | RecordRefusal | TagRefusal>;
  readonly remove: (removed: { id: string; userId: string }) => Promise<'removed' | RecordRefusal>;
}

type Described = (storage: Storage) => Kind;

const item: Described = (storage) => ({
  sample: (given) => anItem({ id: 'record', ...given }),
  add: (record, tagIds) => storage.addItem(record as ReturnType<typeof anItem>, tagIds),
  find: (id) => storage.findItem(id),
  list: (page) => storage.listItems(page),
  change: (change) => storage.changeItem(change),
  remove: (removed) => storage.removeItem(removed),
});

const client: Described = (storage) => ({
  sample: (given) => aRecordsClient({ id: 'record', ...given }),
  add: (record, tagIds) => storage.addRecordsClient(record, tagIds),
  find: (id) => storage.findRecordsClient(id),
  list: (page) => storage.listRecordsClients(page),
  change: (change) => storage.changeRecordsClient(change),
  remove: (removed) => storage.removeRecordsClient(removed),
});

const tag: Described = (storage) => ({
  sample: (given) => aTag({ id: 'record', ...given }),
  add: (record) => storage.addTag(record),
  find: (id) => storage.findTag(id),
  list: (page) => storage.listTags(page),
  change: (change) => storage.changeTag(change),
  remove: (removed) => storage.removeTag(removed),
});

export function recordsContract(open: Open): void {
  for (const [name, kind] of Object.entries({ item, client, tag })) everyKind(name, kind, open);
  for (const [name, kind] of Object.entries({ item, client })) everyTaggedKind(name, kind, open);

  test('the content of an item is changed, emptied, or stays', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    await storage.addItem(anItem());
    const change = { id: 'item-1', userId: 'user-1', now: now + 1 };
    assert.deepEqual(
      await storage.changeItem({ ...change, name: 'New' }),
      anItem({ name: 'New', updatedAt: now + 1 }),
    );
    await storage.changeItem({ ...change, content: '' });
    assert.deepEqual(
      await storage.findItem('item-1'),
      anItem({ name: 'New', content: '', updatedAt: now + 1 }),
    );
  });

  test('a removed tag leaves every item and client, which stay, and no other tag does', async (t) => {
    const { storage } = await open(t);
    const [one, two] = await withTags(storage);
    await storage.addItem(anItem(), ['tag-1', 'tag-2']);
    await storage.addRecordsClient(aRecordsClient(), ['tag-2', 'tag-1']);
    assert.equal(await storage.removeTag({ id: one.id, userId: 'user-1' }), 'removed');
    assert.deepEqual(await storage.findItem('item-1'), anItem({ tags: [two] }));
    assert.deepEqual(await storage.findRecordsClient('records-client-1'), aRecordsClient({ tags: [two] }));
  });

  test('a renamed tag has its new name wherever it is', async (t) => {
    const { storage } = await open(t);
    await withTags(storage);
    await storage.addItem(anItem(), ['tag-1']);
    await storage.changeTag({ id: 'tag-1', userId: 'user-1', name: 'Renamed', now: now + 1 });
    const renamed = aTag({ name: 'Renamed', updatedAt: now + 1 });
    assert.deepEqual((await storage.findItem('item-1'))?.tags, [renamed]);
    const [listed] = await storage.listItems({ userId: 'user-1', limit: 1, offset: 0 });
    assert.deepEqual(listed, anItem({ tags: [renamed] }));
  });

  test('of a tag that is removed while it is put on 20 items, nothing is left, and no item is half made', async (t) => {
    const { storage } = await open(t);
    await withTags(storage);
    const adding = tally(20, async (i) => {
      if (i === 10) await storage.removeTag({ id: 'tag-1', userId: 'user-1' });
      const added = await storage.addItem(anItem({ id: `item-${i}` }), ['tag-2', 'tag-1']);
      return typeof added === 'string' ? added : 'added';
    });
    const { added = 0, tag_not_found: refused = 0 } = await adding;
    assert.equal(added + refused, 20);
    const items = await storage.listItems({ userId: 'user-1', limit: 100, offset: 0 });
    assert.equal(items.length, added);
    for (const { tags } of items) assert.deepEqual(tags, [aTag({ id: 'tag-2', name: 'Another tag' })]);
  });

  test('a removed user takes records, tags and what ties them along, and nothing of anybody else', async (t) => {
    const { storage } = await open(t);
    await withTags(storage);
    const foreign = aTag({ id: 'foreign', userId: 'user-2' });
    await storage.addTag(foreign);
    await storage.addItem(anItem(), ['tag-1', 'tag-2']);
    await storage.addRecordsClient(aRecordsClient(), ['tag-1']);
    await storage.addItem(anItem({ id: 'item-2', userId: 'user-2' }), ['foreign']);
    await storage.removeUser('user-1');
    assert.deepEqual(
      [
        await storage.findItem('item-1'),
        await storage.findRecordsClient('records-client-1'),
        await storage.findTag('tag-1'),
        await storage.findTag('tag-2'),
      ],
      [undefined, undefined, undefined, undefined],
    );
    assert.deepEqual(
      await storage.findItem('item-2'),
      anItem({ id: 'item-2', userId: 'user-2', tags: [foreign] }),
    );
    // The same ids again: nothing of before clings to them.
    await storage.addUser(aUser());
    await storage.addTag(aTag());
    assert.deepEqual(await storage.addItem(anItem()), anItem());
  });
}

function everyKind(name: string, kindOn: Described, open: Open): void {
  test(`${name}: comes back exactly as added; one of nobody is refused`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, find } = kindOn(storage);
    assert.equal(await add(sample()), 'user_gone');
    await storage.addUser(aUser());
    const record = sample({ updatedAt: now + 1 });
    assert.deepEqual(await add(record), record);
    assert.deepEqual(await find('record'), record);
    assert.equal(await find('another'), undefined);
  });

  test(`${name}: an id is taken once, and the first stays`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, find } = kindOn(storage);
    await storage.addUser(aUser());
    await storage.addUser(aUser({ id: 'user-2' }));
    await add(sample());
    await assert.rejects(add(sample({ userId: 'user-2', name: 'Stolen' })));
    assert.deepEqual(await find('record'), sample());
  });

  test(`${name}: listed page by page, newest first, without those of others`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, list } = kindOn(storage);
    await storage.addUser(aUser());
    await storage.addUser(aUser({ id: 'user-2' }));
    for (let i = 0; i < 5; i++) await add(sample({ id: `record-${i}`, createdAt: now + (i >> 1) }));
    await add(sample({ id: 'foreign', userId: 'user-2', createdAt: now + 9 }));
    const ids = async (limit: number, offset: number) =>
      (await list({ userId: 'user-1', limit, offset })).map(({ id }) => id);
    assert.deepEqual(await ids(10, 0), ['record-4', 'record-3', 'record-2', 'record-1', 'record-0']);
    assert.deepEqual(await ids(2, 0), ['record-4', 'record-3']);
    assert.deepEqual(await ids(2, 4), ['record-0']);
    assert.deepEqual(await ids(2, 5), []);
    assert.deepEqual(await ids(0, 0), []);
  });

  test(`${name}: a change changes what it names, and the time`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, find, change } = kindOn(storage);
    await storage.addUser(aUser());
    await add(sample());
    const own = { id: 'record', userId: 'user-1' };
    const changed = sample({ name: 'New', updatedAt: now + 5 });
    assert.deepEqual(await change({ ...own, name: 'New', now: now + 5 }), changed);
    assert.deepEqual(await find('record'), changed);
    assert.deepEqual(await change({ ...own, now: now + 6 }), { ...changed, updatedAt: now + 6 });
  });

  test(`${name}: nobody changes or removes another's, or one that is not there`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, find, change, remove } = kindOn(storage);
    await storage.addUser(aUser());
    await storage.addUser(aUser({ id: 'user-2' }));
    await add(sample());
    assert.equal(await change({ id: 'record', userId: 'user-2', name: 'Mine', now: now + 1 }), 'not_owner');
    assert.equal(await remove({ id: 'record', userId: 'user-2' }), 'not_owner');
    assert.equal(await change({ id: 'none', userId: 'user-1', now: now + 1 }), 'not_found');
    assert.equal(await remove({ id: 'none', userId: 'user-1' }), 'not_found');
    assert.deepEqual(await find('record'), sample());
  });

  test(`${name}: of 20 simultaneous removals one removes, and a change afterwards finds nothing`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, list, change, remove } = kindOn(storage);
    await storage.addUser(aUser());
    await add(sample());
    await add(sample({ id: 'other' }));
    const own = { id: 'record', userId: 'user-1' };
    assert.deepEqual(await tally(20, () => remove(own)), { removed: 1, not_found: 19 });
    assert.equal(await change({ ...own, name: 'Late', now: now + 1 }), 'not_found');
    const left = await list({ userId: 'user-1', limit: 10, offset: 0 });
    assert.deepEqual(left, [sample({ id: 'other' })]);
  });
}

function everyTaggedKind(name: string, kindOn: Described, open: Open): void {
  test(`${name}: has its tags in the order they were given, each once, alone and in a list`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, find, list } = kindOn(storage);
    const [one, two] = await withTags(storage);
    const tagged = { ...sample(), tags: [two, one] };
    assert.deepEqual(await add(sample(), ['tag-2', 'tag-1', 'tag-2']), tagged);
    await add(sample({ id: 'without', createdAt: now + 1 }));
    assert.deepEqual(await find('record'), tagged);
    const without = sample({ id: 'without', createdAt: now + 1 });
    assert.deepEqual(await list({ userId: 'user-1', limit: 10, offset: 0 }), [without, tagged]);
    assert.deepEqual(await list({ userId: 'user-1', limit: 1, offset: 1 }), [tagged]);
  });

  test(`${name}: a change replaces all tags, takes them off, or leaves them`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, find, change } = kindOn(storage);
    const [one, two] = await withTags(storage);
    await add(sample(), ['tag-1']);
    const own = { id: 'record', userId: 'user-1', now };
    assert.deepEqual(await change({ ...own, tagIds: ['tag-2', 'tag-1'] }), {
      ...sample(),
      tags: [two, one],
    });
    assert.deepEqual(await change({ ...own, name: 'New' }), {
      ...sample(),
      name: 'New',
      tags: [two, one],
    });
    assert.deepEqual(await change({ ...own, tagIds: [] }), { ...sample(), name: 'New' });
    assert.deepEqual(await find('record'), { ...sample(), name: 'New' });
  });

  test(`${name}: with a tag that is unknown or another person's, nothing is written`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, find, change } = kindOn(storage);
    const [one] = await withTags(storage);
    await storage.addTag(aTag({ id: 'foreign', userId: 'user-2' }));
    assert.equal(await add(sample(), ['tag-1', 'none']), 'tag_not_found');
    assert.equal(await add(sample(), ['tag-1', 'foreign']), 'tag_not_owner');
    assert.equal(await find('record'), undefined);
    await add(sample(), ['tag-1']);
    const own = { id: 'record', userId: 'user-1', name: 'New', now: now + 1 };
    assert.equal(await change({ ...own, tagIds: ['tag-2', 'none'] }), 'tag_not_found');
    assert.equal(await change({ ...own, tagIds: ['foreign', 'tag-2'] }), 'tag_not_owner');
    assert.deepEqual(await find('record'), { ...sample(), tags: [one] });
  });

  test(`${name}: of many simultaneous changes one is the last, whole`, async (t) => {
    const { storage } = await open(t);
    const { sample, add, find, change } = kindOn(storage);
    const [one, two] = await withTags(storage);
    await add(sample());
    const own = { id: 'record', userId: 'user-1', now };
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        change({ ...own, name: `name-${i % 2}`, tagIds: i % 2 === 0 ? ['tag-1'] : ['tag-2', 'tag-1'] }),
      ),
    );
    const kept = await find('record');
    assert.deepEqual(kept?.tags, kept?.name === 'name-0' ? [one] : [two, one]);
  });
}
