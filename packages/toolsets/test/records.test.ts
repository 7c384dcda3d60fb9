// The records toolset over a real store: a person's own profile, items, clients and tags, and nobody else's.

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
async function person({ email }: { readonly email?: string } = {}) {
  people += 1;
  const user = {
    id: `person-${people}`,
    email: email ?? `person-${people}@example.com`,
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
  create_user_item: { name: 'Milk', content: 'Two litres', tags: ['abc'] },
  update_user_item: { id: 'abc', name: 'Milk', content: '', tags: [] },
  delete_user_item: { id: 'abc' },
  get_user_clients: {},
  get_user_client: { id: 'abc' },
  create_user_client: { name: 'Example', accessTags: ['abc'] },
  update_user_client: { id: 'abc', tags: ['abc'] },
  delete_user_client: { id: 'abc' },
  get_user_tags: { page: 2 },
  get_user_tag: { id: 'abc' },
  create_user_tag: { name: 'Urgent' },
  update_user_tag: { id: 'abc', name: 'Urgent' },
  delete_user_tag: { id: 'abc' },
});

test('reading needs `read`, all else `write`, and `read` is what is granted by default', () => {
  const hints = toolset.tools.map(({ name, scope, annotations }) => {
    const { readOnlyHint, destructiveHint, idempotentHint } = annotations;
    return [name, scope.join(' '), readOnlyHint, destructiveHint, idempotentHint];
  });
  const reads = ['read', true, undefined, undefined];
  const creates = ['write', false, false, false];
  const replaces = ['write', false, true, true];
  assert.deepEqual(hints, [
    ['get_user_profile', ...reads],
    ...['item', 'client', 'tag'].flatMap((noun) => [
      [`get_user_${noun}s`, ...reads],
      [`get_user_${noun}`, ...reads],
      [`create_user_${noun}`, ...creates],
      [`update_user_${noun}`, ...replaces],
      [`delete_user_${noun}`, ...replaces],
    ]),
  ]);
  assert.equal(hints.length, 16);
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

test('the profile has no e-mail address where what stands in its place is none', async () => {
  const { user, tool } = await person({ email: 'github:583231' });
  assert.deepEqual(contentOf(await tool('get_user_profile')), {
    id: user.id,
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
    tags: [],
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

for (const noun of ['item', 'client', 'tag']) {
  const plural = `${noun}s`;
  const lost = { isError: true, error: `${capital(noun)} not found` };
  const foreign = { isError: true, error: `Access denied: This ${noun} does not belong to you` };

  test(`${plural} are listed newest first, by pages, 50 when nothing is said`, async () => {
    const { tool } = await person();
    // Four in each second: what was made later comes first all the same.
    for (let index = 0; index < 60; index += 1)
      await tool(`create_user_${noun}`, { name: `No. ${index}` }, now + Math.floor(index / 4));
    const list = async (args: object) => contentOf(await tool(`get_user_${plural}`, args));
    const names = (page: Record<string, unknown>) =>
      (page[plural] as { name: string }[]).map(({ name }) => name);
    const first = await list({});
    const { [plural]: _records, ...counts } = first;
    assert.deepEqual(counts, { page: 1, perPage: 50, count: 50 });
    assert.deepEqual(
      names(first),
      Array.from({ length: 50 }, (_, index) => `No. ${59 - index}`),
    );
    const third = await list({ page: 3, limit: 25 });
    assert.deepEqual(
      names(third),
      Array.from({ length: 10 }, (_, index) => `No. ${9 - index}`),
    );
    assert.equal(third['count'], 10);
    const past = await list({ page: 1_000_000_000, limit: 100 });
    assert.deepEqual(past, { [plural]: [], page: 1_000_000_000, perPage: 100, count: 0 });
  });

  test(`a page of ${plural} is a whole number from 1, and has 1 to 100`, async () => {
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
      assert.ok('issues' in (await tool(`get_user_${plural}`, args)), JSON.stringify(args));
    }
  });

  test(`another person's ${noun} is in no list, and is neither shown, changed nor deleted`, async () => {
    const owner = await person();
    const other = await person();
    const created = contentOf(await owner.tool(`create_user_${noun}`, { name: 'Secret' }));
    const { id } = created;
    assert.deepEqual(await other.tool(`get_user_${noun}`, { id }), foreign);
    assert.deepEqual(await other.tool(`update_user_${noun}`, { id, name: 'Mine' }), foreign);
    assert.deepEqual(await other.tool(`delete_user_${noun}`, { id }), foreign);
    assert.deepEqual(contentOf(await other.tool(`get_user_${plural}`))[plural], []);
    assert.deepEqual(contentOf(await owner.tool(`get_user_${noun}`, { id })), created);
  });

  test(`a ${noun} that does not exist is not found`, async () => {
    const { tool } = await person();
    for (const id of ['nothing', "' OR 1=1 --", '%']) {
      assert.deepEqual(await tool(`get_user_${noun}`, { id }), lost);
      assert.deepEqual(await tool(`update_user_${noun}`, { id, name: 'x' }), lost);
      assert.deepEqual(await tool(`delete_user_${noun}`, { id }), lost);
    }
  });

  test(`a changed ${noun} has its new name and time, and keeps the rest`, async () => {
    const { tool } = await person();
    const created = contentOf(await tool(`create_user_${noun}`, { name: 'Before' }));
    const args = { id: created['id'], name: ' After ' };
    const changed = contentOf(await tool(`update_user_${noun}`, args, now + 60));
    assert.deepEqual(changed, { ...created, name: 'After', updated: '2023-11-14T22:14:20.000Z' });
    assert.deepEqual(contentOf(await tool(`get_user_${noun}`, { id: created['id'] })), changed);
  });

  test(`a deleted ${noun} is gone, once`, async () => {
    const { tool } = await person();
    const { id } = contentOf(await tool(`create_user_${noun}`, { name: 'Brief' }));
    assert.deepEqual(contentOf(await tool(`delete_user_${noun}`, { id })), { id, deleted: true });
    assert.deepEqual(await tool(`get_user_${noun}`, { id }), lost);
    assert.deepEqual(await tool(`delete_user_${noun}`, { id }), lost);
  });

  test(`a ${noun} needs a name of one line's length, and says so`, async () => {
    const { tool } = await person();
    const required = { issues: [`name: ${capital(noun)} name is required`] };
    assert.deepEqual(await tool(`create_user_${noun}`, {}), required);
    for (const name of ['', '   ', '\n\t']) {
      assert.deepEqual(await tool(`create_user_${noun}`, { name }), required);
      assert.deepEqual(await tool(`update_user_${noun}`, { id: 'x', name }), required);
    }
    for (const name of ['x'.repeat(201), 1, null])
      assert.ok('issues' in (await tool(`create_user_${noun}`, { name })));
    assert.ok('structuredContent' in (await tool(`create_user_${noun}`, { name: 'x'.repeat(200) })));
  });
}

function capital(noun: string): string {
  return noun.charAt(0).toUpperCase() + noun.slice(1);
}

test('a change that names nothing is refused, not counted as one', async () => {
  const { tool } = await person();
  for (const [noun, members] of [
    ['item', 'name, content, tags'],
    ['client', 'name, tags, accessTags'],
  ]) {
    assert.deepEqual(await tool(`update_user_${noun}`, { id: 'x', title: 'wrong word' }), {
      issues: [`Nothing to change: give one of ${members}`],
    });
  }
  assert.deepEqual(await tool('update_user_tag', { id: 'x' }), { issues: ['name: Tag name is required'] });
});

test('items and clients show their tags whole, in the order they were given', async () => {
  const { tool } = await person();
  const one = contentOf(await tool('create_user_tag', { name: 'One' }));
  const two = contentOf(await tool('create_user_tag', { name: 'Two' }));
  const tags = [two['id'], one['id'], two['id']];
  const item = contentOf(await tool('create_user_item', { name: 'x', tags }));
  assert.deepEqual(item['tags'], [two, one]);
  assert.deepEqual((contentOf(await tool('get_user_items'))['items'] as unknown[])[0], item);
  const client = contentOf(await tool('create_user_client', { name: 'x', tags }));
  assert.deepEqual(client['accessTags'], [two, one]);
  assert.equal('tags' in client, false);

  const { id } = item;
  const renamed = contentOf(await tool('update_user_tag', { id: one['id'], name: 'Uno' }));
  assert.deepEqual(contentOf(await tool('get_user_item', { id }))['tags'], [two, renamed]);
  const emptied = contentOf(await tool('update_user_item', { id, tags: [] }));
  assert.deepEqual(emptied['tags'], []);
});

test("a client's tags are taken by either name, but not by both", async () => {
  const { tool } = await person();
  const tag = contentOf(await tool('create_user_tag', { name: 'One' }));
  const tags = [tag['id']];
  for (const given of [{ tags }, { accessTags: tags }]) {
    const created = contentOf(await tool('create_user_client', { name: 'x', ...given }));
    assert.deepEqual(created['accessTags'], [tag]);
    const { id } = contentOf(await tool('create_user_client', { name: 'x' }));
    assert.deepEqual(contentOf(await tool('update_user_client', { id, ...given }))['accessTags'], [tag]);
  }
  for (const [name, more] of [
    ['create_user_client', { name: 'x' }],
    ['update_user_client', { id: 'x' }],
  ] as const) {
    const answer = await tool(name, { ...more, tags, accessTags: [] });
    assert.deepEqual(answer, {
      issues: ['tags and accessTags are two names of one thing: give one of them'],
    });
  }
});

test("a tag that is unknown or another person's is put on nothing", async () => {
  const owner = await person();
  const other = await person();
  const { id: foreign } = contentOf(await other.tool('create_user_tag', { name: 'Theirs' }));
  const { id: mine } = contentOf(await owner.tool('create_user_tag', { name: 'Mine' }));
  for (const noun of ['item', 'client']) {
    const created = contentOf(await owner.tool(`create_user_${noun}`, { name: 'x', tags: [mine] }));
    const { id } = created;
    for (const [tags, error] of [
      [[mine, 'nothing'], 'Tag not found'],
      [[mine, foreign], 'Access denied: This tag does not belong to you'],
    ]) {
      assert.deepEqual(await owner.tool(`create_user_${noun}`, { name: 'y', tags }), {
        isError: true,
        error,
      });
      assert.deepEqual(await owner.tool(`update_user_${noun}`, { id, name: 'y', tags }), {
        isError: true,
        error,
      });
    }
    const list = contentOf(await owner.tool(`get_user_${noun}s`))[`${noun}s`];
    assert.deepEqual(list, [created]);
  }
});

test('a deleted tag leaves items and clients, which stay', async () => {
  const { tool } = await person();
  const { id: tag } = contentOf(await tool('create_user_tag', { name: 'Brief' }));
  const item = contentOf(await tool('create_user_item', { name: 'x', tags: [tag] }));
  const client = contentOf(await tool('create_user_client', { name: 'x', tags: [tag] }));
  await tool('delete_user_tag', { id: tag });
  assert.deepEqual(contentOf(await tool('get_user_item', { id: item['id'] })), { ...item, tags: [] });
  assert.deepEqual(contentOf(await tool('get_user_client', { id: client['id'] })), {
    ...client,
    accessTags: [],
  });
});

test('content and tags have an end', async () => {
  const { tool } = await person();
  const tags = Array.from({ length: 51 }, (_, index) => `tag-${index}`);
  for (const args of [
    { name: 'x', content: 'y'.repeat(100_001) },
    { name: 'x', content: null },
    { name: 'x', tags },
    { name: 'x', tags: [1] },
    { name: 'x', tags: 'tag-1' },
    { name: 'x', tags: [''] },
  ]) {
    assert.ok('issues' in (await tool('create_user_item', args)), JSON.stringify(args).slice(0, 80));
  }
  assert.equal(contentOf(await tool('create_user_item', { name: 'x' }))['content'], '');
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
    ['create_user_client', { name: 'x' }],
    ['create_user_tag', { name: 'x' }],
  ] as const) {
    assert.deepEqual(await tool(name, args), { isError: true, error: 'User not found' });
  }
});

test('a store that is away is no answer of a tool', async () => {
  const away = async () => {
    throw new StorageUnavailable('away');
  };
  const broken = new Proxy({}, { get: () => away }) as RecordsStorage;
  for (const tool of recordsToolset(broken).tools) {
    const caller = { sub: 'x' } as Caller;
    await assert.rejects(
      tool.run({ id: 'x', name: 'x', page: 1, limit: 1 }, { caller, now }),
      StorageUnavailable,
    );
  }
});
