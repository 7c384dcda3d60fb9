// Every way in which an MCP endpoint says no before a method is looked at: one row per reason. Status, code and text
// are those of other MCP servers, because clients act on them (a client falls back to `initialize` by them).

import { errorCodes, printError } from './json-rpc.ts';
import type { RequestId } from './json-rpc.ts';
import type { EnvelopeIssue } from './envelope.ts';
import type { HeaderMismatch } from './headers.ts';
import { legacyVersions, modernVersions } from './versions.ts';

/** A refusal as a value: what goes on the wire, all of it public. */
export interface McpRefusal {
  readonly kind: 'refusal';
  readonly reason: McpRefusalReason;
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  /** The request it answers, when one could be made out. */
  readonly id: RequestId | null;
}

interface Row {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const { transport, parseError, invalidRequest, invalidParams } = errorCodes;

/** The closed list. What a row quotes is the sender's own text, given back to the sender. */
export const mcpRefusals = {
  method_not_allowed: (): Row => ({ status: 405, code: transport, message: 'Method not allowed.' }),
  unsupported_media_type: (): Row => ({
    status: 415,
    code: transport,
    message: 'Unsupported Media Type: Content-Type must be application/json',
  }),
  not_acceptable: (): Row => ({
    status: 406,
    code: transport,
    message: 'Not Acceptable: Client must accept both application/json and text/event-stream',
  }),
  body_too_large: (maxBytes: number): Row => ({
    status: 413,
    code: transport,
    message: `Payload Too Large: Request body must not exceed ${maxBytes} bytes`,
  }),
  body_unreadable: (): Row => ({
    status: 400,
    code: parseError,
    message: 'Parse error: the request body could not be read',
  }),
  not_json: (): Row => ({ status: 400, code: parseError, message: 'Parse error: Invalid JSON' }),
  not_json_rpc: (): Row => ({
    status: 400,
    code: invalidRequest,
    message: 'Bad Request: the request body is not a valid JSON-RPC message',
  }),
  batch_empty: (): Row => ({
    status: 400,
    code: invalidRequest,
    message: 'Bad Request: empty JSON-RPC batch',
  }),
  batch_too_long: (maxMessages: number): Row => ({
    status: 400,
    code: invalidRequest,
    message: `Invalid Request: Batch must not exceed ${maxMessages} messages`,
  }),
  batch_of_modern: (): Row => ({
    status: 400,
    code: invalidRequest,
    message:
      'Bad Request: JSON-RPC batches may not contain requests for protocol revision 2026-07-28 or later',
  }),
  batch_with_invalid: (): Row => ({
    status: 400,
    code: invalidRequest,
    message: 'Bad Request: JSON-RPC batch contains an invalid message',
  }),
  batch_with_initialize: (): Row => ({
    status: 400,
    code: invalidRequest,
    message: 'Invalid Request: Only one initialization request is allowed',
  }),
  envelope_invalid: (issue: EnvelopeIssue): Row => ({
    status: 400,
    code: invalidParams,
    message: `Invalid _meta envelope for protocol revision 2026-07-28: ${issue.key}: ${issue.problem}`,
    data: { envelope: issue },
  }),
  envelope_missing: (version: string, missing: readonly string[]): Row => ({
    status: 400,
    code: invalidParams,
    message:
      `Invalid params: the MCP-Protocol-Version header names protocol revision ${version}, ` +
      `but the request is missing the required per-request envelope key(s): ${missing.join(', ')}`,
    data: { envelope: { missing } },
  }),
  header_mismatch: (mismatch: HeaderMismatch): Row => ({
    status: 400,
    code: errorCodes.headerMismatch,
    message: `Bad Request: the request headers and body disagree: ${mismatch.body}`,
    data: { mismatch },
  }),
  modern_version_unsupported: (requested: string): Row => ({
    status: 400,
    code: errorCodes.unsupportedProtocolVersion,
    message: `Unsupported protocol version: ${requested}`,
    data: { supported: modernVersions, requested },
  }),
  legacy_version_unsupported: (requested: string): Row => ({
    status: 400,
    code: transport,
    message: `Bad Request: Unsupported protocol version: ${requested} (supported versions: ${legacyVersions.join(', ')})`,
  }),
  // The deprecated HTTP+SSE transport, whose sessions are streams.
  session_missing: (): Row => ({ status: 400, code: transport, message: 'Missing sessionId parameter' }),
  session_unknown: (): Row => ({ status: 404, code: transport, message: 'Session not found' }),
  session_busy: (): Row => ({
    status: 429,
    code: transport,
    message: 'Too many answers of this session are waiting; read them from its stream first',
  }),
  streams_of_caller: (maxStreams: number): Row => ({
    status: 429,
    code: transport,
    message: `Too many event streams: at most ${maxStreams} may be open here; close one first`,
  }),
  streams_of_all: (): Row => ({
    status: 503,
    code: transport,
    message: 'Too many event streams are open on this server; try again shortly, or use Streamable HTTP',
  }),
} as const;

export type McpRefusalReason = keyof typeof mcpRefusals;

/** @param row what the table's row of that reason made of the facts */
export function mcpRefusal(reason: McpRefusalReason, row: Row, id: RequestId | null = null): McpRefusal {
  return { kind: 'refusal', reason, id, ...row };
}

/** Prints a refusal as the HTTP answer that it is. */
export function refusalResponse(refusal: McpRefusal): Response {
  return new Response(printError(refusal.id, refusal), {
    status: refusal.status,
    headers: {
      'content-type': 'application/json',
      ...(refusal.status === 405 && { allow: 'POST' }),
    },
  });
}
