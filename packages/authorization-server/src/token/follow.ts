// Which login a request of a client belongs to, for its line in the log and for what the client's maker is told.
import { digest } from '@sallyport/crypto';
import { learn, type Arrival, type Parameters } from '@sallyport/protocol';
import type { Grant, Storage } from '@sallyport/storage';

export function followGrant(arrival: Arrival, { id, traceId, clientId, userId }: Grant): void {
  learn(arrival, { traceId, client_id: clientId, userId, grantId: id });
}

/** Of a client that could not authenticate only the code says it; the code itself is neither judged nor spent. */
export async function followCode(arrival: Arrival, { values }: Parameters, storage: Storage): Promise<void> {
  const found = values['code'] === undefined ? undefined : await storage.findCode(digest(values['code']));
  if (found !== undefined) learn(arrival, { traceId: found.grant.traceId });
}
