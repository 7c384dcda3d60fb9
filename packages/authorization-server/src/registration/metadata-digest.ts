// By what an identical registration is found again.
import { digest } from '@sallyport/crypto';
import type { ClientMetadata } from '@sallyport/protocol';

/** Of the metadata as it was read, in whatever order its members came; the order inside a list counts. */
export function metadataDigestOf(metadata: ClientMetadata): string {
  return digest(JSON.stringify(inOrder(metadata)));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, inOrder(member)] as const);
  return Object.fromEntries(members.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
