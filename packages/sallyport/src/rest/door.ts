// The only place of the REST half that catches a refusal. Programs read `error`: below /api/v1 it is a sentence, as the
// records API always answered; elsewhere it is OAuth's code.

import { isRefusal } from '@sallyport/protocol';
import type { Log } from '@sallyport/protocol';
import type { RestHandle } from './index.ts';
import { refuse } from './refusals.ts';
import { respond } from './respond.ts';

/** @param handles by method; what GET answers, HEAD asks for without the body */
export function restDoor(handles: Readonly<Record<string, RestHandle>>, log: Log): RestHandle {
  const byMethod = new Map(Object.entries(handles));
  const get = byMethod.get('GET');
  if (get !== undefined) byMethod.set('HEAD', get);
  return async (request, arrival) => {
    try {
      const handle = byMethod.get(request.method);
      if (handle === undefined) throw refuse('method_not_taken', { method: request.method });
      return await handle(request, arrival);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { reason, facts, row } = error;
      log('info', 'refused', { room: 'rest', traceId: arrival.traceId, reason, ...facts });
      const isSentence = new URL(request.url).pathname.startsWith('/api/v1/');
      const body = isSentence
        ? { error: row.sentence }
        : { error: row.error, error_description: row.sentence };
      const wait = facts['retryAfterSeconds'];
      return respond(row.status, body, {
        ...(row.status === 405 && { allow: [...byMethod.keys()].join(', ') }),
        ...(row.status === 401 && { 'www-authenticate': 'Bearer realm="operator"' }),
        ...(wait !== undefined && { 'retry-after': String(wait) }),
      });
    }
  };
}
