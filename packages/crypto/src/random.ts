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
  const at = take(bytes);
  const text = pool.toString('base64url', at, at + bytes);
  pool.fill(0, at, at + bytes);
  return text;
}

/** Writes unguessable bytes (at most 64) to `target`, from `offset` to its end. */
export function fillRandom(target: Buffer, offset: number): void {
  const bytes = target.length - offset;
  const at = take(bytes);
  pool.copy(target, offset, at, at + bytes);
  pool.fill(0, at, at + bytes);
}

/** @returns where in the pool they are, which whoever reads them then wipes */
function take(bytes: number): number {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return used - bytes;
}
