// Comparing a presented secret with the digests that are kept of the right one, and of the one before while that is good.
import { digest, equalInConstantTime } from '@sallyport/crypto';
import type { Client } from '@sallyport/storage';
import type { PresentedClient } from './index.ts';

export function isClientSecret(
  { secretDigest, formerSecret }: Client,
  { client_secret }: PresentedClient,
  now: number,
): boolean {
  if (secretDigest === undefined || client_secret === undefined) return false;
  const presented = digest(client_secret);
  const isNewest = equalInConstantTime(secretDigest, presented);
  // Compared whether or not it is good any more, so that the time tells nothing of either.
  const isFormer = equalInConstantTime(formerSecret?.digest ?? secretDigest, presented);
  return isNewest || (isFormer && formerSecret !== undefined && now < formerSecret.validUntil);
}
