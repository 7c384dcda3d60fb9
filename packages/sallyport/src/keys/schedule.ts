// Where each key is in its life at a moment: pure judgement over what is stored.

import { keyInUse, signerAt } from '@sallyport/crypto';
import type { SealedSigningKey } from '@sallyport/crypto';
import { supersededSigningKeySeconds } from '@sallyport/storage';

/** Epoch seconds. */
export type KeyState =
  /** Makes what is new. */
  | { readonly state: 'current' }
  /** Known, but used only from then on. */
  | { readonly state: 'next'; readonly from: number }
  /** What it made is accepted; until it is retired where there is no `until`. */
  | { readonly state: 'accepted'; readonly until?: number };

type Scheduled = Pick<SealedSigningKey, 'kid' | 'signsFromAt'>;

/** @param newestFirst as the store lists them */
export function signingStates<Key extends Scheduled>(
  newestFirst: readonly Key[],
  now: number,
): readonly { readonly key: Key; readonly at: KeyState }[] {
  const signer = newestFirst.indexOf(signerAt(newestFirst, now) as Key);
  return newestFirst.map((key, index) => {
    if (index === signer) return { key, at: { state: 'current' } };
    if (index < signer) return { key, at: { state: 'next', from: key.signsFromAt } };
    // It stopped when the first of those after it began.
    const ended = Math.min(...newestFirst.slice(0, index).map(({ signsFromAt }) => signsFromAt));
    return { key, at: { state: 'accepted', until: ended + supersededSigningKeySeconds } };
  });
}

/**
 * @param newestLast as secrets.json has them
 * @returns the newest first
 */
export function secretStates<Key extends { readonly id: string; readonly usedFromAt: number }>(
  newestLast: readonly Key[],
  now: number,
): readonly { readonly key: Key; readonly at: KeyState }[] {
  const current = newestLast.indexOf(keyInUse({ keys: newestLast }, now));
  const stateOf = (key: Key, index: number): KeyState => {
    if (index === current) return { state: 'current' };
    return index > current ? { state: 'next', from: key.usedFromAt } : { state: 'accepted' };
  };
  return newestLast.map((key, index) => ({ key, at: stateOf(key, index) })).toReversed();
}
