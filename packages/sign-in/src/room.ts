// What the pages of this room share.
import type { Keychain } from '@sallyport/crypto';
import type { BrowserRules, Look, WaitingApp } from '@sallyport/pages';
import type { Log } from '@sallyport/protocol';
import type { Storage } from '@sallyport/storage';
import type { Arrive } from './accounts/arrive.ts';
import type { AccountPolicy } from './accounts/policy.ts';
import type { PasswordProvider } from './providers/password.ts';
import type { TokenAnswer, UpstreamProvider } from './providers/provider.ts';
import type { Sessions } from './sessions.ts';

export interface SignInOptions {
  readonly storage: Storage;
  readonly rules: BrowserRules;
  readonly look: Look;
  /** Computes the setup link, and the marks that stand for accounts in counters and in the log. */
  readonly derivation: Keychain;
  /** Whether strangers may make themselves an account with a password. */
  readonly signUp: boolean;
  /** In the order in which they are offered; absent: a password is the only way. */
  readonly ways?: readonly ('password' | UpstreamWay)[];
  /** Keeps what a provider gave for a person; absent: nobody does. */
  readonly keepTokens?: (kept: KeptTokens) => Promise<void>;
  readonly log: Log;
  /** The app's login that goes on afterwards, judged by where that is: a path of this origin. Epoch seconds. */
  readonly loginAt?: (returnTo: string, now: number) => Promise<WaitingLogin | undefined>;
}

/** A provider, and whom of its people the operator lets in. */
export interface UpstreamWay {
  readonly provider: UpstreamProvider;
  readonly policy: AccountPolicy;
}

export interface KeptTokens {
  readonly userId: string;
  readonly provider: string;
  readonly subject: string;
  readonly tokens: TokenAnswer;
  /** Epoch seconds. */
  readonly now: number;
}

/** An app that waits until the person has signed in. */
export interface WaitingLogin extends Partial<WaitingApp> {
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
  readonly upstream: readonly UpstreamWay[];
  readonly hasPasswords: boolean;
  readonly isPasswordFirst: boolean;
  readonly arrive: Arrive;
}
