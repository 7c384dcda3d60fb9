// RFC 8707 §2.2: a token request may name the resource again, in any spelling, but not another one.
import { findResource, inWordsOf, type Facts, type ScopeNames } from '@sallyport/protocol';
import type { Grant } from '@sallyport/storage';
import { refuse } from '../../refusals.ts';
import type { Resources } from './index.ts';

export function confirmResource(
  asked: readonly string[],
  granted: string,
  resources: Resources,
  facts: Facts,
): void {
  for (const text of asked) {
    const resource = findResource(text, resources);
    if (resource === undefined) throw refuse('resource_unknown', facts);
    if (resource.resource !== granted) throw refuse('resource_differs', facts);
  }
}

/** What the scopes of a resource are called; nothing means anything when the server is not here any more. */
export function scopeNamesOf(resource: string, resources: Resources): ScopeNames {
  return findResource(resource, resources) ?? { scopes: [] };
}

/** In the words of the client, of this request or of the one that the grant is from. */
export function toldScope(
  grant: Grant,
  granted: readonly string[],
  resources: Resources,
  words: readonly string[] = [],
): readonly string[] {
  const own = words.length > 0 ? words : (grant.scopeWords ?? granted);
  return inWordsOf(own, granted, scopeNamesOf(grant.resource, resources));
}
