// What happens to every request before and after the rooms: it is given its arrival, its host name is judged, and
// nothing that escapes a room leaves as anything but a plain answer.

import { randomToken } from '@sallyport/crypto';
import { isRefusal } from '@sallyport/protocol';
import type { Arrival, Log, Refusal } from '@sallyport/protocol';
import { addressReader } from './address.ts';
import { guardBody } from './body.ts';
import { hostRule } from './host.ts';
import { oneAddressWatch } from './one-address.ts';
import { refuse } from './refusals.ts';

/** The rooms, joined. */
export type Handle = (request: Request, arrival: Arrival) => Promise<Response> | Response;

/** One request and its answer, for whoever keeps count. */
export interface Answered {
  readonly request: Request;
  /** With all that the rooms have found out. */
  readonly arrival: Arrival;
  readonly response: Response;
  /** From the request's head to the answer's; a body may still be on its way. */
  readonly milliseconds: number;
}

export interface Reception {
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly trustedProxies: readonly string[];
  readonly handle: Handle;
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
  /** Hears of every request once it has its answer. Without it, nothing is measured. */
  readonly answered?: ((answered: Answered) => void) | undefined;
}

/**
 * @returns a function of the request, its socket's peer, and what cuts the connection when a body breaks while it is
 *   sent; it never throws
 */
export function receiver(reception: Reception) {
  const { publicUrl, trustedProxies, handle, log, now, answered } = reception;
  const addressOf = addressReader(trustedProxies);
  const judgeHost = hostRule(publicUrl);
  const watch = oneAddressWatch(reception, log);
  return answered === undefined ? receive : receiveMeasured(answered);

  async function receive(
    request: Request,
    peer: string | undefined,
    cut?: () => void,
    arrival = arrive(request, peer),
  ): Promise<Response> {
    try {
      const host = judgeHost(request);
      if (host.verdict === 'redirect') return redirect(host.location);
      if (host.verdict === 'refuse') throw refuse('host_differs', { host: new URL(request.url).host });
      const response = await handle(request, arrival);
      if (response.status === 429) watch.limited(peer, request.headers, arrival);
      return guardBody(response, (cause) => {
        logUnexpected('response_broke', cause, arrival, log);
        cut?.();
        return undefined;
      });
    } catch (error) {
      return answerError(error, arrival, log);
    }
  }

  function receiveMeasured(tell: NonNullable<Reception['answered']>): typeof receive {
    return async (request, peer, cut) => {
      const began = performance.now();
      const arrival = arrive(request, peer);
      const response = await receive(request, peer, cut, arrival);
      tell({ request, arrival, response, milliseconds: performance.now() - began });
      return response;
    };
  }

  function arrive(request: Request, peer: string | undefined): Arrival {
    const { headers } = request;
    const arrival = { now: now(), address: addressOf(peer, headers), traceId: randomToken(12) };
    watch.arrived(peer, headers, arrival);
    return arrival;
  }
}

/** The answer to what no room caught. The cause goes to the log only. */
export function answerError(error: unknown, arrival: Arrival, log: Log): Response {
  const { traceId, address } = arrival;
  if (isRefusal(error)) {
    const { row, facts } = error;
    // Port scanners meet this all day; whoever looks for a cause turns the level up.
    log('info', 'refused', { room: 'door', reason: error.reason, ...facts, traceId, address });
    return print(row, traceId);
  }
  logUnexpected('unexpected', error, arrival, log);
  return print(refuse('unexpected').row, traceId);
}

function logUnexpected(event: string, cause: unknown, { traceId, address }: Arrival, log: Log): void {
  const { message, stack } = cause instanceof Error ? cause : new Error(String(cause));
  log('error', event, { traceId, address, message, stack });
}

function print({ error, status, sentence }: Refusal['row'], traceId: string): Response {
  return Response.json(
    { error, error_description: sentence, trace_id: traceId },
    {
      status,
      headers: {
        'cache-control': 'no-store',
        'access-control-allow-origin': '*',
        'sallyport-trace': traceId,
      },
    },
  );
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
}
