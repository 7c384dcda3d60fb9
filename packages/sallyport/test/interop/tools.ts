// What every client must get from the records server, whatever SDK it was written with.
import assert from 'node:assert/strict';

/** The part that the clients of all SDKs have in common. */
export interface ToolsClient {
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
  callTool(call: { readonly name: string; readonly arguments: Record<string, unknown> }): Promise<unknown>;
}

export async function listsTheTools(client: ToolsClient): Promise<void> {
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name).toSorted();
  const ofRecords = ['item', 'client', 'tag'].flatMap((noun) => [
    ...['create', 'get', 'update', 'delete'].map((verb) => `${verb}_user_${noun}`),
    `get_user_${noun}s`,
  ]);
  assert.deepEqual(names, ['get_user_profile', ...ofRecords].toSorted());
}

/** The `structuredContent` of a call that succeeds. */
export async function call(
  client: ToolsClient,
  name: string,
  args: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const result = (await client.callTool({ name, arguments: args })) as {
    isError?: boolean;
    structuredContent?: Record<string, unknown>;
  };
  assert.notEqual(result.isError, true, JSON.stringify(result));
  assert.ok(result.structuredContent, JSON.stringify(result));
  return result.structuredContent;
}

export async function readsTheProfile(client: ToolsClient, email: string): Promise<void> {
  assert.equal((await call(client, 'get_user_profile'))['email'], email);
}

/**
 * Calls every tool that is left: creates, finds alone and in the list, changes and deletes a tag, a client that has it and
 * an item that has it. Nothing may have been kept before; nothing is afterwards.
 */
export async function keepsRecords(client: ToolsClient): Promise<void> {
  const tag = await keeps(client, 'tag', { name: 'Dairy' }, { name: 'Cold' });
  const tags = [tag['id']];
  const customer = await keeps(client, 'client', { name: 'Example Ltd' }, { accessTags: tags });
  const item = await keeps(client, 'item', { name: 'Milk', content: 'Two litres' }, { tags });
  assert.deepEqual([customer['accessTags'], item['tags']], [[tag], [tag]]);
  for (const [noun, { id }] of Object.entries({ item, client: customer, tag })) {
    assert.deepEqual(await call(client, `delete_user_${noun}`, { id }), { id, deleted: true });
    await assert.rejects(call(client, `get_user_${noun}`, { id }), /not found/);
  }
}

/** @returns the record as it is after `change` */
async function keeps(
  client: ToolsClient,
  noun: 'item' | 'client' | 'tag',
  given: Record<string, unknown>,
  change: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const created = await call(client, `create_user_${noun}`, given);
  assert.equal(created['name'], given['name']);
  const { id } = created;
  assert.deepEqual((await call(client, `get_user_${noun}s`))[`${noun}s`], [created]);
  assert.deepEqual(await call(client, `get_user_${noun}`, { id }), created);
  const changed = await call(client, `update_user_${noun}`, { id, ...change });
  assert.notDeepEqual(changed, created);
  return changed;
}
