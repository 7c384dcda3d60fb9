// MCP transports, "Security warning": a present `Origin` must be one that may call. It is the second wall against DNS
// rebinding and against web pages of strangers; the first is that a token is needed at all.

import { loopbackHosts } from './loopback.ts';

/**
 * @param origin the `Origin` header, null when absent (then it is no browser)
 * @param own the origin of the resource
 * @param allowed further origins, exact
 */
export function isAllowedOrigin(origin: string | null, own: string, allowed: readonly string[]): boolean {
  if (origin === null || origin === own || allowed.includes(origin)) return true;
  // Developer tools run in pages of this computer, whichever port they found free.
  const url = URL.parse(origin);
  return (
    url !== null && /^https?:$/.test(url.protocol) && loopbackHosts.has(url.hostname) && url.origin === origin
  );
}
