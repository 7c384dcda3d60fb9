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
  /**
   * What the app calls itself that sent the person here, judged by where they go afterwards: a path of this origin.
   * Epoch seconds.
   */
  readonly askedBy?: (returnTo: string, now: number) => Promise<string | undefined>;
  /** Where attempts are counted; this process's memory unless given. */
  readonly openCounter?: OpenCounter;
}

export interface Room extends SignInOptions {
  readonly openCounter: OpenCounter;
  readonly sessions: Sessions;
  readonly password: PasswordProvider;
}
