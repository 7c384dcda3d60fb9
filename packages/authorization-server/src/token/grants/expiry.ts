// A grant lives as long as the last token that it can have given.
import type { Lifetimes } from '../../options.ts';

/** @returns epoch seconds after which nothing of the grant can be alive, if nothing more is issued */
export function grantExpiry(lifetimes: Lifetimes, hasRefreshToken: boolean, now: number): number {
  const { accessTokenSeconds, refreshTokenSeconds } = lifetimes;
  return now + Math.max(accessTokenSeconds, hasRefreshToken ? refreshTokenSeconds : 0);
}
