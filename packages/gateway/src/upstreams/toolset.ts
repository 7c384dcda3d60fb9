// A kind of upstream: a toolset of this process. The gate answers for it from the message that it has already read,
// era by era as a server of the official SDK with the same tools does.

import type { Inbound, JsonRpcMessage, JsonRpcRequest } from '@sallyport/protocol';
import { maxBatchAnswerCharacters } from '../limits.ts';
import type { Exchange, Upstream } from '../server.ts';
import { challengeResult } from './challenge-result.ts';
import type { ToolsetDefinition } from './definition.ts';
import { legacyEra, modernEra } from './era.ts';
import { legacyMethods, modernMethods } from './methods.ts';
import type { ServedMethods } from './methods.ts';
import { batchTooLarge, methodNotFound } from './reply.ts';
import type { Reply } from './reply.ts';
import { scopesOf } from './scopes.ts';
import { refuseUnserved } from './unserved.ts';

export function toolsetUpstream(definition: ToolsetDefinition): Upstream {
  refuseUnserved(definition.toolset);
  const eras = { legacy: legacyMethods(definition), modern: modernMethods(definition) };
  return {
    scopeOf: scopesOf(definition.toolset),
    handle: (inbound, exchange) => answer(inbound, eras[inbound.era], exchange),
    challengeInResult: ({ era, messages }, challenge) => {
      const [request, another] = messages as readonly JsonRpcMessage[];
      if (request?.kind !== 'request' || another !== undefined || request.method !== 'tools/call')
        return undefined;
      const printed = era === 'legacy' ? legacyEra : modernEra(definition.serverInfo);
      return respond(challengeResult(request, challenge, printed));
    },
    async health() {
      return 'ok';
    },
  };
}

async function answer(inbound: Inbound, methods: ServedMethods, exchange: Exchange): Promise<Response> {
  const messages: readonly JsonRpcMessage[] = inbound.messages;
  const requests = messages.filter(isRequest);
  const [first, ...others] = requests;
  if (first === undefined) return new Response(null, { status: 202 });
  if (others.length === 0) return respond(await answerOne(first, methods, exchange));
  return respond({ body: `[${(await answerBatch(requests, methods, exchange)).join(',')}]` });
}

/** One after the other, so that it is known how much has been answered before more is asked for. */
async function answerBatch(
  requests: readonly JsonRpcRequest[],
  methods: ServedMethods,
  exchange: Exchange,
): Promise<readonly string[]> {
  const bodies: string[] = [];
  let characters = 0;
  for (const request of requests) {
    const isFull = characters > maxBatchAnswerCharacters;
    const { body } = isFull ? batchTooLarge(request) : await answerOne(request, methods, exchange);
    characters += body.length;
    bodies.push(body);
  }
  return bodies;
}

async function answerOne(
  request: JsonRpcRequest,
  { byName, notFoundStatus }: ServedMethods,
  exchange: Exchange,
): Promise<Reply> {
  const method = byName.get(request.method);
  return method === undefined ? methodNotFound(request, notFoundStatus) : method(request, exchange);
}

function isRequest(message: JsonRpcMessage): message is JsonRpcRequest {
  return message.kind === 'request';
}

function respond({ body, status = 200, isStream = false }: Reply): Response {
  return new Response(body, { status, headers: isStream ? streamHeaders : jsonHeaders });
}

const jsonHeaders = { 'content-type': 'application/json' };

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Nginx and others would otherwise hold the stream back until it ends.
  'x-accel-buffering': 'no',
};
