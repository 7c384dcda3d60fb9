// Digests of secrets that are looked up, and comparison that tells nothing by its duration.
import { hash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of the UTF-8 text in base64url, 43 characters: how a token or code is stored (design rule 4). */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** Whether two texts are equal; takes as long for a near miss as for a far one. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
