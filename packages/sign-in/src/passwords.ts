// Passwords: what is accepted, how it is kept (argon2id), how it is compared. The work is done on libuv's threads.
import { hash, verify } from '@node-rs/argon2';
import { limits } from './limits.ts';
import { refuse } from './refusals.ts';
import { turnstile } from './turnstile.ts';

/** One for the process, because memory and threads are the process's. */
export const hashing = turnstile(limits.simultaneousHashes, limits.waitingHashes);

/** Costs what a real one costs and is nobody's: compared with when there is no account, so that time tells nothing. */
export const nobodysHash =
  '$argon2id$v=19$m=19456,t=2,p=1$HnSV5p6qe70nzl4dU/mnTA$LrjkxPoPg10BUdTThyxf97muuXFmrVy2vSqWmqOYNms';

/**
 * Judges a password that somebody chooses, by length alone.
 * @throws {Refusal} `password_too_short`, `password_too_long`
 */
function checkNewPassword(password: string): void {
  const length = lengthOf(password);
  if (length < limits.passwordMin) throw refuse('password_too_short');
  if (length > limits.passwordMax) throw refuse('password_too_long');
}

/**
 * @returns a PHC string
 * @throws {Refusal} as `checkNewPassword`, or `busy`
 */
export async function hashPassword(password: string): Promise<string> {
  checkNewPassword(password);
  return hashing.pass(() => hash(prepared(password), limits.hash));
}

/**
 * Whether the password is the hash's. Without a hash, or without its owner's account, pass undefined: the answer is no,
 * after the same work.
 * @throws {Refusal} `busy`
 */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  // A length says nothing about an account, so this may be quick.
  if (lengthOf(password) > limits.passwordMax) return false;
  const matches = await hashing.pass(() => verify(passwordHash ?? nobodysHash, prepared(password)));
  return matches && passwordHash !== undefined;
}

// NIST SP 800-63B §5.1.1.2: NFKC, because the same keys give "é" as one code point on one system and as two on another,
// or full-width digits under another input method; without it a person could not sign in from their second device.
const prepared = (password: string): string => password.normalize('NFKC');

// In code points, by the same section, and before normalising, which may lengthen. No code point takes more than two units.
function lengthOf(password: string): number {
  return password.length > 2 * limits.passwordMax ? password.length : Array.from(password).length;
}
