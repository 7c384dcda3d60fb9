// Two transports begin with a GET at the MCP URL; only what the client says tells them apart.

import { headerNames } from '@sallyport/protocol';

/**
 * Whether a request wants the stream of the HTTP+SSE transport (MCP 2024-11-05). A client of Streamable HTTP may also
 * open a stream with a GET, for messages that nobody asked for, and takes 405 for "there are none" (MCP 2025-03-26 to
 * 2025-11-25, Transports, "Listening for Messages from the Server"). What they send, read in their sources:
 *
 * - `SSEClientTransport` of the TypeScript SDK 1.32 and 2.4 (and of mcp-remote 0.15, which carries the latter; with
 *   `http-first` only after its POST met 404 or 405): `Accept: text/event-stream` and nothing of MCP, because it knows no
 *   revision yet. When its stream broke and it opens another, the revision has been agreed and it sends
 *   `MCP-Protocol-Version` too: here that gets 405, at the server's own `sse` path, where nothing else is served, a stream.
 * - `StreamableHTTPClientTransport` of the same SDKs, after `notifications/initialized`: the same `Accept`, with
 *   `MCP-Protocol-Version` (required since 2025-06-18), and `Mcp-Session-Id` where a server gave one.
 * - Clients of 2025-03-26, the one revision of Streamable HTTP without that header, cannot be told apart. They get a stream
 *   whose `endpoint` event they skip, since it is no `message`, and which stays silent.
 */
export function wantsOldStream({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean {
  return (
    method === 'GET' &&
    (headers.get('accept') ?? '').toLowerCase().includes('text/event-stream') &&
    headers.get(headerNames.protocolVersion) === null &&
    headers.get('mcp-session-id') === null
  );
}
