// The link that makes the first account, the operator's. Its token is computed, not stored: every instance prints the
// same link, after a restart too, and only who reads the program's output (or its keys) has it.
import { equalInConstantTime, hmac, type NamedKey } from '@sallyport/crypto';
import { pathTo } from './paths.ts';

const PURPOSE = 'sign-in: the first account';

/** Path and query of the link. */
export function setupPathOf(derivation: NamedKey): string {
  return pathTo('signUp', { setup: hmac(derivation, PURPOSE) });
}

export function isSetupToken(derivation: NamedKey, presented: string): boolean {
  return equalInConstantTime(hmac(derivation, PURPOSE), presented);
}
