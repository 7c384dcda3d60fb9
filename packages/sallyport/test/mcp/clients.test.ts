// Real clients against the gate over a loopback socket, in both eras. Who calls is fixed here: tokens are tested elsewhere.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientOf1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportOf1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { callerWith, ours } from '../../../gateway/test/oracle.ts';
import { foreignItemId, personId, recordsOfTwo } from './records.ts';

const { storage, definition } = await recordsOfTwo();
const gate = ours(definition, callerWith(['read', 'write'], personId));
const server = createAdaptorServer({ fetch: gate });
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
after(async () => {
  server.close();
  await storage.close();
});

/** What the clients have in common. */
interface AnyClient {
  listTools(): Promise<{ tools: { name: string; title?: string | undefined }[] }>;
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<unknown>;
  getServerVersion(): { name: string; version: string } | undefined;
  close(): Promise<void>;
}

const clientInfo = { name: 'test-client', version: '1.0.0' };

async function client2(versionNegotiation?: { mode: 'auto' | { pin: string } }): Promise<AnyClient> {
  const client = new Client(clientInfo, versionNegotiation && { versionNegotiation });
  await client.connect(new StreamableHTTPClientTransport(url));
  return client;
}

async function client1(): Promise<AnyClient> {
  const client = new ClientOf1(clientInfo);
  await client.connect(new TransportOf1(url));
  return client;
}

const clients: Readonly<Record<string, () => Promise<AnyClient>>> = {
  'SDK 2.x, which begins with initialize': () => client2(),
  'SDK 2.x, pinned to 2026-07-28': () => client2({ mode: { pin: '2026-07-28' } }),
  'SDK 2.x, which finds out for itself': () => client2({ mode: 'auto' }),
  'SDK 1.x': client1,
};

interface Answer {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent?: Record<string, unknown>;
}

for (const [name, connect] of Object.entries(clients)) {
  test(`${name}: lists the tools, reads, creates, and is told what went wrong`, async () => {
    const client = await connect();
    const call = async (tool: string, args: Record<string, unknown> = {}) =>
      (await client.callTool({ name: tool, arguments: args })) as Answer;

    assert.equal(client.getServerVersion()?.name, 'sallyport-records');
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map((tool) => tool.name),
      definition.toolset.tools.map((tool) => tool.name),
    );
    assert.equal(tools.length, 16);

    const profile = await call('get_user_profile');
    assert.equal(profile.structuredContent?.['id'], personId);
    assert.deepEqual(JSON.parse(profile.content[0]!.text), profile.structuredContent);

    const created = await call('create_user_item', { name: `By ${name}`, content: 'ü' });
    const found = await call('get_user_item', { id: created.structuredContent?.['id'] });
    assert.deepEqual(found.structuredContent, created.structuredContent);

    const tag = await call('create_user_tag', { name: 'Tag' });
    const tags = [tag.structuredContent?.['id']];
    const id = created.structuredContent?.['id'];
    const changed = await call('update_user_item', { id, tags });
    assert.deepEqual(changed.structuredContent?.['tags'], [tag.structuredContent]);
    const customer = await call('create_user_client', { name: 'Client', accessTags: tags });
    assert.deepEqual(customer.structuredContent?.['accessTags'], [tag.structuredContent]);
    assert.deepEqual((await call('delete_user_item', { id })).structuredContent, { id, deleted: true });
    assert.equal((await call('get_user_item', { id })).isError, true);

    const foreign = await call('get_user_item', { id: foreignItemId });
    assert.equal(foreign.isError, true);
    assert.equal(foreign.structuredContent, undefined);
    assert.match(foreign.content[0]!.text, /does not belong to you/);

    const wrong = await call('get_user_items', { limit: 1000 });
    assert.equal(wrong.isError, true);
    assert.match(wrong.content[0]!.text, /limit: Too big/);
    await assert.rejects(client.callTool({ name: 'no_such_tool' }), /Tool no_such_tool not found/);
    await client.close();
  });
}
