// The third step: the messages of a request, or the refusal that goes back instead.

import { mcpRefusal, mcpRefusals, readInbound, refuseUnreadHead } from '@sallyport/protocol';
import type { Inbound, McpRefusal } from '@sallyport/protocol';
import { maxBodyBytes } from './limits.ts';

export async function readMessage(request: Request): Promise<Inbound | McpRefusal> {
  const refusal = refuseUnreadHead(request.method, request.headers);
  if (refusal !== undefined) return refusal;
  let body: Uint8Array | undefined;
  try {
    body = await readBody(request);
  } catch {
    // The client went away, or its encoding is broken: there is nobody to blame in a log.
    return mcpRefusal('body_unreadable', mcpRefusals.body_unreadable());
  }
  if (body === undefined) return mcpRefusal('body_too_large', mcpRefusals.body_too_large(maxBodyBytes));
  return readInbound(body, request.headers);
}

/** @returns undefined when there are more than `maxBodyBytes` */
async function readBody(request: Request): Promise<Uint8Array | undefined> {
  const announced = request.headers.get('content-length');
  if (announced !== null) {
    if (!(Number(announced) <= maxBodyBytes)) return undefined;
    // A server of HTTP holds a body to its announced length, so reading it whole is bounded; and twice as fast.
    const body = new Uint8Array(await request.arrayBuffer());
    return body.length > maxBodyBytes ? undefined : body;
  }
  return readInParts(request);
}

/** Without an announced length, no more is taken than is allowed. */
async function readInParts(request: Request): Promise<Uint8Array | undefined> {
  if (request.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body as ReadableStream<Uint8Array>) {
    length += part.length;
    if (length > maxBodyBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
