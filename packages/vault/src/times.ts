// When tokens are refreshed, and until when they are handed out. Pure; epoch seconds.
import type { KeptTokens } from './entry.ts';
import {
  earliestShareOfLife,
  lastShareOfLife,
  leastPostponedSeconds,
  mostLastSeconds,
  mostPostponedSeconds,
  mostRetryAfterSeconds,
} from './limits.ts';

interface Life {
  readonly obtainedAt: number;
  readonly expiresAt: number;
}

/**
 * Between twice and once `refreshBeforeSeconds` before the end, so that what was obtained together is not refreshed
 * together; of a short life in proportion, and never in its first half.
 * @param chance from 0 up to 1
 */
export function refreshAtOf(
  { obtainedAt, expiresAt }: Life,
  refreshBeforeSeconds: number,
  chance: number = Math.random(),
): number {
  const life = expiresAt - obtainedAt;
  const before = Math.min(refreshBeforeSeconds, (life * (1 - earliestShareOfLife)) / 2);
  const earliest = Math.ceil(obtainedAt + life * earliestShareOfLife);
  return Math.max(earliest, Math.floor(expiresAt - before * (1 + chance)));
}

/** What the store is told of the times of tokens. Without a refresh token there is nothing to do in time. */
export function timesOf(
  { refresh_token, obtainedAt }: Pick<KeptTokens, 'refresh_token' | 'obtainedAt'>,
  expiresAt: number | undefined,
  refreshBeforeSeconds: number,
): { readonly expiresAt?: number; readonly refreshAt?: number } {
  if (expiresAt === undefined) return {};
  if (refresh_token === undefined) return { expiresAt };
  return { expiresAt, refreshAt: refreshAtOf({ obtainedAt, expiresAt }, refreshBeforeSeconds) };
}

/** Whether it lasts long enough to be used. */
export function isUsable(
  { obtainedAt, expiresAt }: { obtainedAt: number; expiresAt: number | undefined },
  now: number,
): boolean {
  if (expiresAt === undefined) return true;
  const life = expiresAt - obtainedAt;
  return now < expiresAt - Math.min(mostLastSeconds, life * lastShareOfLife);
}

/** The longer a provider has been away, the more rarely it is asked, without anything being counted. */
export function postponedSeconds(
  { expiresAt, retryAfterSeconds }: { expiresAt: number | undefined; retryAfterSeconds: number },
  now: number,
  chance: number = Math.random(),
): number {
  const overdue = Math.max(0, now - (expiresAt ?? now)) / 3;
  const seconds = Math.min(mostPostponedSeconds, Math.max(leastPostponedSeconds, overdue));
  const spread = seconds * (0.75 + chance / 4);
  return Math.ceil(Math.max(spread, Math.min(retryAfterSeconds, mostRetryAfterSeconds)));
}
