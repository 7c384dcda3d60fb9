// The client of a request, authenticated; and what failed is counted, by the place that it came from.
import { type Arrival, isRefusal, type Parameters } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import type { Room } from '../options.ts';
import { authenticateClient, type ClientAuthMethod } from './client-auth/index.ts';

/**
 * @param accepted of the methods; default all
 * @throws what `authenticateClient` throws, or in its place `too_many_failed_authentications`
 */
export async function admitClient(
  request: Request,
  parameters: Parameters,
  { storage, limited }: Pick<Room, 'storage' | 'limited'>,
  arrival: Arrival,
  accepted?: readonly ClientAuthMethod[],
): Promise<Client> {
  try {
    return await authenticateClient(request, parameters, storage, arrival, accepted);
  } catch (failure) {
    if (isRefusal(failure)) await limited.failedAuthentication(arrival);
    throw failure;
  }
}
