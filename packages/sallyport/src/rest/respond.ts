// How the REST half prints. Records go out as they are: an empty text and a list without tags are values here.

import type { JsonObject } from '@sallyport/protocol';
import type { RestHandle } from './index.ts';
import { documentMaxAgeSeconds } from './limits.ts';

export function respond(
  status: number,
  body: JsonObject | undefined,
  headers: Readonly<Record<string, string>> = {},
): Response {
  if (body === undefined)
    return new Response(null, { status, headers: { 'cache-control': 'no-store', ...headers } });
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  });
}

export function published(document: JsonObject): RestHandle {
  const headers = { 'cache-control': `public, max-age=${documentMaxAgeSeconds}` };
  return async () => respond(200, document, headers);
}
