// The headers that mirror a modern request's body, so that a proxy can route without reading it (MCP 2026-07-28,
// Streamable HTTP, "Standard Request Headers"). A server that reads the body must compare the two.

import type { JsonObject } from './shape.ts';

export const headerNames = {
  protocolVersion: 'mcp-protocol-version',
  method: 'mcp-method',
  name: 'mcp-name',
} as const;

export interface McpHeaders {
  readonly protocolVersion?: string;
  readonly method?: string;
  readonly name?: string;
}

/** Which member of the params `Mcp-Name` mirrors; for other methods there is none. */
const nameSources = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

const sentinelPrefix = '=?base64?';
const sentinelSuffix = '?=';
const canonicalBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** `Headers` has already cut the spaces around a value and joined repeated ones, which then match nothing. */
export function readMcpHeaders(headers: Pick<Headers, 'get'>): McpHeaders {
  const protocolVersion = headers.get(headerNames.protocolVersion);
  const method = headers.get(headerNames.method);
  const name = headers.get(headerNames.name);
  return {
    ...(protocolVersion !== null && { protocolVersion }),
    ...(method !== null && { method }),
    ...(name !== null && { name }),
  };
}

/**
 * Text that cannot stand in a header is sent as `=?base64?…?=`.
 * @returns undefined when it says so and is not canonical base64 of UTF-8
 */
export function decodeHeaderText(value: string): string | undefined {
  if (!value.startsWith(sentinelPrefix) || !value.endsWith(sentinelSuffix)) return value;
  const text = value.slice(sentinelPrefix.length, value.length - sentinelSuffix.length);
  if (!canonicalBase64.test(text)) return undefined;
  try {
    return strictUtf8.decode(Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}

/** The inverse of `decodeHeaderText`; plain text stays as it is. */
export function encodeHeaderText(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith(sentinelPrefix);
  if (isPlain) return text;
  return `${sentinelPrefix}${Buffer.from(text).toString('base64')}${sentinelSuffix}`;
}

/** A header that is absent or disagrees with the body, as the `data.mismatch` of the answer shows it. */
export interface HeaderMismatch {
  readonly header: string;
  readonly body: string;
}

/**
 * The headers that a modern request must carry, against its body. What is merely different in version or method was
 * judged before; here it is absence, and `Mcp-Name`.
 */
export function findMissingOrWrongHeader(
  headers: McpHeaders,
  request: { readonly version: string; readonly method: string; readonly params?: JsonObject },
): HeaderMismatch | undefined {
  const { version, method, params } = request;
  if (headers.protocolVersion === undefined) {
    return missing(
      `the body envelope names protocol version ${version} but the required MCP-Protocol-Version header is absent`,
    );
  }
  if (headers.method === undefined) {
    return missing(`the body names method ${method} but the required Mcp-Method header is absent`);
  }
  const source = nameSources.get(method);
  if (source === undefined) return undefined;
  const inBody = params?.[source];
  if (headers.name === undefined) {
    if (typeof inBody !== 'string') return undefined;
    return missing(
      `the body carries params.${source}="${inBody}" but the required Mcp-Name header is absent`,
    );
  }
  const named = decodeHeaderText(headers.name);
  if (named === undefined) {
    return { header: headers.name, body: 'the Mcp-Name header carries an invalid Base64 sentinel value' };
  }
  if (typeof inBody !== 'string' || inBody === named) return undefined;
  return {
    header: headers.name,
    body: `the body carries params.${source}="${inBody}" but the Mcp-Name header names "${named}"`,
  };
}

function missing(body: string): HeaderMismatch {
  return { header: '(missing)', body };
}
