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

/** The methods of one era; every other method is not found. */
export interface Methods {
  get(method: string): Method | undefined;
  /** HTTP status of an unknown method, which differs by era. */
  readonly notFoundStatus: number;
}

export function methodsOf(notFoundStatus: number, methods: Readonly<Record<string, Method>>): Methods {
  const byName = new Map(Object.entries(methods));
  return { notFoundStatus, get: (method) => byName.get(method) };
}

export function methodNotFound({ id }: JsonRpcRequest, status: number): Reply {
  return { status, body: printError(id, { code: errorCodes.methodNotFound, message: 'Method not found' }) };
}

export function invalidParams({ id }: JsonRpcRequest, message: string, data?: unknown): Reply {
  return { body: printError(id, { code: errorCodes.invalidParams, message, data }) };
}

/** Params of the wrong shape: only tool calls answer `invalid params`; elsewhere it is -32603 everywhere. */
export function malformedParams({ id }: JsonRpcRequest, issues: readonly ShapeIssue[]): Reply {
  return { body: printError(id, { code: errorCodes.internalError, message: printIssues(issues) }) };
}
