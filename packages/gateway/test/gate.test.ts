// What the gate does around the answer: admit, permit, record, and what happens when something breaks.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller, Log, McpRefusalReason, Toolset } from '@sallyport/protocol';
import { mcpRefusals } from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import { gateway, toolsetUpstream } from '../src/index.ts';
import type { GatewayOptions, Guard, ToolsetDefinition } from '../src/index.ts';
import { maxBatchAnswerCharacters, maxBodyBytes } from '../src/limits.ts';
import { arrival, callerWith, fixedGuard, requestOf, url } from './oracle.ts';
import type { RawRequest } from './oracle.ts';
import { generalRequests, legacy, legacyHeaders, modern } from './requests.ts';
import { definition, secret } from './sample-toolset.ts';

interface Line {
  readonly level: string;
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly kind?: string | undefined;
}

function gateFor(guard: Guard, served: ToolsetDefinition = definition, more: Partial<GatewayOptions> = {}) {
  const lines: Line[] = [];
  const log: Log = (level, event, facts = {}, kind) => lines.push({ level, event, facts, kind });
  const upstream = toolsetUpstream(served);
  const server = { name: 'sample', path: '/mcp', resourceServer: guard, upstream };
  const gate = gateway({ ...more, servers: [server], log });
  return { lines, gate, send: (raw: RawRequest) => gate.handle(requestOf(raw), arrival) };
}

function withScope(...scope: string[]) {
  return gateFor(fixedGuard(callerWith(scope)));
}

async function errorOf(response: Response): Promise<{ code: number; message: string }> {
  return ((await response.json()) as { error: { code: number; message: string } }).error;
}

async function resultOf(response: Response): Promise<{ content: { text: string }[]; isError?: boolean }> {
  return ((await response.json()) as { result: { content: { text: string }[]; isError?: boolean } }).result;
}

test('a path of no server is not found, and nobody is asked for a token', async () => {
  const { gate, lines } = gateFor({
    admit: () => assert.fail('asked'),
    hasScopes: () => assert.fail('asked'),
    insufficientScope: () => assert.fail('asked'),
  });
  for (const path of ['/', '/mcp/', '/mcp2', '/other?x=/mcp']) {
    const response = await gate.handle(new Request(`http://localhost:8000${path}`), arrival);
    assert.equal(response.status, 404, path);
  }
  assert.deepEqual(lines, []);
});

test('a query does not change which server is meant', async () => {
  const { gate } = withScope();
  const { headers, body } = modern('tools/list');
  const request = new Request(`${url}?x=1`, {
    method: 'POST',
    headers: { ...headers },
    body: JSON.stringify(body),
  });
  assert.equal((await gate.handle(request, arrival)).status, 200);
});

test('who is not admitted gets the challenge as it is, and the body is not read', async () => {
  const challenge = new Response(null, {
    status: 401,
    headers: { 'www-authenticate': 'Bearer scope="read"' },
  });
  const { gate, lines } = gateFor({
    admit: async () => challenge,
    hasScopes: () => assert.fail(),
    insufficientScope: () => assert.fail(),
  });
  const request = requestOf(modern('tools/call', { name: 'whoami' }));
  assert.equal(await gate.handle(request, arrival), challenge);
  assert.equal(request.bodyUsed, false);
  assert.equal(lines.length, 1);
  assert.equal(lines[0]!.facts['outcome'], 'challenged');
  assert.equal(lines[0]!.facts['allowed'], false);
  assert.ok(!('userId' in lines[0]!.facts));
  assert.equal(lines[0]!.kind, undefined);
});

test('a tool whose scopes are missing answers a challenge that names all of them, and does not run', async () => {
  for (const request of [legacy('tools/call', { name: 'fail' }), modern('tools/call', { name: 'fail' })]) {
    const { send, lines } = withScope('read', 'write');
    const response = await send(request);
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('www-authenticate'), 'scope="write admin"');
    assert.deepEqual(
      lines.map(({ event, facts }) => [event, facts['outcome'], facts['allowed']]),
      [['mcp_request', 'insufficient_scope', false]],
    );
  }
});

test('a client that reads challenges in results gets it as the result of its tool, in both eras', async () => {
  const words = 'Bearer error="insufficient_scope", error_description="It needs more.", scope="write admin"';
  const guard: Guard = {
    ...fixedGuard(callerWith(['read'])),
    insufficientScope: () =>
      new Response('{}', {
        status: 403,
        headers: { 'www-authenticate': words, 'sallyport-trace': 'trace-1' },
      }),
  };
  const reading = { readsChallengesInResults: async ({ client_id }: Caller) => client_id === 'client-1' };
  const { send, lines } = gateFor(guard, definition, reading);
  for (const [request, era] of [
    [legacy('tools/call', { name: 'fail' }), 'legacy'],
    [modern('tools/call', { name: 'fail' }), 'modern'],
  ] as const) {
    const response = await send(request);
    assert.deepEqual([response.status, response.headers.get('sallyport-trace')], [200, 'trace-1']);
    const { result, id } = (await response.json()) as { id: unknown; result: Record<string, unknown> };
    assert.equal(id, 1);
    const { _meta, ...rest } = result;
    assert.deepEqual(rest, {
      content: [{ type: 'text', text: 'It needs more.' }],
      isError: true,
      ...(era === 'modern' && { resultType: 'complete' }),
    });
    assert.deepEqual((_meta as Record<string, unknown>)['mcp/www_authenticate'], [words]);
    const stamp = (_meta as Record<string, unknown>)['io.modelcontextprotocol/serverInfo'];
    assert.equal(stamp !== undefined, era === 'modern');
    assert.deepEqual(
      [lines.at(-1)?.facts['outcome'], lines.at(-1)?.facts['allowed']],
      ['insufficient_scope', false],
    );
  }
});

test('nobody else gets it so, and neither does what has no result of that form', async () => {
  const guard = fixedGuard(callerWith([]));
  const others = gateFor(guard, definition, { readsChallengesInResults: () => false });
  assert.equal((await others.send(legacy('tools/call', { name: 'fail' }))).status, 403);
  const { gate, send } = gateFor(guard, definition, { readsChallengesInResults: () => true });
  assert.equal((await send(legacy('resources/read', { uri: 'sample://notes/1' }))).status, 403);
  const call = legacy('tools/call', { name: 'fail' });
  const batch = { ...call, body: [call.body, { ...(call.body as object), id: 2 }] };
  const response = await gate.handle(requestOf(batch), arrival);
  assert.equal(response.status, 403);
});

test('a list says what each tool may ask for, where that is known', async () => {
  const scopesToAskFor = (needed: readonly string[]) => needed.map((name) => `api:${name}`);
  const { send } = gateFor(fixedGuard(callerWith([])), { ...definition, scopesToAskFor });
  const { result } = (await (await send(modern('tools/list'))).json()) as {
    result: { tools: { name: string; _meta: unknown }[] };
  };
  const metaOf = (name: string) => result.tools.find((tool) => tool.name === name)?._meta;
  assert.deepEqual(metaOf('fail'), {
    securitySchemes: [{ type: 'oauth2', scopes: ['api:write', 'api:admin'] }],
  });
});

test('what somebody who is known asks for is a call, whatever becomes of it', async () => {
  for (const scope of [[], ['write', 'admin']]) {
    const { send, lines } = withScope(...scope);
    await send(modern('tools/call', { name: 'fail' }));
    assert.equal(lines.find(({ event }) => event === 'mcp_request')?.kind, 'call');
  }
});

test('the guard learns whose scopes were not enough', async () => {
  const caller = callerWith(['read']);
  const seen: Caller[] = [];
  const { send } = gateFor({
    admit: async () => caller,
    hasScopes: () => false,
    insufficientScope(_needed, who) {
      seen.push(who);
      return new Response(null, { status: 403 });
    },
  });
  await send(modern('tools/call', { name: 'fail' }));
  assert.deepEqual(seen, [caller]);
});

test('a batch is challenged once, for the scopes of all its requests', async () => {
  const { send } = withScope();
  const body = ['add', 'whoami', 'fail'].map((name, id) => legacy('tools/call', { name }, id).body);
  const response = await send({ ...legacy('ping'), body });
  assert.equal(response.status, 403);
  assert.equal(response.headers.get('www-authenticate'), 'scope="read write admin"');
});

test('without any scope all tools are listed, so that a client can see what to ask for', async () => {
  for (const request of [legacy('tools/list'), modern('tools/list')]) {
    const response = await withScope().send(request);
    const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
    assert.deepEqual(
      result.tools.map(({ name }) => name),
      definition.toolset.tools.map(({ name }) => name),
    );
  }
});

test('a tool that throws answers that it failed, with the trace id and without what it threw', async () => {
  const { send, lines } = withScope('write', 'admin');
  const response = await send(modern('tools/call', { name: 'fail' }));
  assert.equal(response.status, 200);
  const text = await response.text();
  const { result } = JSON.parse(text) as { result: { isError: boolean } };
  assert.equal(result.isError, true);
  assert.ok(text.includes(arrival.traceId));
  assert.ok(!text.includes(secret));
  assert.deepEqual(
    lines.map(({ level, event }) => [level, event]),
    [
      ['error', 'toolset_failed'],
      ['info', 'mcp_request'],
    ],
  );
});

test('a resource or a prompt that throws answers an error, with the trace id and without what it threw', async () => {
  for (const request of [
    modern('resources/read', { uri: 'https://example.com/' }),
    legacy('prompts/get', { name: 'broken_prompt' }),
  ]) {
    const response = await withScope('write').send(request);
    assert.equal(response.status, 200);
    const error = await errorOf(response);
    assert.equal(error.code, -32603);
    assert.match(error.message, /failed; trace id trace-1$/);
  }
});

test('resources and prompts need their scopes too, however the address is written', async () => {
  for (const [request, scope] of [
    [modern('resources/read', { uri: 'HTTPS://EXAMPLE.com' }), 'write'],
    [legacy('resources/read', { uri: 'sample://notes/1' }), 'read'],
    [legacy('prompts/get', { name: 'greet', arguments: { whom: 'x' } }), 'read'],
  ] as const) {
    const response = await withScope().send(request);
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('www-authenticate'), `scope="${scope}"`);
  }
});

test('a store that is away is 503 with Retry-After, never a challenge', async () => {
  const admitted = await withScope('read').send(modern('tools/call', { name: 'lose_store' }));
  const asked = await gateFor({
    admit: async () => {
      throw new StorageUnavailable('no such host: db.internal');
    },
    hasScopes: () => assert.fail(),
    insufficientScope: () => assert.fail(),
  }).send(modern('tools/list'));
  for (const response of [admitted, asked]) {
    assert.equal(response.status, 503);
    assert.match(response.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/);
    assert.equal(response.headers.get('www-authenticate'), null);
    const error = await errorOf(response);
    assert.equal(error.code, -32603);
    assert.doesNotMatch(error.message, /internal|disk/);
  }
});

test('a guard that breaks lets nobody through and says nothing', async () => {
  const { send, lines } = gateFor({
    admit: async () => {
      throw new Error(secret);
    },
    hasScopes: () => assert.fail(),
    insufficientScope: () => assert.fail(),
  });
  const response = await send(modern('tools/call', { name: 'whoami' }));
  assert.equal(response.status, 500);
  assert.deepEqual(await errorOf(response), { code: -32603, message: 'Internal server error' });
  assert.equal(lines.at(-1)!.facts['outcome'], 'failed');
  assert.equal(lines.at(-1)!.level, 'error');
});

test('a call is recorded with who, what, where, how long and whether it was allowed, and nothing of its content', async () => {
  const { send, lines } = withScope('read');
  await send(modern('tools/call', { name: 'add', arguments: { one: 41, other: 1 } }));
  const [line, ...others] = lines;
  assert.deepEqual(others, []);
  const { durationMilliseconds, ...facts } = line!.facts;
  assert.equal(typeof durationMilliseconds, 'number');
  assert.deepEqual(facts, {
    traceId: 'trace-1',
    address: '192.0.2.1',
    server: 'sample',
    method: 'POST',
    route: '/mcp',
    userId: 'user-1',
    client_id: 'client-1',
    grantId: 'grant-1',
    era: 'modern',
    messages: ['tools/call add'],
    outcome: 'answered',
    allowed: true,
    status: 200,
  });
  assert.doesNotMatch(JSON.stringify(lines), /41|42/);
});

test("a record never carries more of the client's words than a name is long", async () => {
  const { send, lines } = withScope('read');
  await send(legacy('tools/call', { name: 'x'.repeat(100_000) }));
  assert.ok(JSON.stringify(lines).length < 1000);
});

test('a tool that has the name of an inherited member does not exist', async () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    const error = await errorOf(await withScope().send(modern('tools/call', { name })));
    assert.deepEqual(error, { code: -32602, message: `Tool ${name} not found` });
  }
});

test('requests of one batch that share an id are each answered', async () => {
  const body = [legacy('ping').body, legacy('nothing').body];
  const answers = (await (await withScope().send({ ...legacy('ping'), body })).json()) as object[];
  assert.deepEqual(
    answers.map((answer) => 'result' in answer),
    [true, false],
  );
});

test('a batch whose answers grow too large is answered as far as it goes, and the rest runs not at all', async () => {
  let runs = 0;
  const tools = definition.toolset.tools.map((tool) => ({
    ...tool,
    async run() {
      runs += 1;
      return { structuredContent: { text: 'x'.repeat(maxBatchAnswerCharacters / 8) } };
    },
  }));
  const { send } = gateFor(fixedGuard(callerWith([])), {
    ...definition,
    toolset: { ...definition.toolset, tools },
  });
  const batch = Array.from({ length: 20 }, (_, id) => legacy('tools/call', { name: 'whoami' }, id).body);
  const response = await send({ ...legacy('ping'), body: batch });
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.ok(text.length < maxBatchAnswerCharacters * 2, String(text.length));
  const answers = JSON.parse(text) as { id: number; result?: unknown; error?: { message: string } }[];
  assert.deepEqual(
    answers.map(({ id }) => id),
    Array.from({ length: 20 }, (_, index) => index),
  );
  const refused = answers.filter(({ error }) => error !== undefined);
  assert.equal(answers.length - refused.length, runs);
  assert.ok(runs > 1 && runs < 10, String(runs));
  for (const { error } of refused) assert.match(error!.message, /not run.*on its own/);
});

test('arguments that do not fit are told to the model, not to the program', async () => {
  const result = await resultOf(
    await withScope('read').send(modern('tools/call', { name: 'add', arguments: {} })),
  );
  assert.equal(result.isError, true);
  assert.match(result.content[0]!.text, /^Input validation error: Invalid arguments for tool add: one: /);
});

function streamed(parts: Iterable<Uint8Array>, headers: Record<string, string> = {}): Request {
  const body = ReadableStream.from(parts);
  return new Request(url, {
    method: 'POST',
    headers: { ...legacyHeaders, ...headers },
    body,
    duplex: 'half',
  });
}

test('a body without an announced length is read no further than the limit', async () => {
  let sent = 0;
  function* endless() {
    for (;;) {
      sent += 65_536;
      yield new Uint8Array(65_536).fill(32);
    }
  }
  const response = await withScope().gate.handle(streamed(endless()), arrival);
  assert.equal(response.status, 413);
  assert.ok(sent <= maxBodyBytes + 4 * 65_536);
});

test('a body that arrives in parts, without an announced length, is one message', async () => {
  const bytes = new TextEncoder().encode(JSON.stringify(legacy('ping', undefined, 'ü').body));
  const parts = [...bytes].map((byte) => new Uint8Array([byte]));
  const response = await withScope().gate.handle(streamed(parts), arrival);
  assert.deepEqual(await response.json(), { jsonrpc: '2.0', id: 'ü', result: {} });
});

test('an announced length over the limit, or none that can be understood, is refused unread', async () => {
  for (const length of [String(maxBodyBytes + 1), '1e99', 'x', 'Infinity']) {
    const request = streamed([new Uint8Array()], { 'content-length': length });
    assert.equal((await withScope().gate.handle(request, arrival)).status, 413, length);
    assert.equal(request.bodyUsed, false);
  }
});

test('a body that breaks off is refused', async () => {
  function* broken() {
    yield new Uint8Array([123]);
    throw new Error('gone');
  }
  const response = await withScope().gate.handle(streamed(broken()), arrival);
  assert.equal(response.status, 400);
  assert.deepEqual(await errorOf(response), {
    code: -32700,
    message: 'Parse error: the request body could not be read',
  });
});

test('every reason to refuse is given by some request', async () => {
  // Of sessions there are tests of their own.
  const given = new Set<McpRefusalReason>(['body_unreadable', ...sessionReasons]);
  for (const request of generalRequests) {
    const response = await withScope('read').send(request);
    if (response.status === 200 || response.status === 202) continue;
    const { message } = await errorOf(response);
    for (const [reason, pattern] of Object.entries(patterns)) {
      if (pattern.test(message)) given.add(reason as McpRefusalReason);
    }
  }
  assert.deepEqual([...given].toSorted(), Object.keys(mcpRefusals).toSorted());
});

const sessionReasons = [
  'session_missing',
  'session_unknown',
  'session_busy',
  'streams_of_caller',
  'streams_of_all',
] as const;

const patterns: Readonly<Record<Exclude<McpRefusalReason, (typeof sessionReasons)[number]>, RegExp>> = {
  method_not_allowed: /^Method not allowed/,
  unsupported_media_type: /^Unsupported Media Type/,
  not_acceptable: /^Not Acceptable/,
  body_too_large: /^Payload Too Large/,
  body_unreadable: /could not be read$/,
  not_json: /^Parse error: Invalid JSON$/,
  not_json_rpc: /is not a valid JSON-RPC message$/,
  batch_empty: /empty JSON-RPC batch$/,
  batch_too_long: /^Invalid Request: Batch must not exceed/,
  batch_of_modern: /batches may not contain requests for protocol revision/,
  batch_with_invalid: /batch contains an invalid message$/,
  batch_with_initialize: /^Invalid Request: Only one initialization/,
  envelope_invalid: /^Invalid _meta envelope/,
  envelope_missing: /is missing the required per-request envelope/,
  header_mismatch: /headers and body disagree/,
  modern_version_unsupported: /^Unsupported protocol version/,
  legacy_version_unsupported: /^Bad Request: Unsupported protocol version/,
};

test('two servers at one path do not start', () => {
  const upstream = toolsetUpstream(definition);
  const server = { name: 'sample', path: '/mcp', resourceServer: fixedGuard(callerWith([])), upstream };
  assert.throws(
    () => gateway({ servers: [server, { ...server, name: 'other' }], log: () => {} }),
    /one path/,
  );
});

test('what could not be served as it says does not start', () => {
  const { toolset, serverInfo } = definition;
  const start = (change: Partial<Toolset>) => () =>
    toolsetUpstream({ serverInfo, toolset: { ...toolset, ...change } });
  const [tool] = toolset.tools;
  const [resource] = toolset.resources ?? [];
  const [prompt] = toolset.prompts ?? [];
  assert.ok(tool && resource && prompt);
  assert.throws(start({ tools: [tool, tool] }), /two of one name: tool whoami/);
  assert.throws(start({ resources: [resource, resource] }), /two of one name: resource/);
  assert.throws(start({ prompts: [prompt, prompt] }), /two of one name: prompt greet/);
  for (const uri of ['HTTPS://example.com', 'no address']) {
    assert.throws(start({ resources: [{ ...resource, uri }] }), /is not written as/);
  }
  const jsonSchema = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } };
  assert.throws(start({ tools: [{ ...tool, input: { ...tool.input, jsonSchema } }] }), /mirrors an argument/);
});

test('what a toolset has nothing of is neither advertised nor answered', async () => {
  const bare = { ...definition.toolset, resources: [], prompts: [] };
  const upstream = toolsetUpstream({ ...definition, toolset: bare });
  const server = { name: 'bare', path: '/mcp', resourceServer: fixedGuard(callerWith([])), upstream };
  const bareGate = gateway({ servers: [server], log: () => {} });
  const discovered = await bareGate.handle(requestOf(modern('server/discover')), arrival);
  const { result } = (await discovered.json()) as { result: { capabilities: object } };
  assert.deepEqual(Object.keys(result.capabilities), ['tools']);
  for (const method of ['resources/list', 'resources/templates/list', 'prompts/list']) {
    assert.equal((await bareGate.handle(requestOf(modern(method)), arrival)).status, 404, method);
  }
});

test('the health of every server is known by its name', async () => {
  assert.deepEqual(await withScope().gate.health(), { sample: 'ok' });
});
