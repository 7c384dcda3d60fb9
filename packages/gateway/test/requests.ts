// Raw HTTP requests of both eras, good and bad, as the oracle test sends them to both servers.

import type { RawRequest } from './oracle.ts';

export const legacyHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
};

const version = '2026-07-28';

export const envelope = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'test-client', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

export function legacy(method: string, params?: unknown, id: unknown = 1): RawRequest {
  const body = { jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) };
  return { name: `legacy ${method}`, headers: legacyHeaders, body };
}

export function modern(
  method: string,
  params: Record<string, unknown> = {},
  headers: Record<string, string | undefined> = {},
): RawRequest {
  const name = params['name'] ?? params['uri'];
  const all = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': name }),
    ...headers,
  };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const body = { jsonrpc: '2.0', id: 1, method, params: { _meta: envelope, ...params } };
  return { name: `modern ${method}`, headers: Object.fromEntries(sent), body };
}

function named(name: string, request: RawRequest, change: Partial<RawRequest> = {}): RawRequest {
  return { ...request, ...change, name };
}

function without(headers: Readonly<Record<string, string>>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

const handshake = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test-client', version: '1.0.0' },
};

const modernList = modern('tools/list');
const plain = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Nothing in these depends on which tools there are. */
export const generalRequests: readonly RawRequest[] = [
  // ---- HTTP
  { name: 'GET', method: 'GET' },
  { name: 'GET that wants a stream', method: 'GET', headers: { accept: 'text/event-stream' } },
  { name: 'DELETE', method: 'DELETE', headers: { 'mcp-session-id': 'x' } },
  { name: 'PUT', method: 'PUT', headers: plain, body: {} },
  { name: 'PATCH', method: 'PATCH', headers: plain, body: {} },
  named('no content type', legacy('ping'), {
    headers: without(legacyHeaders, 'content-type'),
    body: new Uint8Array([123, 125]),
  }),
  ...[
    'text/plain',
    'application/json; charset=utf-8',
    'application/json;',
    'application/json; charset=',
    'APPLICATION/JSON',
    ' application/json ',
    'application/json, text/plain',
    'application/json; charset=utf-8, text/plain',
    'application/json; a="b,c"',
    'application/jsonp',
    'application/json-rpc',
    'text/json; application/json',
    ';application/json',
  ].map((type) =>
    named(`content type ${type}`, legacy('ping'), { headers: { ...legacyHeaders, 'content-type': type } }),
  ),
  ...[
    '*/*',
    'application/json',
    'text/event-stream',
    'text/event-stream, application/json;q=0.5',
    '',
  ].flatMap((accept) => [
    named(`legacy accept "${accept}"`, legacy('ping'), { headers: { ...legacyHeaders, accept } }),
    named(`modern accept "${accept}"`, modernList, { headers: { ...modernList.headers, accept } }),
  ]),
  named('legacy without accept', legacy('ping'), { headers: without(legacyHeaders, 'accept') }),
  named('modern without accept', modernList, { headers: without(modernList.headers!, 'accept') }),
  named('bad JSON without accept', legacy('ping'), { headers: without(legacyHeaders, 'accept'), body: '{' }),
  named('a session id is ignored', legacy('ping'), {
    headers: { ...legacyHeaders, 'mcp-session-id': 'abc' },
  }),

  // ---- bodies
  ...[
    '',
    '{',
    'null',
    'true',
    '1',
    '"text"',
    '[]',
    '{}',
    '[1]',
    '[[]]',
    '\u{feff}{}',
    '{"jsonrpc":"2.0"}',
    '{"a":1}x',
  ].map((body) => named(`body ${JSON.stringify(body)}`, legacy('ping'), { body })),
  named('bytes that are no UTF-8', legacy('ping'), { body: new Uint8Array([0xff, 0xfe, 0x7b, 0x7d]) }),
  named('a byte order mark', legacy('ping'), { body: `\u{feff}${JSON.stringify(legacy('ping').body)}` }),
  named('a body over the limit', legacy('ping'), { body: `"${'x'.repeat(4 * 1024 * 1024)}"` }),
  named('wrong jsonrpc', legacy('ping'), { body: { jsonrpc: '1.0', id: 1, method: 'ping' } }),
  named('no jsonrpc', legacy('ping'), { body: { id: 1, method: 'ping' } }),
  named('an unknown member', legacy('ping'), { body: { jsonrpc: '2.0', id: 1, method: 'ping', extra: 1 } }),
  named('params as a list', legacy('ping'), { body: { jsonrpc: '2.0', id: 1, method: 'ping', params: [] } }),
  named('params null', legacy('ping'), { body: { jsonrpc: '2.0', id: 1, method: 'ping', params: null } }),
  named('_meta null', legacy('ping', { _meta: null })),
  named('a progress token that is an object', legacy('ping', { _meta: { progressToken: {} } })),
  named('a progress token', legacy('ping', { _meta: { progressToken: 7 } })),
  named(
    'a related task',
    legacy('ping', { _meta: { 'io.modelcontextprotocol/related-task': { taskId: 1 } } }),
  ),
  named('no method', legacy('ping'), { body: { jsonrpc: '2.0', id: 1 } }),
  named('a method that is a number', legacy('ping'), { body: { jsonrpc: '2.0', id: 1, method: 1 } }),
  ...[null, 1.5, true, {}, [], '', 'text', 0, -1, 2 ** 53].map((id) =>
    named(`id ${JSON.stringify(id)}`, legacy('ping', undefined, id)),
  ),
  named('a result posted', legacy('ping'), { body: { jsonrpc: '2.0', id: 1, result: {} } }),
  named('an error posted', legacy('ping'), {
    body: { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'no' } },
  }),
  named('an error without id posted', legacy('ping'), {
    body: { jsonrpc: '2.0', error: { code: 1, message: 'no' } },
  }),
  named('a broken error posted', legacy('ping'), { body: { jsonrpc: '2.0', id: 1, error: { code: 'x' } } }),
  named('result and error posted', legacy('ping'), {
    body: { jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: '' } },
  }),

  // ---- the earlier era
  ...[
    '2025-11-25',
    '2025-06-18',
    '2025-03-26',
    '2024-11-05',
    '2024-10-07',
    '2026-07-28',
    '2023-01-01',
    '',
  ].map((protocolVersion) =>
    named(`initialize with ${protocolVersion}`, legacy('initialize', { ...handshake, protocolVersion }), {
      headers: plain,
    }),
  ),
  named(
    'initialize with capabilities',
    legacy('initialize', {
      ...handshake,
      capabilities: {
        roots: { listChanged: true },
        sampling: {},
        elicitation: {},
        experimental: { a: {} },
        tasks: { list: {} },
      },
    }),
  ),
  named('initialize with a header of another revision', legacy('initialize', handshake), {
    headers: { ...plain, 'mcp-protocol-version': '1999-01-01' },
  }),
  named('initialize with a modern header', legacy('initialize', handshake), {
    headers: { ...plain, 'mcp-protocol-version': version },
  }),
  named('initialize without params', legacy('initialize'), { headers: plain }),
  named('initialize without params and an unknown revision', legacy('initialize'), {
    headers: { ...plain, 'mcp-protocol-version': 'x' },
  }),
  named('initialize without a name', legacy('initialize', { ...handshake, clientInfo: { version: '1' } }), {
    headers: plain,
  }),
  named(
    'initialize with odd capabilities',
    legacy('initialize', { ...handshake, capabilities: { roots: 1, sampling: [] } }),
    { headers: plain },
  ),
  named('initialize with an odd revision', legacy('initialize', { ...handshake, protocolVersion: 1 }), {
    headers: plain,
  }),
  legacy('ping'),
  named('legacy without a version header', legacy('ping'), { headers: plain }),
  ...['2025-06-18', '2025-03-26', '2024-11-05', '1999-01-01', 'text', '2025-11-25, 2025-11-25'].map(
    (named_) =>
      named(`legacy version header ${named_}`, legacy('ping'), {
        headers: { ...plain, 'mcp-protocol-version': named_ },
      }),
  ),
  ...[
    'tools/list',
    'resources/list',
    'resources/templates/list',
    'prompts/list',
    'logging/setLevel',
    'completion/complete',
    'resources/read',
    'prompts/get',
    'tasks/list',
    'server/discover',
    'subscriptions/listen',
    'roots/list',
    'sampling/createMessage',
    'nothing/known',
    '',
    'constructor',
  ].flatMap((method) => [
    legacy(method),
    named(`legacy ${method} with params`, legacy(method, { uri: 'x', name: 'y' })),
  ]),
  named('legacy tools/list with a cursor', legacy('tools/list', { cursor: 'abc' })),
  named('legacy tools/list with a wrong cursor', legacy('tools/list', { cursor: 1 })),
  ...[
    'notifications/initialized',
    'notifications/cancelled',
    'notifications/progress',
    'notifications/unknown',
    'tools/call',
  ].map((method) =>
    named(`legacy notification ${method}`, legacy('ping'), { body: { jsonrpc: '2.0', method } }),
  ),
  named('a notification with an unknown revision', legacy('ping'), {
    headers: { ...plain, 'mcp-protocol-version': '1999-01-01' },
    body: { jsonrpc: '2.0', method: 'notifications/initialized' },
  }),
  named(
    'legacy with some of the modern _meta',
    legacy('ping', { _meta: { 'io.modelcontextprotocol/clientInfo': {} } }),
  ),

  // ---- batches
  named('a batch of one', legacy('ping'), { body: [legacy('ping').body] }),
  named('a batch of two', legacy('ping'), {
    body: [legacy('ping').body, legacy('tools/list', undefined, 'b').body],
  }),
  named('a batch with a notification', legacy('ping'), {
    body: [
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      legacy('ping', undefined, 2).body,
      legacy('nothing', undefined, 3).body,
    ],
  }),
  named('a batch of notifications', legacy('ping'), {
    body: [
      { jsonrpc: '2.0', method: 'a' },
      { jsonrpc: '2.0', method: 'b' },
    ],
  }),
  named('a batch of answers', legacy('ping'), { body: [{ jsonrpc: '2.0', id: 1, result: {} }] }),
  named('a batch with a broken message', legacy('ping'), { body: [legacy('ping').body, {}] }),
  named('a batch with initialize', legacy('ping'), {
    body: [legacy('initialize', handshake).body, legacy('ping', undefined, 2).body],
  }),
  named('a batch of one initialize', legacy('ping'), { body: [legacy('initialize', handshake).body] }),
  named('a batch with a modern request', legacy('ping'), { body: [modernList.body] }),
  named('a batch of 100', legacy('ping'), {
    body: Array.from({ length: 100 }, (_, id) => legacy('ping', undefined, id).body),
  }),
  named('a batch of 101', legacy('ping'), {
    body: Array.from({ length: 101 }, (_, id) => legacy('ping', undefined, id).body),
  }),

  // ---- 2026-07-28
  modern('server/discover'),
  modernList,
  named('modern tools/list with a cursor', modern('tools/list', { cursor: 'abc' })),
  named('modern tools/list with a wrong cursor', modern('tools/list', { cursor: 1 })),
  ...[
    'ping',
    'initialize',
    'resources/list',
    'resources/templates/list',
    'prompts/list',
    'logging/setLevel',
    'completion/complete',
    'tasks/get',
    'nothing/known',
    'constructor',
    'roots/list',
  ].map((method) => modern(method)),
  modern('resources/read', { uri: 'test://x' }),
  modern('prompts/get', { name: 'x' }),
  named('modern without a version header', modern('tools/list', {}, { 'mcp-protocol-version': undefined })),
  named('modern without a method header', modern('tools/list', {}, { 'mcp-method': undefined })),
  named(
    'modern with neither',
    modern('tools/list', {}, { 'mcp-method': undefined, 'mcp-protocol-version': undefined }),
  ),
  named('modern with another method header', modern('tools/list', {}, { 'mcp-method': 'tools/call' })),
  named(
    'modern with a method header in upper case',
    modern('tools/list', {}, { 'mcp-method': 'TOOLS/LIST' }),
  ),
  named(
    'modern with another version header',
    modern('tools/list', {}, { 'mcp-protocol-version': '2025-11-25' }),
  ),
  named(
    'modern with two version headers',
    modern('tools/list', {}, { 'mcp-protocol-version': `${version}, ${version}` }),
  ),
  named('modern with a needless name header', modern('tools/list', {}, { 'mcp-name': 'anything' })),
  named('modern header without _meta', modernList, { body: { jsonrpc: '2.0', id: 5, method: 'tools/list' } }),
  named('modern header with an empty _meta', modernList, {
    body: { jsonrpc: '2.0', id: 5, method: 'tools/list', params: { _meta: {} } },
  }),
  named('modern header with _meta of others', modernList, {
    body: {
      jsonrpc: '2.0',
      id: 5,
      method: 'tools/list',
      params: { _meta: { 'io.modelcontextprotocol/clientCapabilities': {} } },
    },
  }),
  named('a header of a revision to come', legacy('ping'), {
    headers: { ...plain, 'mcp-protocol-version': '2027-01-01' },
  }),
  ...['2025-11-25', '2027-01-01', 'text', ''].map((claimed) =>
    named(
      `modern claim of "${claimed}"`,
      modern(
        'tools/list',
        { _meta: { ...envelope, 'io.modelcontextprotocol/protocolVersion': claimed } },
        { 'mcp-protocol-version': claimed === '' ? undefined : claimed },
      ),
    ),
  ),
  ...Object.entries({
    'no capabilities': { 'io.modelcontextprotocol/protocolVersion': version },
    'a revision that is a number': { ...envelope, 'io.modelcontextprotocol/protocolVersion': 1 },
    'a revision that is null': { ...envelope, 'io.modelcontextprotocol/protocolVersion': null },
    'capabilities that are a list': { ...envelope, 'io.modelcontextprotocol/clientCapabilities': [] },
    'capabilities that are null': { ...envelope, 'io.modelcontextprotocol/clientCapabilities': null },
    'an odd capability': {
      ...envelope,
      'io.modelcontextprotocol/clientCapabilities': { roots: { listChanged: 'yes' } },
    },
    'an odd extension': {
      ...envelope,
      'io.modelcontextprotocol/clientCapabilities': { extensions: { a: 1 } },
    },
    'an odd experiment': { ...envelope, 'io.modelcontextprotocol/clientCapabilities': { experimental: 1 } },
    'tasks among the capabilities': {
      ...envelope,
      'io.modelcontextprotocol/clientCapabilities': { tasks: 1 },
    },
    'a client without a version': { ...envelope, 'io.modelcontextprotocol/clientInfo': { name: 'x' } },
    'a client with an odd icon': {
      ...envelope,
      'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1', icons: [{ src: 1 }] },
    },
    'a client with an odd theme': {
      ...envelope,
      'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1', icons: [{ src: 'a', theme: 'b' }] },
    },
    'no client': {
      'io.modelcontextprotocol/protocolVersion': version,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
    'a log level': { ...envelope, 'io.modelcontextprotocol/logLevel': 'debug' },
    'an odd log level': { ...envelope, 'io.modelcontextprotocol/logLevel': 'loud' },
    'members of others': { ...envelope, 'com.example/x': [1], traceparent: '00-0' },
  }).map(([name, _meta]) => named(`modern with ${name}`, modern('tools/list', { _meta }))),
  named('initialize with a modern envelope', modern('initialize', { ...handshake })),
  named('a modern notification', modernList, {
    body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { _meta: envelope, requestId: 1 } },
    headers: { ...plain, 'mcp-protocol-version': version },
  }),
  named('a modern notification by header only', modernList, {
    body: { jsonrpc: '2.0', method: 'notifications/unknown' },
    headers: { ...plain, 'mcp-protocol-version': version },
  }),
  named('a modern notification without headers', modernList, {
    body: { jsonrpc: '2.0', method: 'notifications/unknown', params: { _meta: envelope } },
    headers: plain,
  }),
  named('a modern notification with another method header', modernList, {
    body: { jsonrpc: '2.0', method: 'notifications/unknown', params: { _meta: envelope } },
  }),
  named('a modern notification by header with another method header', modernList, {
    body: { jsonrpc: '2.0', method: 'notifications/unknown' },
  }),
  named('a modern notification with another version header', modernList, {
    body: { jsonrpc: '2.0', method: 'notifications/unknown', params: { _meta: envelope } },
    headers: { ...plain, 'mcp-protocol-version': '2025-11-25' },
  }),
  named('a modern notification with an odd revision', modernList, {
    body: {
      jsonrpc: '2.0',
      method: 'notifications/unknown',
      params: { _meta: { 'io.modelcontextprotocol/protocolVersion': 1 } },
    },
  }),
  named('a notification of a revision to come', modernList, {
    body: {
      jsonrpc: '2.0',
      method: 'notifications/unknown',
      params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' } },
    },
    headers: plain,
  }),
  named(
    'modern listen for everything',
    modern('subscriptions/listen', {
      notifications: {
        toolsListChanged: true,
        promptsListChanged: true,
        resourcesListChanged: true,
        resourceSubscriptions: ['test://x'],
      },
    }),
  ),
  named('modern listen for nothing', modern('subscriptions/listen', { notifications: {} })),
  named('modern listen without a filter', modern('subscriptions/listen')),
  named(
    'modern listen with an odd filter',
    modern('subscriptions/listen', { notifications: { toolsListChanged: 1 } }),
  ),
  named(
    'modern listen with odd subscriptions',
    modern('subscriptions/listen', { notifications: { resourceSubscriptions: [1] } }),
  ),
];

/** Calls in both eras of one tool. */
export function calls(tool: string, args: unknown): readonly RawRequest[] {
  const params = { name: tool, ...(args !== undefined && { arguments: args }) };
  return [
    named(`legacy call of ${tool} with ${JSON.stringify(args)}`, legacy('tools/call', params)),
    named(`modern call of ${tool} with ${JSON.stringify(args)}`, modern('tools/call', params)),
  ];
}

/** Malformed calls, and the headers of a call. `tool` is one that needs no arguments. */
export function oddCalls(tool: string): readonly RawRequest[] {
  const both = (name: string, params: Record<string, unknown> | undefined) => [
    named(`legacy ${name}`, legacy('tools/call', params)),
    named(`modern ${name}`, modern('tools/call', params)),
  ];
  const header = (
    name: string,
    value: string | undefined,
    params: Record<string, unknown> = { name: tool },
  ) => named(`modern call with ${name}`, modern('tools/call', params, { 'mcp-name': value }));
  const utf8 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
  return [
    ...both('call without params', undefined),
    ...both('call without a name', {}),
    ...both('call with a name that is a number', { name: 1 }),
    ...both('call with arguments that are a list', { name: tool, arguments: [] }),
    ...both('call with arguments that are text and no name', { arguments: 'x' }),
    ...both('call with null arguments', { name: tool, arguments: null }),
    ...both('call with a task', { name: tool, task: { ttl: 1 } }),
    ...both('call with an odd task', { name: tool, task: { ttl: 'x' } }),
    ...both('call with a state', { name: tool, requestState: 'abc' }),
    ...both('call with an odd state', { name: tool, requestState: 1 }),
    ...both('call with input responses', { name: tool, inputResponses: { a: {} } }),
    ...both('call of an unknown tool', { name: 'no_such_tool' }),
    ...both('call of a tool with an empty name', { name: '' }),
    header('no name header', undefined),
    header('another name header', 'another'),
    header('a name header in base64', utf8(tool)),
    header('a name header in base64 of another', utf8('another')),
    header('a broken base64 name header', '=?base64?***?='),
    header(
      'a base64 name header without padding',
      `=?base64?${Buffer.from('ab').toString('base64').replace('=', '')}?=`,
    ),
    header('a base64 name header that is no UTF-8', '=?base64?/w==?='),
    header('an empty base64 name header', '=?base64??='),
    header('a name header that only begins like base64', '=?base64?abc'),
    header('a short sentinel', '=?base64?='),
    header('a name header in base64 of a name that cannot stand in one', utf8('ünknown'), {
      name: 'ünknown',
    }),
    header('a name header and no name', 'x', {}),
  ];
}

/** Resources and prompts of the sample toolset, read and got in right and wrong ways. */
export const resourceAndPromptRequests: readonly RawRequest[] = [
  ...[
    'sample://notes/1',
    'SAMPLE://notes/1',
    'sample://notes/2',
    'no address',
    '',
    'https://example.org',
    'constructor:x',
  ].map((uri) => ['resources/read', { uri }] as const),
  ['resources/read', {}] as const,
  ['resources/read', { uri: 1 }] as const,
  ['resources/read', { uri: 'sample://notes/1', requestState: 1 }] as const,
  ['resources/read', { uri: 1, requestState: 1 }] as const,
  ['prompts/get', { name: 'greet', arguments: { whom: 'Ada' } }] as const,
  ['prompts/get', { name: 'greet', arguments: { whom: 'Ada', how: 'loudly', surplus: 'x' } }] as const,
  ['prompts/get', { name: 'greet', arguments: {} }] as const,
  ['prompts/get', { name: 'greet' }] as const,
  ['prompts/get', { name: 'greet', arguments: { whom: 1 } }] as const,
  ['prompts/get', { name: 'greet', arguments: [] }] as const,
  ['prompts/get', { name: 'begin' }] as const,
  ['prompts/get', { name: 'begin', arguments: { x: 'y' } }] as const,
  ['prompts/get', { name: 'nothing' }] as const,
  ['prompts/get', { name: 1 }] as const,
  ['prompts/get', {}] as const,
  ['prompts/get', { name: 'greet', requestState: {} }] as const,
].flatMap(([method, params]) => [
  named(`legacy ${method} ${JSON.stringify(params)}`, legacy(method, params)),
  named(`modern ${method} ${JSON.stringify(params)}`, modern(method, params)),
]);
