// Comparing a presented secret with the digest that is kept of the right one.
import { digest, equalInConstantTime } from '@sallyport/crypto';
import type { Client } from '@sallyport/storage';
import type { PresentedClient } from './index.ts';

export function isClientSecret(client: Client, { client_secret }: PresentedClient): boolean {
  if (client.secretDigest === undefined || client_secret === undefined) return false;
  return equalInConstantTime(client.secretDigest, digest(client_secret));
}
