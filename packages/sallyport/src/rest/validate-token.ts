// POST /oauth/validate: whether the bearer token of the request is good for any server here, whose it is, and until when.

import type { ResourceServer } from '@sallyport/resource-server';
import type { RestHandle } from './index.ts';
import { respond } from './respond.ts';

export function validateToken(guards: readonly ResourceServer[]): RestHandle {
  return async (request, arrival) => {
    const challenges: Response[] = [];
    for (const guard of guards) {
      const caller = await guard.admit(request, arrival.now, arrival);
      if (!(caller instanceof Response)) {
        const expires_at = new Date(caller.expiresAt * 1000).toISOString();
        return respond(200, { valid: true, user_id: caller.sub, expires_at });
      }
      challenges.push(caller);
    }
    // They differ in the server they name; the first stands for all.
    return challenges[0] ?? respond(401, { error: 'invalid_token' });
  };
}
