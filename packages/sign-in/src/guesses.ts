// Guessing is slowed by address, by (account, address) and by account. Nothing here asks whether the account exists,
// so the answers cannot tell. Every attempt is counted before it is judged, so that parallel ones all count.
import { addressPrefix, widePrefix } from '@sallyport/protocol';
import type { Excess, OpenCounter } from '@sallyport/storage';
import { limits } from './limits.ts';
import { refuse } from './refusals.ts';

interface Guess {
  /** Stands for the e-mail address; not the address itself. */
  readonly account: string;
  /** Client address as text. */
  readonly address: string;
  /** The browser's own id. */
  readonly browser: string;
}

/** A guess that was let through to be judged. One of these ends it; none leaves it counted as wrong. */
export interface CountedGuess {
  /** It was right: this place starts afresh. Other places do not: theirs were not this person's guesses. */
  right(): Promise<void>;
  /** It could not be judged. */
  unjudged(): Promise<void>;
}

export interface Guesses {
  /** @throws {Refusal} `too_many_attempts` with the fact `retryAfterSeconds` */
  readonly count: (guess: Guess) => Promise<CountedGuess>;
}

export function guesses(open: OpenCounter): Guesses {
  const byAddress = open({ name: 'guess-address', wider: widePrefix, ...limits.guessesPerAddress });
  const byPlace = open({ name: 'guess-place', ...limits.guessesPerPlace });
  const byAccount = open({ name: 'guess-account', ...limits.guessesPerAccount });
  const blocks = open({ name: 'guess-blocks', points: 1, seconds: limits.blockMemorySeconds });
  const known = open({ name: 'known-place', points: 1, seconds: limits.knownPlaceSeconds });
  return { count: countGuess };

  async function countGuess({ account, address, browser }: Guess): Promise<CountedGuess> {
    const prefix = addressPrefix(address);
    const place = `${account}|${prefix}`;
    const ownBrowser = `${account}|${browser}`;

    await countAddress(prefix);
    await countPlace(place);
    // Last, so that what one place sends while it is blocked does not use up the account's share.
    await countAccount(account, [place, ownBrowser]);

    return {
      async right() {
        await Promise.all([
          byPlace.forget(place),
          blocks.forget(place),
          byAccount.takeBack(account),
          byAddress.takeBack(prefix),
          known.set(place, 1, limits.knownPlaceSeconds),
          known.set(ownBrowser, 1, limits.knownPlaceSeconds),
        ]);
      },
      async unjudged() {
        await Promise.all([byPlace.takeBack(place), byAccount.takeBack(account), byAddress.takeBack(prefix)]);
      },
    };
  }

  async function countAddress(prefix: string): Promise<void> {
    const excess = await byAddress.count(prefix);
    if (excess) throw tooMany('address', excess);
  }

  async function countPlace(place: string): Promise<void> {
    const excess = await byPlace.count(place);
    if (excess === undefined) return;
    if (!excess.isFirst) throw tooMany('place', excess);
    const times = await blocks.add(place);
    const seconds = Math.min(limits.firstBlockSeconds * 2 ** (times - 1), limits.longestBlockSeconds);
    await byPlace.set(place, limits.guessesPerPlace.points + 1, seconds);
    throw tooMany('place', { waitSeconds: seconds, isFirst: true });
  }

  // Guesses from elsewhere must not shut the owner out, so where the owner has been is exempt.
  async function countAccount(account: string, places: readonly string[]): Promise<void> {
    const excess = await byAccount.count(account);
    if (excess === undefined) return;
    for (const place of places) if ((await known.get(place)) !== undefined) return;
    throw tooMany('account', excess);
  }
}

export function tooMany(
  limit: 'address' | 'place' | 'account' | 'sign_up' | 'leaving_address' | 'leaving_browser',
  { waitSeconds, isFirst }: Excess,
) {
  return refuse('too_many_attempts', { limit, retryAfterSeconds: waitSeconds, isFirst });
}
