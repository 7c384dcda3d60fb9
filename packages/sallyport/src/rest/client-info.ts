// GET /api/oauth/client-info/:client_id: what a consent page of one's own needs to know of a client, and no more of it.

import type { Storage } from '@sallyport/storage';
import type { RestHandle } from './index.ts';
import { lastSegment } from './read-asked.ts';
import { refuse } from './refusals.ts';
import { respond } from './respond.ts';

/** The name is what the client calls itself: nobody has checked it. Without one, its id stands for it. */
export function clientInfo(storage: Pick<Storage, 'findClient'>): RestHandle {
  return async (request) => {
    const client = await storage.findClient(lastSegment(new URL(request.url).pathname));
    if (client === undefined) throw refuse('client_not_found');
    const { client_id, metadata } = client;
    return respond(200, { client_id, client_name: metadata.client_name ?? client_id });
  };
}
