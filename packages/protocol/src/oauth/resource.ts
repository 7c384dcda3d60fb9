// RFC 8707: which protected resource a request means. One exact form goes out; slash, case and default-port variants
// come in, because people type them and clients normalise them (design rule 2).
import type { ProtectedResource } from '../caller.ts';

/**
 * @returns the form in which two identifiers are compared, or undefined for what cannot be a resource identifier:
 *   not an absolute http(s) URI, with a fragment (RFC 8707 §2), or with credentials
 */
export function comparableResource(text: string): string | undefined {
  if (text.length > 2048 || !/^[\x21-\x7e]+$/.test(text) || text.includes('#') || text.includes('\\'))
    return undefined;
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  return `${url.origin}${url.pathname.replace(/\/$/, '')}${url.search}`;
}

/** The resource among `known` that `text` means, by its identifier or one of its aliases. */
export function findResource<R extends Pick<ProtectedResource, 'resource' | 'aliases'>>(
  text: string,
  known: readonly R[],
): R | undefined {
  // What we emit nearly always comes back as it is, and needs no parsing.
  const exact = known.find(({ resource }) => resource === text);
  if (exact !== undefined) return exact;
  const wanted = comparableResource(text);
  if (wanted === undefined) return undefined;
  return known.find(({ resource, aliases = [] }) =>
    [resource, ...aliases].some((identifier) => comparableResource(identifier) === wanted),
  );
}
