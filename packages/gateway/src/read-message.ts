// The third step: the messages of a request, or the refusal that goes back instead.

import {
  mcpRefusal,
  mcpRefusals,
  readBody,
  readInbound,
  readStreamedMessage,
  refuseUnreadHead,
} from '@sallyport/protocol';
import type { Inbound, McpRefusal } from '@sallyport/protocol';
import { maxBodyBytes } from './limits.ts';

export async function readMessage(request: Request): Promise<Inbound | McpRefusal> {
  return readBodyOf(request, (body) => readInbound(body, request.headers));
}

/** A message that is to be answered on a stream: no header has to be as Streamable HTTP wants it. */
export async function readPosted(request: Request): Promise<Inbound | McpRefusal> {
  return readBodyOf(request, readStreamedMessage);
}

async function readBodyOf(
  request: Request,
  read: (body: Uint8Array) => Inbound | McpRefusal,
): Promise<Inbound | McpRefusal> {
  const refusal = refuseUnreadHead(request.method, request.headers);
  if (refusal !== undefined) return refusal;
  const body = await readBody(request, maxBodyBytes);
  if (body === 'too_large') return mcpRefusal('body_too_large', mcpRefusals.body_too_large(maxBodyBytes));
  // The client went away, or its encoding is broken: there is nobody to blame in a log.
  if (body === 'broken') return mcpRefusal('body_unreadable', mcpRefusals.body_unreadable());
  return read(body);
}
