// What a request asks of an operation, as one object: of its path, its query and its body. The operation judges it.

import { readBody } from '@sallyport/protocol';
import type { JsonObject } from '@sallyport/protocol';
import type { Endpoint } from './endpoints.ts';
import { maxBodyBytes } from './limits.ts';
import { refuse } from './refusals.ts';

export async function readAsked(request: Request, { method, path }: Endpoint): Promise<JsonObject> {
  const url = new URL(request.url);
  const isOfOne = path.endsWith('/:id');
  return {
    ...(method === 'GET' && !isOfOne && readQuery(url.searchParams)),
    ...((method === 'POST' || method === 'PATCH') && (await readJsonObject(request))),
    // Last, so that no body names another record than the path does.
    ...(isOfOne && { id: lastSegment(url.pathname) }),
  };
}

/** Whole numbers become numbers; what is none stays the text that it is, for the operation to refuse. */
function readQuery(query: URLSearchParams): JsonObject {
  const names = [...query.keys()];
  if (new Set(names).size !== names.length) throw refuse('parameter_repeated');
  return Object.fromEntries(
    [...query].map(([name, value]) => [name, /^\d{1,15}$/.test(value) ? Number(value) : value]),
  );
}

export async function readJsonObject(request: Request): Promise<JsonObject> {
  if (!/^application\/json *(;|$)/i.test(request.headers.get('content-type') ?? ''))
    throw refuse('record_not_json');
  const body = await readBody(request, maxBodyBytes);
  if (body === 'too_large') throw refuse('record_too_large');
  const value = body === 'broken' ? undefined : parse(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('record_unreadable');
  return value as JsonObject;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** Percent-decoded; one that cannot be is nobody's id as it stands. */
export function lastSegment(pathname: string): string {
  const segment = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
