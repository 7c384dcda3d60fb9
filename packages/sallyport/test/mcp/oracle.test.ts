// The records toolset behind the gate answers as the same tools on the official SDK do: 2.x in both eras, and 1.x in
// the era it knows.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import {
  callerWith,
  messagesOf,
  observe,
  ours,
  requestOf,
  runForSdk,
  sdk,
  sdkWithJson,
} from '../../../gateway/test/oracle.ts';
import type { Observed, RawRequest } from '../../../gateway/test/oracle.ts';
import { calls, generalRequests, legacy, oddCalls } from '../../../gateway/test/requests.ts';
import { foreignItemId, foreignTagId, personId, recordsOfTwo, schemas } from './records.ts';

const { storage, definition } = await recordsOfTwo();
after(() => storage.close());
const caller = callerWith(['read', 'write'], personId);
const gate = ours(definition, caller);

const toolCalls: readonly RawRequest[] = [
  ...calls('get_user_profile', undefined),
  ...calls('get_user_items', {}),
  ...calls('get_user_items', { page: 2, limit: 1 }),
  ...calls('get_user_items', { page: 0, limit: 101 }),
  ...calls('get_user_items', { page: 'x' }),
  ...calls('get_user_item', { id: 'item-1' }),
  ...calls('get_user_item', { id: foreignItemId }),
  ...calls('get_user_item', { id: 'nothing' }),
  ...calls('get_user_item', { id: '' }),
  ...calls('get_user_item', {}),
  ...calls('create_user_item', { name: '' }),
  ...calls('create_user_item', { name: 1, content: [] }),
  ...calls('create_user_item', { name: 'x', tags: [foreignTagId] }),
  ...calls('update_user_item', { id: 'item-1', name: 'Item', tags: ['tag-1'] }),
  ...calls('update_user_item', { id: 'item-1' }),
  ...calls('update_user_item', { id: 'item-1', tags: ['nothing'] }),
  ...calls('delete_user_item', { id: foreignItemId }),
  ...calls('get_user_clients', {}),
  ...calls('get_user_client', { id: 'client-1' }),
  ...calls('create_user_client', { name: 'x', tags: [], accessTags: [] }),
  ...calls('update_user_client', { id: 'client-1', accessTags: ['tag-1'] }),
  ...calls('delete_user_client', { id: 'nothing' }),
  ...calls('get_user_tags', { limit: 1 }),
  ...calls('get_user_tag', { id: foreignTagId }),
  ...calls('create_user_tag', {}),
  ...calls('update_user_tag', { id: 'tag-1', name: 'Tag' }),
  ...calls('delete_user_tag', { id: foreignTagId }),
];

async function both(
  request: RawRequest,
  ...servers: ((request: Request) => Promise<Response>)[]
): Promise<Observed[]> {
  return Promise.all(servers.map(async (serve) => observe(await serve(requestOf(request)))));
}

for (const request of [...generalRequests, ...oddCalls('get_user_profile'), ...toolCalls]) {
  test(`equal to SDK 2.x: ${request.name}`, async () => {
    const streamed = sdk(definition, caller, schemas);
    const [mine, theirs, asStream] = await both(
      request,
      gate,
      sdkWithJson(definition, caller, schemas),
      streamed,
    );
    assert.deepEqual(mine, theirs);
    assert.deepEqual(messagesOf(mine!), messagesOf(asStream!));
  });
}

test('equal to SDK 2.x: a created item, but for its id, which is random', async () => {
  for (const request of calls('create_user_item', { name: ' New ', content: 'text' })) {
    const [mine, theirs] = await both(request, gate, sdkWithJson(definition, caller, schemas));
    const ids = [mine, theirs].map((answer) => idOfItem(answer!));
    assert.notEqual(ids[0], ids[1]);
    const blanked = [mine, theirs].map((answer, index) =>
      JSON.stringify(answer).replaceAll(ids[index]!, 'ID'),
    );
    assert.deepEqual(JSON.parse(blanked[0]!), JSON.parse(blanked[1]!));
  }
});

function idOfItem({ payload }: Observed): string {
  return (payload as { result: { structuredContent: { id: string } } }).result.structuredContent.id;
}

// SDK 1.x: what a method answers is equal. Not compared, because 2.x itself changed it: the HTTP details (415, the text
// of parse errors), the code and place of an unknown tool (an error result in 1.x), input validation messages (1.x prints
// the tree of issues), JSON Schema dialect and `execution` in tools/list, and malformed params.

/** A server of SDK 1.x with the same tools, without sessions and with JSON answers. */
async function version1(request: Request): Promise<Response> {
  const { toolset, serverInfo } = definition;
  const server = new McpServer(serverInfo);
  for (const tool of toolset.tools) {
    const { title, description, annotations } = tool;
    const { input, output } = schemas[tool.name]!;
    const config = { title, description, annotations, inputSchema: input.shape, outputSchema: output.shape };
    server.registerTool(tool.name, config, (args: unknown) => runForSdk(tool, args, caller));
  }
  // 1.x overwrites what it was given when the first tool is registered.
  server.server.registerCapabilities({ tools: { listChanged: false } });
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  return transport.handleRequest(request);
}

const sharedWithVersion1 = [
  ...generalRequests.filter(({ name }) =>
    /^(initialize with 20|legacy (ping|resources\/list|prompts\/list|nothing\/known|logging|notification)|a batch (of (notifications|answers)|with a notification)|a result posted|an error posted|a session id)/.test(
      name,
    ),
  ),
  ...toolCalls.filter(
    ({ name }) =>
      name.startsWith('legacy') &&
      !/"limit":101|"page":"x"|"id":""|get_user_item with \{\}|"name"|create_user_tag with \{\}|update_user_item with \{"id":"item-1"\}/.test(
        name,
      ),
  ),
];

for (const request of sharedWithVersion1) {
  test(`equal to SDK 1.x: ${request.name}`, async () => {
    const [mine, theirs] = await both(request, gate, version1);
    assert.equal(mine!.status, theirs!.status);
    assert.deepEqual(mine!.payload, theirs!.payload);
  });
}

test('equal to SDK 1.x: the listed tools, but for the dialect of their schemas', async () => {
  const [mine, theirs] = await both(legacy('tools/list'), gate, version1);
  const tools = (answer: Observed) =>
    (answer.payload as { result: { tools: Record<string, unknown>[] } }).result.tools;
  const described = (list: Record<string, unknown>[]) =>
    list.map(({ name, title, description, annotations }) => ({ name, title, description, annotations }));
  assert.deepEqual(described(tools(mine!)), described(tools(theirs!)));
});
