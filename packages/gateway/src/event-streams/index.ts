// The deprecated HTTP+SSE transport (MCP 2024-11-05): a GET opens a stream, which first says where to POST; what is
// posted is answered on the stream. A session is one stream. Its id is random, but only says which stream is meant: who
// may use it is judged from the token of every request, and must be who opened it.

import { randomToken } from '@sallyport/crypto';
import { mcpRefusal, mcpRefusals } from '@sallyport/protocol';
import type { Arrival, Caller, Log, McpRefusal } from '@sallyport/protocol';
import { maxPendingAnswers, maxQueuedBytes } from '../limits.ts';
import type { Entrance } from '../entrances.ts';
import type { GatewayServer } from '../server.ts';
import { eventStream } from './event-stream.ts';
import { openSessions } from './sessions.ts';
import type { Session } from './sessions.ts';
import { watchSessions } from './watch.ts';
import type { Watched } from './watch.ts';

export type { Watched } from './watch.ts';

export interface EventStreams {
  open(entrance: Entrance, caller: Caller, arrival: Arrival): Promise<Response | McpRefusal>;
  /** The session that a POST means. */
  find(request: Request, server: GatewayServer, caller: Caller, now: number): Found | McpRefusal;
  /** Streams that are open now. */
  count(): number;
  /** Ends every stream, and opens no more. */
  close(): void;
}

export interface Found {
  readonly kind: 'session';
  /** Does the work and puts its answer on the stream; the POST itself is told only that it was accepted. */
  answer(work: () => Promise<Response>): Promise<Response | McpRefusal>;
}

export function eventStreams(watched: Watched, log: Log): EventStreams {
  const sessions = openSessions(log);
  const watch = watchSessions(sessions, watched);
  let isClosed = false;
  return { open, find, count: () => sessions.all.size, close };

  async function open(
    { server, messagePath }: Entrance,
    caller: Caller,
    { now, traceId }: Arrival,
  ): Promise<Response | McpRefusal> {
    if (isClosed) return mcpRefusal('streams_of_all', mcpRefusals.streams_of_all());
    const refusal = sessions.refuseAnother(caller);
    if (refusal !== undefined) return refusal;
    const id = randomToken();
    const stream = eventStream(() => sessions.end(session, 'client_left'));
    const session: Session = {
      id,
      server,
      caller,
      stream,
      traceId,
      expiresAt: caller.expiresAt,
      usedAt: now,
      keptAliveAt: now,
      pending: 0,
    };
    sessions.all.set(id, session);
    stream.send('endpoint', `${messagePath}?sessionId=${id}`);
    // Heard of from here on, and asked once more: between being admitted and now the grant may have ended unheard.
    await watch.begin(session, now);
    return new Response(stream.body, { headers: streamHeaders });
  }

  function find(request: Request, server: GatewayServer, caller: Caller, now: number): Found | McpRefusal {
    const [id, ...others] = new URL(request.url).searchParams.getAll('sessionId');
    if (id === undefined || id === '' || others.length > 0) {
      return mcpRefusal('session_missing', mcpRefusals.session_missing());
    }
    const session = sessions.all.get(id);
    // Another's session is as unknown as none.
    if (session === undefined || session.server !== server || !isSame(session.caller, caller))
      return unknown();
    session.usedAt = now;
    // The client refreshed its token: the stream lives as long as the newest one that was shown for it.
    session.expiresAt = Math.max(session.expiresAt, caller.expiresAt);
    return { kind: 'session', answer: (work) => answer(session, work) };
  }

  async function answer(session: Session, work: () => Promise<Response>): Promise<Response | McpRefusal> {
    // Nothing is run whose answer the client is not ready to take.
    if (session.pending >= maxPendingAnswers || session.stream.queuedBytes() >= maxQueuedBytes) {
      return mcpRefusal('session_busy', mcpRefusals.session_busy());
    }
    session.pending += 1;
    try {
      const data = await dataOf(await work());
      if (sessions.all.get(session.id) !== session) return unknown();
      if (data !== undefined) session.stream.send('message', data);
      return new Response(null, { status: 202 });
    } finally {
      session.pending -= 1;
    }
  }

  function close(): void {
    isClosed = true;
    for (const session of sessions.all.values()) sessions.end(session, 'server_stopped');
    watch.close();
  }
}

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // Nginx and others would otherwise hold the events back.
  'x-accel-buffering': 'no',
};

/** The person, the client and the authorization; a token that was refreshed meanwhile is as good as the first. */
function isSame(one: Caller, other: Caller): boolean {
  return one.sub === other.sub && one.client_id === other.client_id && one.grantId === other.grantId;
}

function unknown(): McpRefusal {
  return mcpRefusal('session_unknown', mcpRefusals.session_unknown());
}

/** @returns undefined when there is nothing to say, as to a notification */
async function dataOf(answer: Response): Promise<string | undefined> {
  if (answer.status === 202) return undefined;
  // In the earlier era an upstream answers in JSON, whatever the message.
  if (answer.headers.get('content-type') !== 'application/json') throw new TypeError('an answer is not JSON');
  return answer.text();
}
