// What the pages of this room share.
import type { Keychain } from '@sallyport/crypto';
import type { BrowserRules, Look } from '@sallyport/pages';
import type { Log } from '@sallyport/protocol';
import type { Storage } from '@sallyport/storage';
import type { PasswordProvider } from './providers/password.ts';
import type { Sessions } from './sessions.ts';

export interface SignInOptions {
  readonly storage: Storage;
  readonly rules: BrowserRules;
  readonly look: Look;
  /** Computes the setup link, and the marks that stand for accounts in counters and in the log. */
  readonly derivation: Keychain;
  /** Whether strangers may make themselves an account. */
  readonly signUp: boolean;
  readonly log: Log;
  /** The app's login that goes on afterwards, judged by where that is: a path of this origin. Epoch seconds. */
  readonly loginAt?: (returnTo: string, now: number) => Promise<WaitingLogin | undefined>;
}

/** An app that waits until the person has signed in. */
export interface WaitingLogin {
  /** Of the app's whole login, which signing in is a part of. */
  readonly traceId: string;
  readonly client_id: string;
  /** What the app calls itself. */
  readonly clientName?: string;
  /** Whom the app expects: what stands in the form at first. */
  readonly email?: string;
}

export interface Room extends SignInOptions {
  readonly sessions: Sessions;
  readonly password: PasswordProvider;
}
