// A kind of upstream: a toolset of this process. The gate answers for it from the message that it has already read,
// era by era as a server of the official SDK with the same tools does; what never changes is printed once.

import type { Inbound, JsonObject, JsonRpcMessage, JsonRpcRequest } from '@sallyport/protocol';
import type { Exchange, Upstream } from '../server.ts';
import type { ToolsetDefinition } from './definition.ts';
import { legacyMethods } from './legacy.ts';
import { methodNotFound } from './reply.ts';
import type { Methods, Reply } from './reply.ts';
import { modernMethods } from './modern.ts';
import { toolCalls } from './tool-calls.ts';

export function toolsetUpstream(definition: ToolsetDefinition): Upstream {
  const tools = new Map(definition.toolset.tools.map((tool) => [tool.name, tool]));
  if (tools.size !== definition.toolset.tools.length) throw new TypeError('two tools have one name');
  for (const tool of tools.values()) refuseHeaderMirrors(tool.name, tool.input.jsonSchema);
  const call = toolCalls(tools);
  const eras = { legacy: legacyMethods(definition, call), modern: modernMethods(definition, call) };

  return {
    scopeOf({ method, params }) {
      const name = method === 'tools/call' ? params?.['name'] : undefined;
      return (typeof name === 'string' ? tools.get(name)?.scope : undefined) ?? [];
    },
    handle: (inbound, exchange) => answer(inbound, eras[inbound.era], exchange),
    async health() {
      return 'ok';
    },
  };
}

async function answer(inbound: Inbound, methods: Methods, exchange: Exchange): Promise<Response> {
  const messages: readonly JsonRpcMessage[] = inbound.messages;
  const requests = messages.filter(isRequest);
  const [first, ...others] = requests;
  if (first === undefined) return new Response(null, { status: 202 });
  if (others.length === 0) return respond(await answerOne(first, methods, exchange));
  const replies = await Promise.all(requests.map((request) => answerOne(request, methods, exchange)));
  return respond({ body: `[${replies.map(({ body }) => body).join(',')}]` });
}

async function answerOne(request: JsonRpcRequest, methods: Methods, exchange: Exchange): Promise<Reply> {
  const method = methods.get(request.method);
  return method === undefined ? methodNotFound(request, methods.notFoundStatus) : method(request, exchange);
}

function isRequest(message: JsonRpcMessage): message is JsonRpcRequest {
  return message.kind === 'request';
}

function respond({ body, status = 200, isStream = false }: Reply): Response {
  const headers = isStream ? streamHeaders : jsonHeaders;
  return new Response(body, { status, headers });
}

const jsonHeaders = { 'content-type': 'application/json' };

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Nginx and others would otherwise hold the stream back until it ends.
  'x-accel-buffering': 'no',
};

/**
 * A schema may ask that an argument is mirrored in an `Mcp-Param-…` header, which the server must then compare. No
 * toolset here does; one that did would be served without its check, so it is not served at all.
 */
function refuseHeaderMirrors(name: string, schema: JsonObject): void {
  if (JSON.stringify(schema).includes('"x-mcp-header"')) {
    throw new TypeError(`tool ${name} mirrors an argument in a header, which a toolset cannot do`);
  }
}
