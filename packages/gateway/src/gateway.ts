// The story of an MCP call through the gate.

import { errorCodes, printError, refusalResponse } from '@sallyport/protocol';
import type { Arrival, Caller, Inbound, Log, RequestId } from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import { retryAfterSeconds } from './limits.ts';
import { permit } from './permit.ts';
import { readMessage } from './read-message.ts';
import { record } from './record.ts';
import type { Entry, Outcome } from './record.ts';
import type { GatewayServer } from './server.ts';

export interface GatewayOptions {
  readonly servers: readonly GatewayServer[];
  readonly log: Log;
}

export interface Gateway {
  /** Answers a request for the path of one of the servers; 404 for any other path. Never throws. */
  handle(request: Request, arrival: Arrival): Promise<Response>;
  /** By server name. */
  health(): Promise<Readonly<Record<string, 'ok' | 'unavailable'>>>;
}

export function gateway({ servers, log }: GatewayOptions): Gateway {
  const byPath = new Map(servers.map((server) => [server.path, server]));
  if (byPath.size !== servers.length) throw new TypeError('two servers of the gate have one path');

  return {
    async handle(request, arrival) {
      // The path comes first: a token is for one server, so only that server's guard can judge it.
      const server = byPath.get(pathOf(request.url));
      if (server === undefined) return new Response('Not found', { status: 404 });
      const began = performance.now();
      const { response, ...entry } = await pass(request, arrival, server, log);
      record(log, { server, arrival, status: response.status, ...entry, ...since(began) });
      return response;
    },
    async health() {
      const states = servers.map(async ({ name, upstream }) => [name, await upstream.health()] as const);
      return Object.fromEntries(await Promise.all(states));
    },
  };
}

type Passed = Pick<Entry, 'caller' | 'inbound' | 'outcome'> & { readonly response: Response };

/** admit → read → permit → answer; each step hands on only what it has judged. */
async function pass(request: Request, arrival: Arrival, server: GatewayServer, log: Log): Promise<Passed> {
  let caller: Caller | undefined;
  let inbound: Inbound | undefined;
  const end = (outcome: Outcome, response: Response): Passed => ({
    ...(caller && { caller }),
    ...(inbound && { inbound }),
    outcome,
    response,
  });
  try {
    const admitted = await server.resourceServer.admit(request, arrival.now);
    if (admitted instanceof Response) return end('challenged', admitted);
    caller = admitted;

    const read = await readMessage(request);
    if (read.kind === 'refusal') return end('refused', refusalResponse(read));
    inbound = read;

    const challenge = permit(caller, server, inbound);
    if (challenge !== undefined) return end('insufficient_scope', challenge);

    return end('answered', await server.upstream.handle(inbound, { request, caller, arrival, log }));
  } catch (error) {
    const isAway = error instanceof StorageUnavailable;
    const facts = { traceId: arrival.traceId, server: server.name, error: String(error) };
    log('error', isAway ? 'store_unavailable' : 'gateway_failed', facts);
    const id = idOf(inbound);
    return isAway ? end('unavailable', unavailable(id)) : end('failed', failed(id));
  }
}

/** A store that does not answer says nothing about the token: 503, never 401, which would cost the person a login. */
function unavailable(id: RequestId | null): Response {
  const message = 'The server cannot reach its store at the moment; try again shortly';
  return new Response(printError(id, { code: errorCodes.internalError, message }), {
    status: 503,
    headers: { 'content-type': 'application/json', 'retry-after': String(retryAfterSeconds) },
  });
}

function failed(id: RequestId | null): Response {
  return new Response(printError(id, { code: errorCodes.internalError, message: 'Internal server error' }), {
    status: 500,
    headers: { 'content-type': 'application/json' },
  });
}

/** The request to answer, when there is exactly one. */
function idOf(inbound: Inbound | undefined): RequestId | null {
  const [message, another] = inbound?.messages ?? [];
  return another === undefined && message?.kind === 'request' ? message.id : null;
}

/** `request.url` is absolute and normalised; taking it apart by hand costs a tenth of `new URL`. */
function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start === -1) return '/';
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
}

function since(began: number): { readonly durationMilliseconds: number } {
  return { durationMilliseconds: performance.now() - began };
}
