// Tokens that are none, counted by the place that they come from, for all servers of the house and the REST half together.
import { addressPrefix, type Arrival, type Log, widePrefix } from '@sallyport/protocol';
import type { OpenCounter } from '@sallyport/storage';

interface RefusedTokens {
  readonly perMinute: number;
  readonly isExempt: (address: string) => boolean;
  readonly openCounter: OpenCounter;
  readonly log: Log;
}

/** @returns what a guard asks before it refuses a token: how many seconds to wait, if that many came before */
export function refusedTokens({ perMinute, isExempt, openCounter, log }: RefusedTokens) {
  const limit = 'refused_token';
  const counter = openCounter({
    name: limit,
    points: perMinute,
    seconds: 60,
    wider: widePrefix,
    inLots: true,
  });
  // One request may try a token at several guards; it is one guess.
  const asked = new WeakMap<Arrival, Promise<number | undefined>>();
  return (arrival: Arrival | undefined): Promise<number | undefined> => {
    if (arrival === undefined || isExempt(arrival.address)) return Promise.resolve(undefined);
    const answer = asked.get(arrival) ?? count(arrival);
    asked.set(arrival, answer);
    return answer;
  };

  async function count({ address, traceId }: Arrival): Promise<number | undefined> {
    const excess = await counter.count(addressPrefix(address));
    if (excess === undefined) return undefined;
    const { waitSeconds: retryAfterSeconds } = excess;
    if (excess.isFirst) log('warn', 'rate_limit_reached', { limit, address, traceId, retryAfterSeconds });
    return retryAfterSeconds;
  }
}
