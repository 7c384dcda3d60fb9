// The last step: one line per request for whoever must know later who did what. Never arguments, answers or tokens.

import { learn } from '@sallyport/protocol';
import type { Arrival, Caller, Inbound, Log } from '@sallyport/protocol';
import { maxLoggedCharacters } from './limits.ts';
import type { GatewayServer } from './server.ts';

export type Outcome = 'answered' | 'refused' | 'challenged' | 'insufficient_scope' | 'unavailable' | 'failed';

/** Who somebody is, as far as that may be in the log. */
export type WhoCalls = Readonly<Partial<Record<'provider' | 'userName' | 'userEmail', string>>>;

export interface Entry {
  readonly server: GatewayServer;
  readonly arrival: Arrival;
  readonly caller?: Caller;
  readonly who?: WhoCalls | undefined;
  readonly inbound?: Inbound;
  readonly outcome: Outcome;
  /** Why it was refused, by the table of MCP. */
  readonly reason?: string;
  /** Of HTTP. */
  readonly method: string;
  /** The path that serves it. */
  readonly route: string;
  readonly status: number;
  readonly durationMilliseconds: number;
}

export function record(log: Log, entry: Entry): void {
  const { server, arrival, method, route, caller, who, inbound, outcome, reason } = entry;
  const { status, durationMilliseconds } = entry;
  learn(arrival, { isLogged: true });
  const level = outcome === 'failed' ? 'error' : outcome === 'unavailable' ? 'warn' : 'info';
  const facts = {
    traceId: arrival.traceId,
    address: arrival.address,
    method,
    route,
    server: server.name,
    ...(caller && { userId: caller.sub, client_id: caller.client_id, grantId: caller.grantId, ...who }),
    ...(inbound && { era: inbound.era, messages: describe(inbound) }),
    outcome,
    ...(reason !== undefined && { reason }),
    allowed: outcome === 'answered',
    status,
    durationMilliseconds: Math.round(durationMilliseconds * 10) / 10,
  };
  log(level, 'mcp_request', facts, caller && 'call');
}

/** Methods, and the names of tools and prompts: all of it the client's text. */
function describe(inbound: Inbound): readonly string[] {
  return inbound.messages.map((message) => {
    if (message.kind === 'response') return 'response';
    const isNamed = message.method === 'tools/call' || message.method === 'prompts/get';
    const name = isNamed ? message.params?.['name'] : undefined;
    return cut(typeof name === 'string' ? `${message.method} ${name}` : message.method);
  });
}

function cut(text: string): string {
  return text.length > maxLoggedCharacters ? `${text.slice(0, maxLoggedCharacters)}…` : text;
}
