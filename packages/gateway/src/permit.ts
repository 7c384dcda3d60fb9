// The fourth step: whether the caller's scopes are enough for what the messages ask.

import type { Caller, Inbound } from '@sallyport/protocol';
import type { Guard, Upstream } from './server.ts';

/**
 * MCP 2026-07-28, authorization: one challenge names every scope that the operation needs (SEP-2350), for a batch of
 * all its requests together. Listing tools needs none beyond admission, so that a client can see what to ask for.
 * @returns the challenge; undefined when nothing is missing
 */
export function permit(
  caller: Caller,
  { upstream }: { readonly upstream: Upstream },
  guard: Guard,
  inbound: Inbound,
): Response | undefined {
  const needed = new Set<string>();
  for (const message of inbound.messages) {
    if (message.kind !== 'request') continue;
    for (const scope of upstream.scopeOf(message)) needed.add(scope);
  }
  const scopes = [...needed];
  return guard.hasScopes(scopes, caller) ? undefined : guard.insufficientScope(scopes, caller);
}
