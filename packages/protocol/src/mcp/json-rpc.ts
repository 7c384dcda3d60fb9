// JSON-RPC 2.0 messages as MCP uses them: what one looks like on the way in, and how answers are printed.

import { isJsonObject, isRequestId, issuesOf, object, optional, string, stringOrInteger } from './shape.ts';
import type { JsonObject } from './shape.ts';

export type RequestId = string | number;

export interface JsonRpcRequest {
  readonly kind: 'request';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: JsonObject;
}

export interface JsonRpcNotification {
  readonly kind: 'notification';
  readonly method: string;
  readonly params?: JsonObject;
}

/** Somebody's answer; a server that asks nothing has no use for one. */
export interface JsonRpcResponse {
  readonly kind: 'response';
}

export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResponse;

/** JSON-RPC 2.0 §5.1, and the codes that MCP 2026-07-28 adds. */
export const errorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** What MCP servers use for a refusal that belongs to HTTP and not to JSON-RPC. */
  transport: -32000,
  headerMismatch: -32020,
  unsupportedProtocolVersion: -32022,
} as const;

const requestMembers = new Set(['jsonrpc', 'id', 'method', 'params']);
const resultMembers = new Set(['jsonrpc', 'id', 'result']);
const errorMembers = new Set(['jsonrpc', 'id', 'error']);

const metaShape = object({
  progressToken: optional(stringOrInteger),
  'io.modelcontextprotocol/related-task': optional(object({ taskId: string })),
});

/**
 * Reads one message from a JSON value. Unknown top-level members, a null id and positional params are no MCP message.
 * @returns undefined when it is none
 */
export function readJsonRpcMessage(value: unknown): JsonRpcMessage | undefined {
  if (!isJsonObject(value) || value['jsonrpc'] !== '2.0') return undefined;
  if (Object.hasOwn(value, 'method')) return readCall(value);
  if (Object.hasOwn(value, 'result')) return readResult(value);
  return readError(value);
}

function readCall(value: JsonObject): JsonRpcMessage | undefined {
  const { id, method, params } = value;
  if (!onlyMembers(value, requestMembers) || typeof method !== 'string') return undefined;
  if (params !== undefined && !isParams(params)) return undefined;
  const call = params === undefined ? { method } : { method, params };
  if (!Object.hasOwn(value, 'id')) return { kind: 'notification', ...call };
  return isRequestId(id) ? { kind: 'request', id, ...call } : undefined;
}

function readResult(value: JsonObject): JsonRpcMessage | undefined {
  const { id, result } = value;
  if (!onlyMembers(value, resultMembers) || !isRequestId(id) || !isJsonObject(result)) return undefined;
  const meta = result['_meta'];
  return meta === undefined || isJsonObject(meta) ? { kind: 'response' } : undefined;
}

function readError(value: JsonObject): JsonRpcMessage | undefined {
  const { id, error } = value;
  if (!onlyMembers(value, errorMembers) || !isJsonObject(error)) return undefined;
  if (Object.hasOwn(value, 'id') && !isRequestId(id)) return undefined;
  return Number.isSafeInteger(error['code']) && typeof error['message'] === 'string'
    ? { kind: 'response' }
    : undefined;
}

function isParams(params: unknown): params is JsonObject {
  if (!isJsonObject(params)) return false;
  const meta = params['_meta'];
  return meta === undefined || issuesOf(metaShape, meta).length === 0;
}

function onlyMembers(value: JsonObject, known: ReadonlySet<string>): boolean {
  return Object.keys(value).every((name) => known.has(name));
}

/** @param resultJson the result, already printed, so that a fixed one is printed once and not per answer */
export function printResult(id: RequestId, resultJson: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultJson}}`;
}

/** @param id null when no single request could be made out (JSON-RPC 2.0 §5) */
export function printError(
  id: RequestId | null,
  error: { readonly code: number; readonly message: string; readonly data?: unknown },
): string {
  const { code, message, data } = error;
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: data === undefined ? { code, message } : { code, message, data },
  });
}
