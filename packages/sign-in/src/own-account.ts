// What signed-in people do with their own account. Whoever sits at an open browser is not for that its owner: what
// changes the account itself asks for the password, and guessing it there is slowed as it is at the front door.
import { isRefusal } from '@sallyport/protocol';
import type { Session, Storage, User } from '@sallyport/storage';
import { hashPassword } from './passwords.ts';
import type { PasswordProvider } from './providers/password.ts';
import { refuse } from './refusals.ts';
import type { SignedIn } from './sessions.ts';

/** Where a password was typed; what guesses are counted by. */
export interface Place {
  /** Client address as text. */
  readonly address: string;
  /** The browser's own id. */
  readonly browser: string;
}

export interface OwnAccount {
  /** @throws {Refusal} `current_password_wrong`, `too_many_attempts`, `busy` */
  checkPassword(user: User, password: string, place: Place): Promise<void>;
  /**
   * Sets a new password, and ends every session but this one.
   * @param now epoch seconds
   * @throws {Refusal} as `checkPassword`, or `password_too_short`, `password_too_long`, `account_removed`
   */
  changePassword(
    { user, session }: SignedIn,
    passwords: { readonly current: string; readonly next: string },
    place: Place,
    now: number,
  ): Promise<void>;
  /**
   * The first password of an account that had none, and the end of every other session. Whoever asks must have signed in
   * just now.
   * @param now epoch seconds
   * @throws {Refusal} `password_too_short`, `password_too_long`, `busy`, `account_removed`
   */
  setFirstPassword({ user, session }: SignedIn, next: string, now: number): Promise<void>;
}

export function ownAccount(storage: Storage, provider: PasswordProvider): OwnAccount {
  return { checkPassword, changePassword, setFirstPassword };

  async function checkPassword({ email }: User, password: string, place: Place): Promise<void> {
    try {
      await provider.finish({ email, password, ...place });
    } catch (failure) {
      if (!isRefusal(failure) || failure.reason !== 'credentials_wrong') throw failure;
      throw refuse('current_password_wrong', failure.facts);
    }
  }

  async function changePassword(
    { user, session }: SignedIn,
    { current, next }: { readonly current: string; readonly next: string },
    place: Place,
    now: number,
  ): Promise<void> {
    await checkPassword(user, current, place);
    await setPassword(user, session, next, now);
  }

  async function setFirstPassword({ user, session }: SignedIn, next: string, now: number): Promise<void> {
    await setPassword(user, session, next, now);
  }

  async function setPassword({ id: userId }: User, session: Session, next: string, now: number) {
    const passwordHash = await hashPassword(next);
    const change = { userId, passwordHash, keepSession: session.digest, now };
    if ((await storage.setPassword(change)) === 'not_found') throw refuse('account_removed');
  }
}
