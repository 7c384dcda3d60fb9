// From an HTTP request's parts to the messages in it: bytes and headers in, a value or a refusal out. Both eras come in
// at one URL; the body says which it is, and the headers are compared with it afterwards.

import { claimedVersion, claimsEnvelope, envelopeIssues, initializeIssues } from './envelope.ts';
import { isModernEnvelope, metaKeys, metaOf } from './envelope.ts';
import { findMissingOrWrongHeader, readMcpHeaders } from './headers.ts';
import type { McpHeaders } from './headers.ts';
import { readJsonRpcMessage } from './json-rpc.ts';
import type { JsonRpcMessage, JsonRpcNotification, JsonRpcRequest, RequestId } from './json-rpc.ts';
import { isJsonContentType } from './media-type.ts';
import { mcpRefusal, mcpRefusals } from './refusals.ts';
import type { McpRefusal } from './refusals.ts';
import { isJsonObject } from './shape.ts';
import { isModernVersion, legacyVersions, modernVersions } from './versions.ts';

/** What one HTTP request carries, once nothing in it is in doubt. */
export type Inbound = ModernInbound | LegacyInbound;

export interface ModernInbound {
  readonly kind: 'inbound';
  readonly era: 'modern';
  readonly messages: readonly [JsonRpcRequest | JsonRpcNotification];
}

export interface LegacyInbound {
  readonly kind: 'inbound';
  readonly era: 'legacy';
  readonly messages: readonly JsonRpcMessage[];
}

/** Enough for any honest client of 2025-03-26, which alone knew batches; it bounds the work of one request. */
const maxBatchMessages = 100;

/** As lenient as every JSON reader on the way: a broken sequence becomes U+FFFD, a leading BOM is dropped. */
const utf8 = new TextDecoder();

/** Judges what can be judged before the body is read. */
export function refuseUnreadHead(method: string, headers: Pick<Headers, 'get'>): McpRefusal | undefined {
  // GET and DELETE belong to sessions and their streams, which a stateless endpoint has none of.
  if (method !== 'POST') return mcpRefusal('method_not_allowed', mcpRefusals.method_not_allowed());
  if (isJsonContentType(headers.get('content-type'))) return undefined;
  return mcpRefusal('unsupported_media_type', mcpRefusals.unsupported_media_type());
}

/** Reads the messages of a POST whose head was not refused. */
export function readInbound(body: Uint8Array, headers: Pick<Headers, 'get'>): Inbound | McpRefusal {
  const json = parseJson(body);
  if (json === undefined) {
    return refuseUnacceptable(headers) ?? mcpRefusal('not_json', mcpRefusals.not_json());
  }
  if (Array.isArray(json.value)) return readBatch(json.value, headers);
  const message = readJsonRpcMessage(json.value);
  if (message === undefined) {
    return mcpRefusal('not_json_rpc', mcpRefusals.not_json_rpc(), idOf(json.value));
  }
  const mcpHeaders = readMcpHeaders(headers);
  switch (message.kind) {
    case 'request':
      return readRequest(message, mcpHeaders, headers);
    case 'notification':
      return readNotification(message, mcpHeaders, headers);
    case 'response':
      return readLegacy([message], mcpHeaders, headers);
  }
}

/**
 * Reads the body of a POST of the deprecated HTTP+SSE transport (MCP 2024-11-05). Nothing on it says which revision is
 * spoken, so it is always one message of the earlier era: a client of the later one is told so by its answer.
 */
export function readStreamedMessage(body: Uint8Array): LegacyInbound | McpRefusal {
  const json = parseJson(body);
  if (json === undefined) return mcpRefusal('not_json', mcpRefusals.not_json());
  const message = readJsonRpcMessage(json.value);
  if (message !== undefined) return { kind: 'inbound', era: 'legacy', messages: [message] };
  return mcpRefusal('not_json_rpc', mcpRefusals.not_json_rpc(), idOf(json.value));
}

function readRequest(
  message: JsonRpcRequest,
  mcpHeaders: McpHeaders,
  headers: Pick<Headers, 'get'>,
): Inbound | McpRefusal {
  const { id, method, params } = message;
  const named = mcpHeaders.protocolVersion;
  const namesModern = named !== undefined && isModernVersion(named);
  // `initialize` is the handshake of the earlier era, unless the request is otherwise a perfect one of the later.
  if (method === 'initialize' && !isModernEnvelope(params)) {
    if (!namesModern) return readLegacy([message], mcpHeaders, headers);
    const body =
      'an initialize request (legacy handshake) was sent with a modern MCP-Protocol-Version header';
    return mismatch(named, body, id);
  }
  if (claimsEnvelope(params)) return readModernRequest(message, mcpHeaders);
  if (!namesModern) return readLegacy([message], mcpHeaders, headers);
  const meta = metaOf(params);
  const keys = envelopeIssues(meta ?? {}).flatMap(({ key, problem }) => (problem === 'missing' ? [key] : []));
  const missing = meta === undefined ? ['_meta'] : keys.length > 0 ? keys : [metaKeys.protocolVersion];
  return mcpRefusal('envelope_missing', mcpRefusals.envelope_missing(named, missing), id);
}

function readModernRequest(message: JsonRpcRequest, mcpHeaders: McpHeaders): Inbound | McpRefusal {
  const { id, method, params } = message;
  const [issue] = envelopeIssues(metaOf(params) ?? {});
  if (issue !== undefined) return mcpRefusal('envelope_invalid', mcpRefusals.envelope_invalid(issue), id);
  const version = claimedVersion(params) ?? '';
  const named = mcpHeaders.protocolVersion;
  if (named !== undefined && named !== version) {
    const body = `the body envelope names protocol version ${version} but the MCP-Protocol-Version header names ${named}`;
    return mismatch(named, body, id);
  }
  if (mcpHeaders.method !== undefined && mcpHeaders.method !== method) {
    const body = `the body names method ${method} but the Mcp-Method header names ${mcpHeaders.method}`;
    return mismatch(mcpHeaders.method, body, id);
  }
  const unsupported = refuseModernVersion(version, id);
  if (unsupported !== undefined) return unsupported;
  const wrong = findMissingOrWrongHeader(mcpHeaders, { version, method, ...(params && { params }) });
  if (wrong !== undefined) return mcpRefusal('header_mismatch', mcpRefusals.header_mismatch(wrong), id);
  return { kind: 'inbound', era: 'modern', messages: [message] };
}

/** A notification needs no headers and no complete envelope; what it does carry must agree. */
function readNotification(
  message: JsonRpcNotification,
  mcpHeaders: McpHeaders,
  headers: Pick<Headers, 'get'>,
): Inbound | McpRefusal {
  const { method, params } = message;
  const named = mcpHeaders.protocolVersion;
  const claims = claimsEnvelope(params);
  if (!claims && (named === undefined || !isModernVersion(named))) {
    return readLegacy([message], mcpHeaders, headers);
  }
  const version = claims ? claimedVersion(params) : named;
  if (version === undefined) {
    const issue = envelopeIssues(metaOf(params) ?? {}).find(
      ({ key }) => key === metaKeys.protocolVersion,
    ) ?? {
      key: metaKeys.protocolVersion,
      problem: 'expected a protocol version string',
    };
    return mcpRefusal('envelope_invalid', mcpRefusals.envelope_invalid(issue));
  }
  if (named !== undefined && named !== version) {
    const body = `the notification envelope names protocol version ${version} but the MCP-Protocol-Version header names ${named}`;
    return mismatch(named, body);
  }
  if (isModernVersion(version) && mcpHeaders.method !== undefined && mcpHeaders.method !== method) {
    const body = `the notification body names method ${method} but the Mcp-Method header names ${mcpHeaders.method}`;
    return mismatch(mcpHeaders.method, body);
  }
  return refuseModernVersion(version, null) ?? { kind: 'inbound', era: 'modern', messages: [message] };
}

function readBatch(values: readonly unknown[], headers: Pick<Headers, 'get'>): Inbound | McpRefusal {
  if (values.length === 0) return mcpRefusal('batch_empty', mcpRefusals.batch_empty());
  const messages: JsonRpcMessage[] = [];
  for (const value of values) {
    const params = isJsonObject(value) ? value['params'] : undefined;
    if (isJsonObject(params) && claimsEnvelope(params)) {
      return mcpRefusal('batch_of_modern', mcpRefusals.batch_of_modern());
    }
    const message = readJsonRpcMessage(value);
    if (message === undefined) return mcpRefusal('batch_with_invalid', mcpRefusals.batch_with_invalid());
    messages.push(message);
  }
  return readLegacy(messages, readMcpHeaders(headers), headers);
}

/** What the transport of the earlier era asks for, in its order. */
function readLegacy(
  messages: readonly JsonRpcMessage[],
  { protocolVersion }: McpHeaders,
  headers: Pick<Headers, 'get'>,
): Inbound | McpRefusal {
  const unacceptable = refuseUnacceptable(headers);
  if (unacceptable !== undefined) return unacceptable;
  if (messages.length > maxBatchMessages) {
    return mcpRefusal('batch_too_long', mcpRefusals.batch_too_long(maxBatchMessages));
  }
  if (messages.some(isHandshake)) {
    // The handshake names its revision in the body; a header cannot contradict what is not agreed yet.
    if (messages.length === 1) return { kind: 'inbound', era: 'legacy', messages };
    return mcpRefusal('batch_with_initialize', mcpRefusals.batch_with_initialize());
  }
  if (protocolVersion !== undefined && !legacyVersions.some((version) => version === protocolVersion)) {
    return mcpRefusal('legacy_version_unsupported', mcpRefusals.legacy_version_unsupported(protocolVersion));
  }
  return { kind: 'inbound', era: 'legacy', messages };
}

function isHandshake(message: JsonRpcMessage): boolean {
  return (
    message.kind !== 'response' &&
    message.method === 'initialize' &&
    initializeIssues(message.params).length === 0
  );
}

/** The earlier era lets the server choose between JSON and a stream, so the client must take both. */
function refuseUnacceptable(headers: Pick<Headers, 'get'>): McpRefusal | undefined {
  const accept = headers.get('accept') ?? '';
  if (accept.includes('application/json') && accept.includes('text/event-stream')) return undefined;
  return mcpRefusal('not_acceptable', mcpRefusals.not_acceptable());
}

function refuseModernVersion(version: string, id: RequestId | null): McpRefusal | undefined {
  if (modernVersions.some((supported) => supported === version)) return undefined;
  return mcpRefusal('modern_version_unsupported', mcpRefusals.modern_version_unsupported(version), id);
}

function mismatch(header: string, body: string, id: RequestId | null = null): McpRefusal {
  return mcpRefusal('header_mismatch', mcpRefusals.header_mismatch({ header, body }), id);
}

/** Wrapped, because `null` is a JSON value too. */
function parseJson(body: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(utf8.decode(body)) };
  } catch {
    return undefined;
  }
}

/** The id to answer with when the body is no message, but a single request can be made out. */
function idOf(value: unknown): RequestId | null {
  if (!isJsonObject(value) || typeof value['method'] !== 'string') return null;
  const id = value['id'];
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
