// What a server that something was allowed for is called.
import type { AccountParts } from './door.ts';

/** A server that is no longer served here is called by its URL; what was allowed for it is still to be seen. */
export function serverOf(resource: string, { resources }: AccountParts) {
  const known = resources.find((one) => one.resource === resource);
  return known ?? { title: resource, scopes: [] };
}
