// What a method answers with, before it is an HTTP response.

import { errorCodes, printError, printIssues } from '@sallyport/protocol';
import type { JsonRpcRequest, ShapeIssue } from '@sallyport/protocol';
import type { Exchange } from '../server.ts';

export interface Reply {
  readonly body: string;
  /** 200 when absent: an error of JSON-RPC is an answer, not a failure of HTTP. */
  readonly status?: number;
  /** Whether `body` is a stream of events that is already complete. */
  readonly isStream?: boolean;
}

export type Method = (request: JsonRpcRequest, exchange: Exchange) => Reply | Promise<Reply>;

export function methodNotFound({ id }: JsonRpcRequest, status: number): Reply {
  return { status, body: printError(id, { code: errorCodes.methodNotFound, message: 'Method not found' }) };
}

export function invalidParams({ id }: JsonRpcRequest, message: string, data?: unknown): Reply {
  return { body: printError(id, { code: errorCodes.invalidParams, message, data }) };
}

export function invalidRequestState(request: JsonRpcRequest): Reply {
  return invalidParams(request, 'Invalid or expired requestState', { reason: 'invalid_request_state' });
}

/** Params of the wrong shape: only tool calls answer `invalid params`; elsewhere it is -32603 everywhere. */
export function malformedParams(request: JsonRpcRequest, issues: readonly ShapeIssue[]): Reply {
  return internalError(request, printIssues(issues));
}

export function batchTooLarge({ id }: JsonRpcRequest): Reply {
  const message = 'The answers of this batch are too large, so this request was not run; send it on its own';
  return { body: printError(id, { code: errorCodes.transport, message }) };
}

export function internalError({ id }: JsonRpcRequest, message: string): Reply {
  return { body: printError(id, { code: errorCodes.internalError, message }) };
}
