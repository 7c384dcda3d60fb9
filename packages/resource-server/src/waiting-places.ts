// Places on the network from which too many tokens came that are none: for them no issuer is asked about yet another one,
// until their time is over. What is known to be good is let in from there as from anywhere.
import { addressPrefix, type Arrival } from '@sallyport/protocol';
import type { Sender } from './introspection.ts';
import { MAX_WAITING_PLACES } from './limits.ts';
import { refuse } from './refusals.ts';

export function waitingPlaces() {
  const waits = new Map<string, { readonly since: number; readonly until: number }>();

  /** Whose token it is, for a judge that would ask about it. */
  function senderOf({ address }: Arrival, now: number): Sender {
    const place = addressPrefix(address);
    return {
      place,
      judge() {
        const { since, until } = waits.get(place) ?? { since: now, until: now };
        // A clock that was set back must not make it last.
        if (since <= now && now < until)
          throw refuse('too_many_refused_tokens', { retryAfterSeconds: until - now });
        waits.delete(place);
      },
    };
  }

  function note({ address }: Arrival, seconds: number, now: number): void {
    const place = addressPrefix(address);
    waits.delete(place);
    waits.set(place, { since: now, until: now + seconds });
    const [oldest] = waits.keys();
    if (waits.size > MAX_WAITING_PLACES && oldest !== undefined) waits.delete(oldest);
  }

  return { senderOf, note };
}
