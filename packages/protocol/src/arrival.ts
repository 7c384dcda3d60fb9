// What the door learns once about a request and hands to every room beside the `Request` itself.

/** Made at the door, so that no room reads a clock, a socket or a proxy header. */
export interface Arrival extends Learnt {
  /** Epoch seconds at which the request came in. */
  readonly now: number;
  /** Client address as text, after `trustedProxies` was applied. */
  readonly address: string;
  /**
   * Follows one login from the registration to the tool calls; safe to show. The request's own until a room finds out
   * which login it belongs to, so it is read where it is needed and not kept.
   */
  readonly traceId: string;
}

/** What rooms find out about a request while they answer it, for its line in the log. */
export interface Learnt {
  /** Of the login that the request belongs to. */
  readonly traceId?: string | undefined;
  readonly client_id?: string | undefined;
  readonly userId?: string | undefined;
  readonly grantId?: string | undefined;
  /** The pattern of the path that answers, never the path as it came: a query or a path may hold secrets. */
  readonly route?: string | undefined;
  /** A room has written the request's line itself, with what only it knows. */
  readonly isLogged?: boolean | undefined;
}

/** Notes what was found out; the pages, answers and log lines that come after it tell it. Undefined members change nothing. */
export function learn(arrival: Arrival, found: Learnt): void {
  const known = arrival as { -readonly [Member in keyof Learnt]: Learnt[Member] };
  if (found.traceId !== undefined) known.traceId = found.traceId;
  if (found.client_id !== undefined) known.client_id = found.client_id;
  if (found.userId !== undefined) known.userId = found.userId;
  if (found.grantId !== undefined) known.grantId = found.grantId;
  if (found.route !== undefined) known.route = found.route;
  if (found.isLogged !== undefined) known.isLogged = found.isLogged;
}

/**
 * Structured log: an event in `snake_case` and its facts; never a secret.
 * @param kind `call`: somebody who is known used a server, which an operator may want to read at every level
 */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  event: string,
  facts?: Readonly<Record<string, unknown>>,
  kind?: 'call',
) => void;
