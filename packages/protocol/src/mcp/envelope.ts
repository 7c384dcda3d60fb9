// What a client says about itself: in `params._meta` of every request (2026-07-28), or once in `initialize`.
// Display and negotiation only: nothing here is ever a reason to allow something.

import { anyObject, boolean, isJsonObject, issuesOf, listOf, object, oneOf, optional } from './shape.ts';
import { recordOf, string, stringOrInteger } from './shape.ts';
import type { JsonObject } from './shape.ts';
import { isModernVersion } from './versions.ts';

export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

export interface EnvelopeIssue {
  /** The member of `_meta`, with a dotted path below it. */
  readonly key: string;
  /** `missing`, or what is wrong with it. */
  readonly problem: string;
}

const requiredKeys = [metaKeys.protocolVersion, metaKeys.clientCapabilities] as const;

const implementation = object({
  name: string,
  title: optional(string),
  icons: optional(
    listOf(
      object({
        src: string,
        mimeType: optional(string),
        sizes: optional(listOf(string)),
        theme: optional(oneOf('light', 'dark')),
      }),
    ),
  ),
  version: string,
  websiteUrl: optional(string),
  description: optional(string),
});

const capabilities = {
  experimental: optional(recordOf(anyObject)),
  sampling: optional(object({ context: optional(anyObject), tools: optional(anyObject) })),
  elicitation: optional(
    object({ form: optional(object({ applyDefaults: optional(boolean) })), url: optional(anyObject) }),
  ),
  roots: optional(object({ listChanged: optional(boolean) })),
  extensions: optional(recordOf(anyObject)),
};

const taskCapabilities = object({
  list: optional(anyObject),
  cancel: optional(anyObject),
  requests: optional(
    object({
      sampling: optional(object({ createMessage: optional(anyObject) })),
      elicitation: optional(object({ create: optional(anyObject) })),
    }),
  ),
});

const envelope = object({
  progressToken: optional(stringOrInteger),
  [metaKeys.protocolVersion]: string,
  [metaKeys.clientInfo]: optional(implementation),
  [metaKeys.clientCapabilities]: object(capabilities),
  [metaKeys.logLevel]: optional(
    oneOf('debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'),
  ),
});

const initializeParams = object({
  protocolVersion: string,
  capabilities: object({ ...capabilities, tasks: optional(taskCapabilities) }),
  clientInfo: implementation,
});

/** @returns the `_meta` of a message's params, when it is an object */
export function metaOf(params: JsonObject | undefined): JsonObject | undefined {
  const meta = params?.['_meta'];
  return isJsonObject(meta) ? meta : undefined;
}

/** Whether a message says that it is of the modern era, rightly or not: the protocol version stands in its `_meta`. */
export function claimsEnvelope(params: JsonObject | undefined): boolean {
  const meta = metaOf(params);
  return meta !== undefined && Object.hasOwn(meta, metaKeys.protocolVersion);
}

/** @returns the revision a message claims, when it is text */
export function claimedVersion(params: JsonObject | undefined): string | undefined {
  const version = metaOf(params)?.[metaKeys.protocolVersion];
  return typeof version === 'string' ? version : undefined;
}

/** @returns what is wrong with the `_meta` of a modern request: what is missing first, then what has the wrong shape */
export function envelopeIssues(meta: JsonObject): readonly EnvelopeIssue[] {
  const found = issuesOf(envelope, meta);
  if (found.length === 0) return [];
  const missing = requiredKeys
    .filter((key) => !Object.hasOwn(meta, key))
    .map((key) => ({ key, problem: 'missing' }));
  const wrong = found
    .map(({ path, message }) => ({ key: path.join('.'), problem: message }))
    .filter(({ key }) => !missing.some((issue) => issue.key === key));
  return [...missing, ...wrong];
}

/** Whether the claim is in good order and names a revision of the modern era. */
export function isModernEnvelope(params: JsonObject | undefined): boolean {
  const version = claimedVersion(params);
  const meta = metaOf(params);
  return (
    version !== undefined &&
    isModernVersion(version) &&
    meta !== undefined &&
    envelopeIssues(meta).length === 0
  );
}

/** What is wrong with the params of `initialize`; empty when nothing is. */
export function initializeIssues(params: JsonObject | undefined): ReturnType<typeof issuesOf> {
  return issuesOf(initializeParams, params, ['params']);
}
