// RFC 8707 §2: which server the tokens of a request are for.
import { findResource, type ProtectedResource } from '@sallyport/protocol';
import { refuse } from './refusals.ts';

/**
 * Several spellings of one server are one resource; two servers are refused.
 * @throws a refusal `resource_unknown`, `resource_ambiguous` or `resource_missing`
 */
export function chooseResource(
  asked: readonly string[],
  resources: readonly ProtectedResource[],
): ProtectedResource {
  const found = new Set(asked.map((text) => findResource(text, resources)));
  if (found.has(undefined)) throw refuse('resource_unknown');
  if (found.size > 1) throw refuse('resource_ambiguous');
  const [one = resources.find((resource) => resource.isDefault)] = found;
  if (one === undefined) throw refuse('resource_missing');
  return one;
}
