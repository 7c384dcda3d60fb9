// The oracle: a server of the official SDK with the same tools. Every raw HTTP request of a table goes to both, and
// status, headers and payload must be equal. What is not compared is written down here, each with its reason.

import assert from 'node:assert/strict';
import { createMcpHandler, isLegacyRequest, McpServer } from '@modelcontextprotocol/server';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { Arrival, Caller, Tool } from '@sallyport/protocol';
import type { GatewayServer, ToolsetDefinition } from '../src/index.ts';
import { gateway, toolsetUpstream } from '../src/index.ts';
import { z } from 'zod';

export const url = 'http://localhost:8000/mcp';
export const arrival: Arrival = { now: 1_700_000_000, address: '192.0.2.1', traceId: 'trace-1' };

export function callerWith(scope: readonly string[], sub = 'user-1'): Caller {
  return {
    sub,
    client_id: 'client-1',
    scope,
    resource: url,
    grantId: 'grant-1',
    expiresAt: arrival.now + 60,
  };
}

/** The schemas that the tools were written with, so that the oracle converts and judges with them by itself. */
export type ToolSchemas = Readonly<Record<string, { input: z.ZodObject; output: z.ZodObject }>>;

/** A fixed caller: what tokens mean is another room's matter. */
export function fixedGuard(caller: Caller): GatewayServer['resourceServer'] {
  return {
    admit: async () => caller,
    hasScopes: (needed, { scope }) => needed.every((name) => scope.includes(name)),
    insufficientScope: (scopes) =>
      new Response(null, { status: 403, headers: { 'www-authenticate': `scope="${scopes.join(' ')}"` } }),
  };
}

export function ours(definition: ToolsetDefinition, caller: Caller): (request: Request) => Promise<Response> {
  const upstream = toolsetUpstream(definition);
  const server = { name: 'test', path: '/mcp', resourceServer: fixedGuard(caller), upstream };
  const gate = gateway({ servers: [server], log: () => {} });
  return (request) => gate.handle(request, arrival);
}

/** What `createMcpHandler` answers with `legacy: 'stateless'`. */
export function sdk(
  definition: ToolsetDefinition,
  caller: Caller,
  schemas: ToolSchemas,
): (request: Request) => Promise<Response> {
  const handler = createMcpHandler(() => sdkServer(definition, caller, schemas), { legacy: 'stateless' });
  return (request) => handler.fetch(request);
}

/** The same, with the SDK's JSON answers for the earlier era too: composed as its documentation describes. */
export function sdkWithJson(
  definition: ToolsetDefinition,
  caller: Caller,
  schemas: ToolSchemas,
): (request: Request) => Promise<Response> {
  const modern = sdk(definition, caller, schemas);
  return async (request) => {
    if (request.method !== 'POST' || !(await isLegacyRequest(request))) return modern(request);
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    const server = sdkServer(definition, caller, schemas);
    await server.connect(transport);
    return transport.handleRequest(request);
  };
}

function sdkServer(definition: ToolsetDefinition, caller: Caller, schemas: ToolSchemas): McpServer {
  const { toolset, serverInfo, instructions } = definition;
  const { tools, resources = [], prompts = [] } = toolset;
  const context = { caller, now: arrival.now };
  // Nothing changes while it runs, here as there; by default the SDK says that it may.
  const fixed = { listChanged: false };
  const server = new McpServer(serverInfo, {
    capabilities: {
      ...(tools.length > 0 && { tools: { ...fixed } }),
      ...(resources.length > 0 && { resources: { ...fixed } }),
      ...(prompts.length > 0 && { prompts: { ...fixed } }),
    },
    ...(instructions !== undefined && { instructions }),
  });
  for (const tool of tools) {
    const { title, description, annotations } = tool;
    const { input, output } = schemas[tool.name]!;
    const config = { title, description, annotations, inputSchema: input, outputSchema: output };
    server.registerTool(tool.name, config, (args: unknown) => runForSdk(tool, args, caller));
  }
  for (const { uri, name, title, description, mimeType, read } of resources) {
    server.registerResource(name, uri, { title, description, mimeType }, async () => ({
      contents: [{ uri, mimeType, ...(await read(context)) }],
    }));
  }
  for (const { name, title, description, arguments: declared, get } of prompts) {
    const messages = async (given: Record<string, string>) => ({
      description,
      messages: (await get(given, context)).map(({ role, text }) => ({
        role,
        content: { type: 'text' as const, text },
      })),
    });
    if (declared.length === 0) {
      server.registerPrompt(name, { title, description }, () => messages({}));
      continue;
    }
    const shape = declared.map(({ name: argument, description: meaning, required }) => {
      const text = z.string().describe(meaning);
      return [argument, required ? text : text.optional()] as const;
    });
    const argsSchema = z.object(Object.fromEntries(shape));
    server.registerPrompt(name, { title, description, argsSchema }, (given) =>
      messages(given as Record<string, string>),
    );
  }
  return server;
}

/** A tool's answer as somebody would write it by hand for the SDK. */
export async function runForSdk(tool: Tool, args: unknown, caller: Caller) {
  const answer = await tool.run(args, { caller, now: arrival.now });
  if (answer.structuredContent === undefined) {
    return {
      content: [{ type: 'text' as const, text: JSON.stringify({ error: answer.error }) }],
      isError: true,
    };
  }
  const structuredContent = { ...answer.structuredContent };
  return { content: [{ type: 'text' as const, text: JSON.stringify(structuredContent) }], structuredContent };
}

export interface RawRequest {
  readonly name: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or bytes are sent as they are; anything else as JSON. */
  readonly body?: unknown;
}

export function requestOf({ method = 'POST', headers = {}, body }: RawRequest): Request {
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  const raw = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  return new Request(url, {
    method,
    headers,
    ...(raw !== undefined && { body: raw as string | Uint8Array<ArrayBuffer> }),
  });
}

export interface Observed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | null>>;
  /** The messages of the answer, whether they came as JSON or as events. */
  readonly payload: unknown;
  /** `json`, `events` or `none`. */
  readonly form: string;
}

export async function observe(response: Response): Promise<Observed> {
  const type = response.headers.get('content-type');
  const text = await response.text();
  const form = text === '' ? 'none' : type === 'text/event-stream' ? 'events' : 'json';
  return {
    status: response.status,
    headers: { 'content-type': type, allow: response.headers.get('allow') },
    payload: form === 'json' ? JSON.parse(text) : form === 'events' ? eventsOf(text) : undefined,
    form,
  };
}

function eventsOf(text: string): unknown[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      assert.match(event, /^event: message\ndata: /);
      return JSON.parse(event.slice('event: message\ndata: '.length)) as unknown;
    });
}

/** The messages as a list, ordered by id: a stream of events has no promised order. */
export function messagesOf({ payload }: Observed): unknown[] {
  const list = payload === undefined ? [] : Array.isArray(payload) ? payload : [payload];
  const key = (message: unknown) => JSON.stringify((message as { id?: unknown }).id ?? null);
  return list.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}
