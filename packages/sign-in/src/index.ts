// How a person proves who they are, and how their browser is known again: sign-in, sign-up, sign-out, sessions.
import { digest } from '@sallyport/crypto';
import { type Arrival, learn, type SignedInPerson } from '@sallyport/protocol';
import type { Handler } from './door.ts';
import { guesses } from './guesses.ts';
import { ownAccount, type OwnAccount } from './own-account.ts';
import { pathTo } from './paths.ts';
import { passwordProvider } from './providers/password.ts';
import { readReturnTo } from './return-to.ts';
import type { Room, SignInOptions } from './room.ts';
import { sessions, type SignedIn } from './sessions.ts';
import { setupPathOf } from './setup.ts';
import { signInDoor } from './sign-in.ts';
import { signOutDoor, signOutFormOf } from './sign-out.ts';
import { signUpDoor } from './sign-up.ts';

export { addUserWithPassword, type NewAccount } from './accounts.ts';
export {
  checkOwnForm,
  door,
  type Fields,
  type FormPage,
  type Handler,
  sentenceOf,
  type Visit,
} from './door.ts';
export type { OwnAccount, Place } from './own-account.ts';
export { hashPassword, verifyPassword } from './passwords.ts';
export { refusals } from './refusals.ts';
export type { SignInOptions, WaitingLogin } from './room.ts';
export type { SignedIn } from './sessions.ts';

export interface SignIn {
  /** Who is signed in at this browser, if anybody. */
  identify(request: Request, arrival: Arrival): Promise<SignedInPerson | undefined>;
  /** The same, with the session and everything that is kept of the person. */
  identifySession(request: Request, arrival: Arrival): Promise<SignedIn | undefined>;
  readonly ownAccount: OwnAccount;
  /** Each answers GET, HEAD and POST; the rest is 405. */
  readonly pages: { readonly signIn: Handler; readonly signUp: Handler; readonly signOut: Handler };
  /** Path and query of the link that makes the first account: the same on every instance and after a restart. A secret. */
  setupPath(): string;
  /**
   * Where to send a browser that must sign in first; with an option the form is shown although somebody is signed in.
   * @param returnTo path of this origin; anything else becomes `/`
   */
  signInPath(
    returnTo: string,
    options?: { readonly switchAccount?: boolean; readonly again?: boolean },
  ): string;
  /** What the front page's sign-out button posts. @param browserId from `openBrowser` of the pages */
  signOutForm(browserId: string): { readonly action: string; readonly csrf: string };
}

export function signIn(options: SignInOptions): SignIn {
  const { storage, rules, derivation, log } = options;
  const room: Room = {
    ...options,
    sessions: sessions(storage, rules, log),
    password: passwordProvider({ storage, derivation, guesses: guesses(storage.openCounter) }),
  };
  return {
    async identify(request, arrival) {
      const signedIn = await identifySession(request, arrival);
      if (signedIn === undefined) return undefined;
      const { user, session } = signedIn;
      const { id, email, name } = user;
      return { id, email, name, signIn: digest(session.digest), signedInAt: session.createdAt };
    },
    identifySession,
    ownAccount: ownAccount(storage, room.password),
    pages: { signIn: signInDoor(room), signUp: signUpDoor(room), signOut: signOutDoor(room) },
    setupPath: () => setupPathOf(derivation),
    signInPath: (returnTo, how = {}) =>
      pathTo('signIn', { returnTo: readReturnTo(returnTo, rules.publicUrl), ...how }),
    signOutForm: (browserId) => signOutFormOf(room, browserId),
  };

  async function identifySession(request: Request, arrival: Arrival): Promise<SignedIn | undefined> {
    const signedIn = await room.sessions.identify(request, arrival.now);
    learn(arrival, { userId: signedIn?.user.id });
    return signedIn;
  }
}
