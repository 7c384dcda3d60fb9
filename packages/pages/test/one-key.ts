// A key to sign forms with, and no older one.
import { createSecretKey, randomBytes } from 'node:crypto';
import type { FormKeys } from '@sallyport/pages';

export function oneKey(): FormKeys {
  const current = { key: createSecretKey(randomBytes(32)) };
  return { current, known: [current] };
}
