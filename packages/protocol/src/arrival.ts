// What the door learns once about a request and hands to every room beside the `Request` itself.

/** Made at the door, so that no room reads a clock, a socket or a proxy header. */
export interface Arrival {
  /** Epoch seconds at which the request came in. */
  readonly now: number;
  /** Client address as text, after `trustedProxies` was applied. */
  readonly address: string;
  /** Follows one login from the first request to the first tool call; safe to show. */
  readonly traceId: string;
}

/** Structured log: an event in `snake_case` and its facts; never a secret. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  event: string,
  facts?: Readonly<Record<string, unknown>>,
) => void;
