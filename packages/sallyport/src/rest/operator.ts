// Who may use the operator's API: whoever presents the token of `admin.token`. Without that key there is no such API.

import { digest, equalInConstantTime } from '@sallyport/crypto';
import { addressPrefix, readBearer, widePrefix } from '@sallyport/protocol';
import type { OpenCounter } from '@sallyport/storage';
import type { RestHandle } from './index.ts';
import { wrongOperatorTokens } from './limits.ts';
import { refuse } from './refusals.ts';

/** @returns what lets a handle be reached with the token only */
export function operatorGuard(token: string, openCounter: OpenCounter): (handle: RestHandle) => RestHandle {
  const expected = digest(token);
  const wrong = openCounter({ name: 'operator', wider: widePrefix, ...wrongOperatorTokens });
  return (handle) => async (request, arrival) => {
    const presented = readBearer(request.headers.get('authorization'));
    // Digests, since only texts of one length take the same time.
    if (presented !== undefined && equalInConstantTime(digest(presented), expected))
      return handle(request, arrival);
    const excess = await wrong.count(addressPrefix(arrival.address));
    if (excess === undefined) throw refuse('operator_token_refused', { address: arrival.address });
    throw refuse('operator_token_refused_often', {
      address: arrival.address,
      retryAfterSeconds: excess.waitSeconds,
    });
  };
}
