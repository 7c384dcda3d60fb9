// The third step: the messages of a request, or the refusal that goes back instead.

import { mcpRefusal, mcpRefusals, readBody, readInbound, refuseUnreadHead } from '@sallyport/protocol';
import type { Inbound, McpRefusal } from '@sallyport/protocol';
import { maxBodyBytes } from './limits.ts';

export async function readMessage(request: Request): Promise<Inbound | McpRefusal> {
  const refusal = refuseUnreadHead(request.method, request.headers);
  if (refusal !== undefined) return refusal;
  const body = await readBody(request, maxBodyBytes);
  if (body === 'too_large') return mcpRefusal('body_too_large', mcpRefusals.body_too_large(maxBodyBytes));
  // The client went away, or its encoding is broken: there is nobody to blame in a log.
  if (body === 'broken') return mcpRefusal('body_unreadable', mcpRefusals.body_unreadable());
  return readInbound(body, request.headers);
}
