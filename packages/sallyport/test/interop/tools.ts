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

/** Creates an item and finds it again, alone and in the list. */
export async function keepsAnItem(client: ToolsClient): Promise<void> {
  const created = await call(client, 'create_user_item', { name: 'Milk', content: 'Two litres' });
  assert.equal(created['name'], 'Milk');
  const { items } = (await call(client, 'get_user_items')) as { items: Record<string, unknown>[] };
  assert.deepEqual(items, [created]);
  assert.deepEqual(await call(client, 'get_user_item', { id: created['id'] }), created);
}
