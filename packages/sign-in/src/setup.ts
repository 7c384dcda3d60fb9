// The link that makes the first account, the operator's. Its token is computed, not stored: every instance prints the
// same link, after a restart too, and only who reads the program's output (or its keys) has it.
import { equalInConstantTime, hmac, type Keychain } from '@sallyport/crypto';
import type { AccountPolicy } from './accounts/policy.ts';
import { pathTo } from './paths.ts';
import { refuse } from './refusals.ts';
import type { SignInOptions } from './room.ts';

const PURPOSE = 'sign-in: the first account';

/** Path and query of the link. */
export function setupPathOf(derivation: Keychain): string {
  return pathTo('signUp', { setup: hmac(derivation.current, PURPOSE) });
}

/**
 * Who may make an account, or sign in, at this moment: until there is an account, only who has the link.
 * @param setup the token, as presented
 * @param policy of the provider that says who it is: where a rule of it names operators, one of them may be the first
 * @throws {Refusal} `setup_link_spent`, `setup_link_wrong`, `first_account_missing`
 */
export async function checkMayMakeFirst(
  { storage, derivation }: Pick<SignInOptions, 'storage' | 'derivation'>,
  setup: string | undefined,
  policy?: Pick<AccountPolicy, 'operators'>,
): Promise<void> {
  const hasUsers = await storage.hasUsers();
  if (setup !== undefined && hasUsers) throw refuse('setup_link_spent');
  if (setup !== undefined && !isSetupToken(derivation, setup)) throw refuse('setup_link_wrong');
  if (setup === undefined && !hasUsers && policy?.operators === undefined)
    throw refuse('first_account_missing');
}

/** A link that was printed before the key was replaced still counts. */
function isSetupToken(derivation: Keychain, presented: string): boolean {
  return derivation.known.some((key) => equalInConstantTime(hmac(key, PURPOSE), presented));
}
