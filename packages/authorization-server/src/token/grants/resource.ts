// RFC 8707 §2.2: a token request may name the resource again, in any spelling, but not another one.
import { findResource, type Facts } from '@sallyport/protocol';
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

/** Names of all scopes that a resource has; none when the server is not here any more. */
export function knownScopes(resource: string, resources: Resources): readonly string[] {
  return findResource(resource, resources)?.scopes.map(({ name }) => name) ?? [];
}
