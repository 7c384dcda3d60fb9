// How somebody else's authorization server is reached: what the operator wrote, and the issuer's own host, at any address;
// what only its metadata names, as a stranger's URL (https, public, on the usual port).
import { guardedFetch, type Network } from '@sallyport/guarded-fetch';
import type { ForeignAuthorizationServer } from '@sallyport/resource-server';

/** The guard reads no more itself; one byte more tells it that there is more. */
const MAX_ANSWER_BYTES = 262_145;

export function wayOut(
  { issuer, introspection, jwks_uri }: ForeignAuthorizationServer,
  network: Network | undefined,
): typeof globalThis.fetch {
  const operators = guardedFetch({ anyAddressBecauseTheOperatorNamedIt: true, network });
  const strangers = guardedFetch({ network });
  const { host } = new URL(issuer);
  const written = [jwks_uri, typeof introspection === 'object' ? introspection.endpoint : undefined];

  return async (input, init) => {
    const request = new Request(input, init);
    const { url, method } = request;
    const isTheOperators = new URL(url).host === host || written.includes(url);
    const body = method === 'POST' ? await request.text() : undefined;
    const { status, bytes, contentType } = await (isTheOperators ? operators : strangers).exchange(url, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers: Object.fromEntries(request.headers),
      ...(body !== undefined && { body }),
      maxBytes: MAX_ANSWER_BYTES,
    });
    const isEmpty = status === 204 || status === 205 || status === 304;
    const headers = { 'content-type': contentType };
    return new Response(isEmpty ? null : new Uint8Array(bytes), { status, headers });
  };
}
