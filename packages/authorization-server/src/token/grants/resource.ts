// RFC 8707 §2.2: a token request may name the resource again, in any spelling, but not another one.
import { findResource, type Facts, type ScopeDefinition } from '@sallyport/protocol';
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

/** All scopes that a resource has; none when the server is not here any more. */
export function knownScopes(resource: string, resources: Resources): readonly ScopeDefinition[] {
  return findResource(resource, resources)?.scopes ?? [];
}
