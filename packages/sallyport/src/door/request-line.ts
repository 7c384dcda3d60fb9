// One line for each request: what was asked, what became of it, how long it took, and whose it was. The route is the
// pattern of the path: queries, and some paths, hold codes, states and setup tokens.

import type { Log } from '@sallyport/protocol';
import type { Answered } from './receive.ts';

export function requestLine(log: Log): (answered: Answered) => void {
  return ({ request, arrival, response, milliseconds }) => {
    const { traceId, address, route, client_id, userId, grantId, isLogged } = arrival;
    if (isLogged === true) return;
    log('info', 'request', {
      traceId,
      address,
      method: request.method,
      route,
      status: response.status,
      durationMilliseconds: Math.round(milliseconds * 10) / 10,
      client_id,
      userId,
      grantId,
    });
  };
}
