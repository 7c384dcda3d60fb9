// A challenge as the result of a tool, for clients that look for it there and not at HTTP (MCP SEP-1489, which ChatGPT
// follows): the same words, beside a sentence for clients and models that know nothing of it.

import { readChallenge } from '@sallyport/protocol';
import type { JsonObject, JsonRpcRequest } from '@sallyport/protocol';
import { printStamped } from './era.ts';
import type { Era } from './era.ts';
import type { Reply } from './reply.ts';

/** @param challenge value of `WWW-Authenticate` */
export function challengeResult({ id }: JsonRpcRequest, challenge: string, { stamp, ...era }: Era): Reply {
  const text = readChallenge(challenge)?.error_description ?? 'This needs more than was allowed.';
  const _meta = { ...(stamp['_meta'] as JsonObject | undefined), 'mcp/www_authenticate': [challenge] };
  const result = { content: [{ type: 'text', text }], isError: true };
  return { body: printStamped(id, result, { ...era, stamp: { ...stamp, _meta } }) };
}

/** Of a tool in a list: by these such a client knows before it calls that signing in may be asked for, and for what. */
export function securitySchemes(scopes: readonly string[]): JsonObject {
  return { securitySchemes: [{ type: 'oauth2', scopes }] };
}
