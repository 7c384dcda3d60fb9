// The provider that needs nobody else: an e-mail address and a password that this deployment keeps a hash of.
// It begins with the sign-in form itself; other providers begin with a redirect.
import { hmac, type Keychain } from '@sallyport/crypto';
import { readEmail } from '@sallyport/protocol';
import type { Storage, User } from '@sallyport/storage';
import type { Guesses } from '../guesses.ts';
import { hashing, verifyPassword } from '../passwords.ts';
import { refuse } from '../refusals.ts';
import { busy } from '../turnstile.ts';

interface PresentedPassword {
  /** As typed. */
  readonly email: string;
  readonly password: string;
  /** Client address as text. */
  readonly address: string;
  /** The browser's own id. */
  readonly browser: string;
}

export interface PasswordProvider {
  readonly id: 'password';
  readonly title: string;
  /**
   * @returns whose password it is
   * @throws {Refusal} `email_invalid`, `too_many_attempts`, `busy`, and `credentials_wrong`, which has the same facts for
   *   the stranger, and the same work behind it, whether or not there is such an account
   */
  finish(presented: PresentedPassword): Promise<User>;
}

export interface PasswordProviderParts {
  readonly storage: Pick<Storage, 'findUserByEmail'>;
  readonly guesses: Guesses;
  readonly derivation: Keychain;
  /** `verifyPassword`, unless a test watches it. */
  readonly verify?: typeof verifyPassword;
}

export function passwordProvider(parts: PasswordProviderParts): PasswordProvider {
  const { storage, guesses, derivation, verify = verifyPassword } = parts;
  return { id: 'password', title: 'E-mail and password', finish };

  async function finish({ email: typed, password, address, browser }: PresentedPassword): Promise<User> {
    const email = readEmail(typed);
    if (email === undefined) throw refuse('email_invalid');
    // Before anything is counted, so that a flood cannot grow the counters faster than passwords can be judged.
    if (hashing.isFull()) throw busy();
    const account = accountMark(derivation, email);
    const guess = await guesses.count({ account, address, browser });
    const { user, matches } = await judge(email, password).catch(async (failure: unknown) => {
      await guess.unjudged();
      throw failure;
    });
    if (!matches || user === undefined) throw refuse('credentials_wrong', { account });
    await guess.right();
    return user;
  }

  async function judge(email: string, password: string) {
    const user = await storage.findUserByEmail(email);
    return { user, matches: await verify(user?.passwordHash, password) };
  }
}

/** An account in counters and in the log: tells two apart, and whose it is only to who holds the key and the address. */
export function accountMark(derivation: Keychain, email: string): string {
  return hmac(derivation.current, `sign-in: account\n${email}`).slice(0, 22);
}
