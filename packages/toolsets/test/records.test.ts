// The records toolset over a real store: a person's own profile and items, and nobody else's.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openStorage, StorageUnavailable } from '@sallyport/storage';
import type { Caller } from '@sallyport/protocol';
import { recordsToolset } from '../src/index.ts';
import type { RecordsStorage } from '../src/index.ts';
import { call, toolsetContract } from './contract.ts';

const storage = await openStorage('sqlite::memory:');
after(() => storage.close());
const toolset = recordsToolset(storage);
const now = 1_700_000_000;
let people = 0;

/** A new person, so that tests do not see each other's items. */
async function person() {
  people += 1;
  const user = {
    id: `person-${people}`,
    email: `person-${people}@example.com`,
    name: `Person ${people}`,
    role: 'member' as const,
    createdAt: now - 100,
    updatedAt: now - 50,
  };
  assert.equal(await storage.addUser(user), 'added');
  const caller: Caller = {
    sub: user.id,
    client_id: 'client',
    scope: ['read', 'write'],
    resource: 'https://mcp.example.com/mcp',
    grantId: 'grant',
    expiresAt: now + 60,
  };
  const tool = (name: string, args: unknown = {}, at = now) => call(toolset, name, args, { caller, now: at });
  return {
    user,
    tool,
    create: async (name: string, at = now) => contentOf(await tool('create_user_item', { name }, at)),
  };
}

function contentOf(answer: Awaited<ReturnType<typeof call>>): Record<string, unknown> {
  assert.ok('structuredContent' in answer && answer.structuredContent !== undefined, JSON.stringify(answer));
  return answer.structuredContent;
}

toolsetContract(toolset, {
  get_user_profile: {},
  get_user_items: { page: 1, limit: 100 },
  get_user_item: { id: 'abc' },
  create_user_item: { name: 'Milk', content: 'Two litres' },
});

test('reading needs `read`, creating needs `write`, and `read` is what is granted by default', () => {
  assert.deepEqual(
    toolset.tools.map(({ name, scope, annotations }) => [name, scope, annotations.readOnlyHint]),
    [
      ['get_user_profile', ['read'], true],
      ['get_user_items', ['read'], true],
      ['get_user_item', ['read'], true],
      ['create_user_item', ['write'], false],
    ],
  );
  assert.deepEqual(toolset.defaultScopes, ['read']);
});

test('the profile is the signed-in person, without the password or the role', async () => {
  const { user, tool } = await person();
  assert.deepEqual(contentOf(await tool('get_user_profile')), {
    id: user.id,
    email: user.email,
    name: user.name,
    created: '2023-11-14T22:11:40.000Z',
    updated: '2023-11-14T22:12:30.000Z',
  });
});

test('a created item is answered as it will be found', async () => {
  const { user, tool } = await person();
  const created = contentOf(await tool('create_user_item', { name: '  Milk ', content: 'Two\nlitres' }));
  const { id, ...rest } = created;
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  const time = '2023-11-14T22:13:20.000Z';
  assert.deepEqual(rest, {
    name: 'Milk',
    content: 'Two\nlitres',
    user: user.id,
    created: time,
    updated: time,
  });
  assert.deepEqual(contentOf(await tool('get_user_item', { id })), created);
});

test('ids cannot be told from one another', async () => {
  const { create } = await person();
  const ids = await Promise.all(Array.from({ length: 50 }, async () => (await create('same'))['id']));
  assert.equal(new Set(ids).size, 50);
});

test('items are listed newest first, by pages, 50 when nothing is said', async () => {
  const { tool, create } = await person();
  // Four in each second: what was made later comes first all the same.
  for (let index = 0; index < 60; index += 1) await create(`Item ${index}`, now + Math.floor(index / 4));
  const names = (page: Record<string, unknown>) =>
    (page['items'] as { name: string }[]).map(({ name }) => name);
  const first = contentOf(await tool('get_user_items'));
  const { items: _items, ...counts } = first;
  assert.deepEqual(counts, { page: 1, perPage: 50, count: 50 });
  assert.deepEqual(
    names(first),
    Array.from({ length: 50 }, (_, index) => `Item ${59 - index}`),
  );
  const third = contentOf(await tool('get_user_items', { page: 3, limit: 25 }));
  assert.deepEqual(
    names(third),
    Array.from({ length: 10 }, (_, index) => `Item ${9 - index}`),
  );
  assert.equal(third['count'], 10);
  const past = contentOf(await tool('get_user_items', { page: 1_000_000_000, limit: 100 }));
  assert.deepEqual(past, { items: [], page: 1_000_000_000, perPage: 100, count: 0 });
});

test('a page is a whole number from 1, and has 1 to 100 items', async () => {
  const { tool } = await person();
  for (const args of [
    { limit: 0 },
    { limit: 101 },
    { limit: 1.5 },
    { limit: '5' },
    { page: 0 },
    { page: -1 },
    { page: 1e12 },
    { page: null },
  ]) {
    assert.ok('issues' in (await tool('get_user_items', args)), JSON.stringify(args));
  }
});

test("another person's item is refused, and is in no list", async () => {
  const owner = await person();
  const other = await person();
  const { id } = await owner.create('Secret');
  assert.deepEqual(await other.tool('get_user_item', { id }), {
    isError: true,
    error: 'Access denied: This item does not belong to you',
  });
  assert.deepEqual(contentOf(await other.tool('get_user_items'))['items'], []);
});

test('an item that does not exist is not found', async () => {
  const { tool } = await person();
  for (const id of ['nothing', "' OR 1=1 --", '%']) {
    assert.deepEqual(await tool('get_user_item', { id }), { isError: true, error: 'Item not found' });
  }
});

test("an item needs a name of one line's length and a content that ends", async () => {
  const { tool } = await person();
  for (const args of [
    {},
    { name: '' },
    { name: '   ' },
    { name: 'x'.repeat(201) },
    { name: 'x', content: 'y'.repeat(100_001) },
    { name: 'x', content: null },
  ]) {
    assert.ok('issues' in (await tool('create_user_item', args)), JSON.stringify(args).slice(0, 80));
  }
  assert.equal(contentOf(await tool('create_user_item', { name: 'x'.repeat(200) }))['content'], '');
});

test('the owner of a new item is who calls, whatever the arguments say', async () => {
  const owner = await person();
  const other = await person();
  const args = { name: 'Mine', user: other.user.id, userId: other.user.id, id: 'chosen' };
  const item = contentOf(await owner.tool('create_user_item', args));
  assert.equal(item['user'], owner.user.id);
  assert.notEqual(item['id'], 'chosen');
});

test('a person who was removed has no profile and creates nothing', async () => {
  const { user, tool } = await person();
  assert.equal(await storage.removeUser(user.id), 'removed');
  for (const [name, args] of [
    ['get_user_profile', {}],
    ['create_user_item', { name: 'x' }],
  ] as const) {
    assert.deepEqual(await tool(name, args), { isError: true, error: 'User not found' });
  }
});

test('a store that is away is no answer of a tool', async () => {
  const away = async () => {
    throw new StorageUnavailable('away');
  };
  const broken: RecordsStorage = { findUser: away, listItems: away, findItem: away, addItem: away };
  for (const tool of recordsToolset(broken).tools) {
    const caller = { sub: 'x' } as Caller;
    await assert.rejects(
      tool.run({ id: 'x', name: 'x', page: 1, limit: 1 }, { caller, now }),
      StorageUnavailable,
    );
  }
});
