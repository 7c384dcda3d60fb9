// What stands behind the gate, and what the gate needs of the room that judges tokens.

import type { Arrival, Caller, Inbound, JsonRpcRequest, Log } from '@sallyport/protocol';

/** The part of `@sallyport/resource-server` that the gate uses; one for each server, since a token is for one server. */
export interface Guard {
  /** The caller, or the challenge to answer with. @param now epoch seconds @param arrival learns whose request it is */
  admit(request: Request, now: number, arrival?: Arrival): Promise<Caller | Response>;
  /** Whether the caller's scopes are enough, broader ones counted for what they include. */
  hasScopes(needed: readonly string[], caller: Caller): boolean;
  /** 403 `insufficient_scope` (RFC 6750 §3.1) that names every scope the operation needs. */
  insufficientScope(needed: readonly string[], caller: Caller): Response;
}

/** An MCP server to serve at `path`, and what answers for it. */
export interface GatewayServer {
  /** Stable; names it in logs. */
  readonly name: string;
  /** Exact path of the URL, for example `/mcp`. */
  readonly path: string;
  readonly resourceServer: Guard;
  readonly upstream: Upstream;
  /** Where else it serves the deprecated HTTP+SSE transport, beside the paths below its own. */
  readonly streamDoors?: readonly StreamDoor[];
}

/** Where a client of the deprecated HTTP+SSE transport (MCP 2024-11-05) reaches a server. */
export interface StreamDoor {
  /** A GET here opens a stream. */
  readonly path: string;
  /** A POST to any of these sends a message; the stream tells its client the first. */
  readonly messagePaths: readonly [string, ...string[]];
  /** Judges both. Lets in the tokens of the server; its challenge names a resource that fits `path`. */
  readonly guard: Guard;
}

/** One kind of thing that can stand behind the gate; a definition becomes one of these. */
export interface Upstream {
  /** The scopes that this one request needs, all of them; empty when any caller may send it. */
  scopeOf(request: JsonRpcRequest): readonly string[];
  /** The answer, in the era that the messages came in. Throws only what the gate's door knows how to answer. */
  handle(inbound: Inbound, exchange: Exchange): Promise<Response>;
  /**
   * A challenge as the result of what the messages ask, for clients that look for it there.
   * @param challenge value of `WWW-Authenticate`
   * @returns undefined where they ask for nothing that has a result of that form
   */
  challengeInResult?(inbound: Inbound, challenge: string): Response | undefined;
  health(): Promise<'ok' | 'unavailable'>;
}

/** What belongs to one HTTP request, beside its messages. */
export interface Exchange {
  readonly request: Request;
  readonly caller: Caller;
  readonly arrival: Arrival;
  readonly log: Log;
}
