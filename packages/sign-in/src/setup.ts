// The link that makes the first account, the operator's. Its token is computed, not stored: every instance prints the
// same link, after a restart too, and only who reads the program's output (or its keys) has it.
import { equalInConstantTime, hmac, type Keychain } from '@sallyport/crypto';
import { pathTo } from './paths.ts';

const PURPOSE = 'sign-in: the first account';

/** Path and query of the link. */
export function setupPathOf(derivation: Keychain): string {
  return pathTo('signUp', { setup: hmac(derivation.current, PURPOSE) });
}

/** A link that was printed before the key was replaced still counts. */
export function isSetupToken(derivation: Keychain, presented: string): boolean {
  return derivation.known.some((key) => equalInConstantTime(hmac(key, PURPOSE), presented));
}
