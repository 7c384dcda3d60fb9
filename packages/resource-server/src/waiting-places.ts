// Places on the network from which too many tokens came that are none: for them no issuer is asked about yet another one,
// until their time is over. What is known to be good is let in from there as from anywhere.
import { addressPrefix, type Arrival } from '@sallyport/protocol';
import type { Sender } from './introspection.ts';
import { MAX_WAITING_PLACES } from './limits.ts';
import { refuse } from './refusals.ts';

export function waitingPlaces() {
  const until = new Map<string, number>();

  /** Whose token it is, for a judge that would ask about it. */
  function senderOf({ address }: Arrival, now: number): Sender {
    const place = addressPrefix(address);
    return {
      place,
      judge() {
        const retryAfterSeconds = (until.get(place) ?? 0) - now;
        if (retryAfterSeconds > 0) throw refuse('too_many_refused_tokens', { retryAfterSeconds });
        until.delete(place);
      },
    };
  }

  function note({ address }: Arrival, seconds: number, now: number): void {
    const place = addressPrefix(address);
    until.delete(place);
    until.set(place, now + seconds);
    const [oldest] = until.keys();
    if (until.size > MAX_WAITING_PLACES && oldest !== undefined) until.delete(oldest);
  }

  return { senderOf, note };
}
