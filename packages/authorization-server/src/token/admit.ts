// The client of a request, let in: authenticated, not too often, and once if its proof is good for once. What failed is
// counted, by the place that it came from.
import { type Arrival, isRefusal, type Parameters } from '@sallyport/protocol';
import type { Room } from '../options.ts';
import type { Limited } from '../rate-limits.ts';
import { refuse } from '../refusals.ts';
import { authenticateClient, type AuthenticatedClient, type ClientAuthMethod } from './client-auth/index.ts';

interface Admitting {
  /** Of the methods; default all. */
  readonly accepted?: readonly ClientAuthMethod[];
  /** What a request of a client that has authenticated counts as. */
  readonly countedAs?: keyof Pick<Limited, 'tokenRequest' | 'introspection'>;
}

/** @throws what `authenticateClient` throws, or in its place a refusal that there were too many */
export async function admitClient(
  request: Request,
  parameters: Parameters,
  room: Room,
  arrival: Arrival,
  { accepted, countedAs = 'tokenRequest' }: Admitting = {},
): Promise<AuthenticatedClient> {
  const { storage, limited } = room;
  const { client, once } = await authenticateClient(request, parameters, room, arrival, accepted).catch(
    failed,
  );
  const { client_id, authMethod } = client;
  await limited[countedAs](arrival, client_id);
  // Only now, so that what a client can have us keep is bounded by how often it may ask.
  if (once !== undefined && (await storage.claim({ ...once, now: arrival.now })) === 'taken')
    return failed(refuse('assertion_replayed', { client_id, method: authMethod }));
  return client;

  async function failed(failure: unknown): Promise<never> {
    if (isRefusal(failure)) await limited.failedAuthentication(arrival);
    throw failure;
  }
}
