// The story of an MCP call through the gate.

import { errorCodes, mcpRefusal, mcpRefusals, printError, refusalResponse } from '@sallyport/protocol';
import type { Arrival, Caller, Inbound, Log, McpRefusal, RequestId } from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import { entrancesOf } from './entrances.ts';
import type { Entrance } from './entrances.ts';
import { eventStreams } from './event-streams/index.ts';
import type { EventStreams, Watched } from './event-streams/index.ts';
import { wantsOldStream } from './event-streams/old-client.ts';
import { retryAfterSeconds, streamRetrySeconds } from './limits.ts';
import { permit } from './permit.ts';
import { readMessage, readPosted } from './read-message.ts';
import { record } from './record.ts';
import type { Entry, Outcome, WhoCalls } from './record.ts';
import type { GatewayServer } from './server.ts';

export interface GatewayOptions {
  readonly servers: readonly GatewayServer[];
  readonly log: Log;
  /** What the line of a call says of its caller, beside ids; absent: nothing. Must not reject. @param now epoch seconds */
  readonly whoCalls?: (caller: Caller, now: number) => WhoCalls | Promise<WhoCalls>;
  /**
   * Whether the caller's client reads challenges in the results of tools, and not at HTTP; asked when one has to step up.
   * Must not reject. Absent: none does.
   */
  readonly readsChallengesInResults?: (caller: Caller) => boolean | Promise<boolean>;
  /** Serves the deprecated HTTP+SSE transport too; without it, nothing outlives its request. */
  readonly streams?: Watched;
}

export interface Gateway {
  /** Every path that is served. */
  readonly paths: readonly string[];
  /** Answers a request for one of the paths; 404 for any other. Never throws. */
  handle(request: Request, arrival: Arrival): Promise<Response>;
  /** By server name. */
  health(): Promise<Readonly<Record<string, 'ok' | 'unavailable'>>>;
  /** Event streams of the deprecated transport that are open now. */
  streamCount(): number;
  /** Ends every event stream, and opens no more; other requests are served as before. */
  endStreams(): void;
}

export function gateway(options: GatewayOptions): Gateway {
  const { servers, log, whoCalls, readsChallengesInResults, streams: watched } = options;
  const entrances = entrancesOf(servers, watched !== undefined);
  const streams = watched && eventStreams(watched, log);

  return {
    paths: [...entrances.keys()],
    async handle(request, arrival) {
      // The path comes first: a token is for one server, so only that server's guard can judge it.
      const route = pathOf(request.url);
      const entrance = entrances.get(route);
      if (entrance === undefined) return new Response('Not found', { status: 404 });
      const began = performance.now();
      const { response, ...entry } = await pass(request, arrival, entrance, {
        streams,
        log,
        readsChallengesInResults,
      });
      const { server } = entrance;
      const { status } = response;
      const took = since(began);
      const who = entry.caller && (await whoCalls?.(entry.caller, arrival.now));
      record(log, { server, arrival, method: request.method, route, status, ...entry, who, ...took });
      return response;
    },
    async health() {
      const states = servers.map(async ({ name, upstream }) => [name, await upstream.health()] as const);
      return Object.fromEntries(await Promise.all(states));
    },
    streamCount: () => streams?.count() ?? 0,
    endStreams: () => streams?.close(),
  };
}

type Passed = Pick<Entry, 'caller' | 'inbound' | 'outcome' | 'reason'> & { readonly response: Response };

interface Within {
  readonly readsChallengesInResults: GatewayOptions['readsChallengesInResults'] | undefined;
  readonly streams: EventStreams | undefined;
  readonly log: Log;
}

/** admit → read → permit → answer; each step hands on only what it has judged. */
async function pass(
  request: Request,
  arrival: Arrival,
  entrance: Entrance,
  { streams, log, readsChallengesInResults }: Within,
): Promise<Passed> {
  const { server, serves, guard } = entrance;
  let caller: Caller | undefined;
  let inbound: Inbound | undefined;
  const end = (outcome: Outcome, response: Response, reason?: string): Passed => ({
    ...(caller && { caller }),
    ...(inbound && { inbound }),
    outcome,
    ...(reason !== undefined && { reason }),
    response,
  });
  const give = (given: Response | McpRefusal): Passed =>
    given instanceof Response
      ? end('answered', given)
      : end('refused', printRefusal(given, entrance), given.reason);
  try {
    const admitted = await guard.admit(request, arrival.now, arrival);
    if (admitted instanceof Response) return end('challenged', admitted);
    caller = admitted;

    if (streams !== undefined && opensStream(request, entrance)) {
      return give(await streams.open(entrance, caller, arrival));
    }
    const misused = refuseMethod(request, entrance);
    if (misused !== undefined) return give(misused);
    const session = serves === 'messages' ? streams?.find(request, server, caller, arrival.now) : undefined;
    if (session?.kind === 'refusal') return give(session);

    const read = await (session === undefined ? readMessage(request) : readPosted(request));
    if (read.kind === 'refusal') return give(read);
    inbound = read;

    const challenge = permit(caller, server, guard, inbound);
    if (challenge !== undefined) {
      const inResult = (await readsChallengesInResults?.(caller)) && resultOf(challenge, server, read);
      if (!inResult) return end('insufficient_scope', challenge);
      const told = session === undefined ? inResult : await session.answer(async () => inResult);
      return { ...give(told), outcome: 'insufficient_scope' };
    }

    const exchange = { request, caller, arrival, log };
    const answer = (): Promise<Response> => server.upstream.handle(read, exchange);
    return give(await (session === undefined ? answer() : session.answer(answer)));
  } catch (error) {
    const isAway = error instanceof StorageUnavailable;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const facts = { traceId: arrival.traceId, server: server.name, message, stack };
    log('error', isAway ? 'store_unavailable' : 'gateway_failed', facts);
    const id = idOf(inbound);
    const response = isAway ? unavailable(id) : failed(id);
    response.headers.set('sallyport-trace', arrival.traceId);
    return end(isAway ? 'unavailable' : 'failed', response);
  }
}

/** Step-up for a client that would take a 403 for a failure of the server. */
function resultOf(challenge: Response, { upstream }: GatewayServer, inbound: Inbound): Response | undefined {
  const words = challenge.headers.get('www-authenticate');
  const response = words === null ? undefined : upstream.challengeInResult?.(inbound, words);
  const trace = challenge.headers.get('sallyport-trace');
  if (trace !== null) response?.headers.set('sallyport-trace', trace);
  return response;
}

function opensStream(request: Request, { serves }: Entrance): boolean {
  return serves === 'stream' ? request.method === 'GET' : serves === 'mcp' && wantsOldStream(request);
}

/** At the two halves of the deprecated transport; Streamable HTTP judges its own. */
function refuseMethod({ method }: Request, { serves }: Entrance): McpRefusal | undefined {
  if (serves === 'mcp' || (serves === 'messages' && method === 'POST')) return undefined;
  return mcpRefusal('method_not_allowed', mcpRefusals.method_not_allowed());
}

function printRefusal(refusal: McpRefusal, { serves }: Entrance): Response {
  const response = refusalResponse(refusal);
  if (response.status === 405 && serves === 'stream') response.headers.set('allow', 'GET');
  const isForNow = response.status === 429 || response.status === 503;
  if (isForNow) response.headers.set('retry-after', String(streamRetrySeconds));
  return response;
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
