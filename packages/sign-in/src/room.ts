// What the pages of this room share.
import type { NamedKey } from '@sallyport/crypto';
import type { BrowserRules, Look } from '@sallyport/pages';
import type { Log } from '@sallyport/protocol';
import type { Storage } from '@sallyport/storage';
import type { OpenCounter } from './counters.ts';
import type { PasswordProvider } from './providers/password.ts';
import type { Sessions } from './sessions.ts';

export interface SignInOptions {
  readonly storage: Storage;
  readonly rules: BrowserRules;
  readonly look: Look;
  /** Computes the setup link, and the marks that stand for accounts in counters and in the log. */
  readonly derivation: NamedKey;
  /** Whether strangers may make themselves an account. */
  readonly signUp: boolean;
  readonly log: Log;
  /** The app's login that goes on afterwards, judged by where that is: a path of this origin. Epoch seconds. */
  readonly loginAt?: (returnTo: string, now: number) => Promise<WaitingLogin | undefined>;
  /** Where attempts are counted; this process's memory unless given. */
  readonly openCounter?: OpenCounter;
}

/** An app that waits until the person has signed in. */
export interface WaitingLogin {
  /** Of the app's whole login, which signing in is a part of. */
  readonly traceId: string;
  readonly client_id: string;
  /** What the app calls itself. */
  readonly clientName?: string;
}

export interface Room extends SignInOptions {
  readonly openCounter: OpenCounter;
  readonly sessions: Sessions;
  readonly password: PasswordProvider;
}
