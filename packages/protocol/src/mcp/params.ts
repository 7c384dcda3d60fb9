// The params of the methods that a server with tools answers, judged when the method is known.

import { initializeIssues } from './envelope.ts';
import type { JsonRpcRequest } from './json-rpc.ts';
import { anyObject, boolean, issuesOf, listOf, number, object, optional, recordOf, string } from './shape.ts';
import type { JsonObject, Shape, ShapeIssue } from './shape.ts';

/** Params of the right shape, or what is wrong with them. */
export type Params<Value> =
  | { readonly ok: true; readonly params: Value }
  | { readonly ok: false; readonly issues: readonly ShapeIssue[] };

export interface ToolCall {
  readonly name: string;
  /** Not judged yet: that is the toolset's. */
  readonly arguments: JsonObject;
}

/** What a client wants to hear of (2026-07-28 `subscriptions/listen`). */
export interface SubscriptionFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: readonly string[];
}

const callMembers = { name: string, arguments: optional(anyObject) };
const callShapes = {
  // Tasks were an experiment of 2025-11-25; a malformed one is still a malformed request.
  legacy: object({ task: optional(object({ ttl: optional(number) })), ...callMembers }),
  modern: object(callMembers),
};
const readShape = object({ uri: string });
const promptShape = object({ name: string, arguments: optional(recordOf(string)) });
const pageShape = optional(object({ cursor: optional(string) }));
const listenShape = object({
  notifications: object({
    toolsListChanged: optional(boolean),
    promptsListChanged: optional(boolean),
    resourcesListChanged: optional(boolean),
    resourceSubscriptions: optional(listOf(string)),
  }),
});

export function readToolCall(request: JsonRpcRequest, era: 'legacy' | 'modern'): Params<ToolCall> {
  const judged = read<{ name: string; arguments?: JsonObject }>(callShapes[era], request);
  if (!judged.ok) return judged;
  const { name, arguments: given } = judged.params;
  return { ok: true, params: { name, arguments: given ?? {} } };
}

export function readResourceRead(request: JsonRpcRequest): Params<{ readonly uri: string }> {
  return read(readShape, request);
}

export function readPromptGet(
  request: JsonRpcRequest,
): Params<{ readonly name: string; readonly arguments?: Readonly<Record<string, string>> }> {
  return read(promptShape, request);
}

/**
 * The arguments of a prompt, all of them text, against the ones it has.
 * @returns what is wrong, one `name: what` each; empty when nothing is
 */
export function promptArgumentIssues(
  declared: readonly { readonly name: string; readonly required: boolean }[],
  given: Readonly<Record<string, string>>,
): readonly string[] {
  const shape = object(
    Object.fromEntries(declared.map(({ name, required }) => [name, required ? string : optional(string)])),
  );
  return issuesOf(shape, given).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/**
 * What tools, prompts and resources that ask back carry from one round trip to the next. Nothing here does, but text is
 * all that it can be.
 */
export function hasOddRequestState({ params }: JsonRpcRequest): boolean {
  const state = params?.['requestState'];
  return state !== undefined && typeof state !== 'string';
}

/** A list that fits on one page has no use for a cursor, and still refuses one that is no text. */
export function readPageRequest(request: JsonRpcRequest): Params<unknown> {
  return read(pageShape, request);
}

export function readListen(request: JsonRpcRequest): Params<{ readonly notifications: SubscriptionFilter }> {
  return read(listenShape, request);
}

export function readInitialize(request: JsonRpcRequest): Params<{ readonly protocolVersion: string }> {
  const issues = initializeIssues(request.params);
  return issues.length === 0
    ? { ok: true, params: request.params as unknown as { protocolVersion: string } }
    : { ok: false, issues };
}

/** The tree of issues as one text, in the form that other MCP servers print it. */
export function printIssues(issues: readonly ShapeIssue[]): string {
  return JSON.stringify(issues, null, 2);
}

function read<Value>(shape: Shape, { params }: JsonRpcRequest): Params<Value> {
  const issues = issuesOf(shape, params, ['params']);
  return issues.length === 0 ? { ok: true, params: params as unknown as Value } : { ok: false, issues };
}
