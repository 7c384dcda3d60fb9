// The streams that are open in this process, and how many of them anybody may have.

import { mcpRefusal, mcpRefusals } from '@sallyport/protocol';
import type { Caller, Log, McpRefusal } from '@sallyport/protocol';
import { maxStreams, maxStreamsPerGrant, maxStreamsPerPerson } from '../limits.ts';
import type { GatewayServer } from '../server.ts';
import type { EventStream } from './event-stream.ts';

export interface Session {
  readonly id: string;
  readonly server: GatewayServer;
  /** Who opened it. */
  readonly caller: Caller;
  readonly stream: EventStream;
  /** Of the request that opened it. */
  readonly traceId: string;
  /** Epoch seconds, as the two below. */
  expiresAt: number;
  /** When something was posted to it. */
  usedAt: number;
  /** When its client last heard a comment, so that nobody on the way takes it for dead. */
  keptAliveAt: number;
  /** Answers that are being worked on. */
  pending: number;
}

export type Ending =
  | 'client_left'
  | 'token_expired'
  | 'grant_ended'
  | 'idle'
  | 'server_stopped'
  | 'grant_unknown';

export interface Sessions {
  readonly all: Map<string, Session>;
  /** The refusal when this caller may not open one more. */
  refuseAnother(caller: Caller): McpRefusal | undefined;
  end(session: Session, why: Ending): void;
}

export function openSessions(log: Log): Sessions {
  const all = new Map<string, Session>();
  return { all, refuseAnother, end };

  function refuseAnother({ sub, client_id, grantId }: Caller): McpRefusal | undefined {
    if (all.size >= maxStreams) return mcpRefusal('streams_of_all', mcpRefusals.streams_of_all());
    const callers = [...all.values()].map(({ caller }) => caller);
    // Where no grant is known, a person's app stands for one.
    const ofGrant = callers.filter((caller) =>
      grantId === undefined
        ? caller.sub === sub && caller.client_id === client_id
        : caller.grantId === grantId,
    ).length;
    const ofPerson = callers.filter((caller) => caller.sub === sub).length;
    const exceeded =
      ofGrant >= maxStreamsPerGrant
        ? maxStreamsPerGrant
        : ofPerson >= maxStreamsPerPerson
          ? maxStreamsPerPerson
          : undefined;
    if (exceeded === undefined) return undefined;
    return mcpRefusal('streams_of_caller', mcpRefusals.streams_of_caller(exceeded));
  }

  function end(session: Session, why: Ending): void {
    if (!all.delete(session.id)) return;
    session.stream.end();
    const { sub, client_id, grantId } = session.caller;
    const { traceId, server } = session;
    log('info', 'mcp_stream_ended', { traceId, server: server.name, sub, client_id, grantId, why });
  }
}
