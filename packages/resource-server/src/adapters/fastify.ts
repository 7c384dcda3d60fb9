// For Fastify: two hooks.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '@sallyport/protocol';
import { corsHeaders } from '../cors.ts';
import type { ResourceServer } from '../guard.ts';
import { protect, type ProtectOptions } from '../protect.ts';
import * as node from './node-request.ts';

export type { AuthInfo } from '../protect.ts';

/** The parts of Fastify's request and reply that are used. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
  /** As `trustProxy` of the app has it. */
  readonly ip?: string;
}
interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}
type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** `app.addHook('onRequest', wellKnown(guard))`: answers what clients find their way by, and nothing else. */
export function wellKnown(guard: ResourceServer): Hook {
  const door = protect(guard);
  return async ({ raw }, reply) => {
    const document = await door.wellKnown(node.requestOf(raw, guard));
    if (document !== undefined) await answer(document, reply);
  };
}

/**
 * `app.route({ url: '/mcp', onRequest: requireToken(guard), … })`: whoever comes past it holds a token for this server. Who
 * that is is told by `callerOf(request)`, and by `request.raw.auth`, which the transports of the MCP SDK hand to every tool.
 */
export function requireToken(guard: ResourceServer, options?: ProtectOptions): Hook {
  const door = protect(guard, options);
  return async ({ raw, ip }, reply) => {
    const passed = await door.enter(node.requestOf(raw, guard), ip);
    if (passed instanceof Response) return answer(passed, reply);
    node.setAuth(raw, passed.authInfo);
    // On the raw response, so that a transport that writes there sends them as well.
    for (const [name, value] of Object.entries(corsHeaders)) reply.raw.setHeader(name, value);
  };
}

/** Who calls. @throws TypeError where the guard does not stand before the route */
export function callerOf({ raw }: FastifyRequest): Caller {
  return node.callerOf(raw);
}

async function answer(response: Response, reply: FastifyReply): Promise<void> {
  reply.hijack();
  await node.send(response, reply.raw);
}
