// The story of a request for records: admit → permit → read → perform → print.

import type { JsonObject } from '@sallyport/protocol';
import type { ResourceServer } from '@sallyport/resource-server';
import { isDenied, perform } from '@sallyport/toolsets';
import type { Denied, RecordsStorage } from '@sallyport/toolsets';
import type { Endpoint } from './endpoints.ts';
import type { RestHandle } from './index.ts';
import { readAsked } from './read-asked.ts';
import { respond } from './respond.ts';

export function recordsAt(endpoint: Endpoint, guard: ResourceServer, storage: RecordsStorage): RestHandle {
  const { operation, status } = endpoint;
  return async (request, arrival) => {
    const caller = await guard.admit(request, arrival.now, arrival);
    if (caller instanceof Response) return caller;
    const needed = [operation.scope];
    if (!guard.hasScopes(needed, caller)) return guard.insufficientScope(needed, caller);

    const asked = await readAsked(request, endpoint);
    const answer = await perform(operation, asked, { storage, userId: caller.sub, now: arrival.now });
    return isDenied(answer) ? deny(answer) : print(answer, status);
  };
}

const statusOf: Readonly<Record<Denied['denied'], number>> = { invalid: 400, not_owner: 403, not_found: 404 };

function deny({ denied, sentence }: Denied): Response {
  return respond(statusOf[denied], { error: sentence });
}

function print(answer: JsonObject, status: Endpoint['status']): Response {
  return respond(status, status === 204 ? undefined : answer);
}
