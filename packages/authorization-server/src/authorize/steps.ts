// What an authorization request becomes, step by step. A later step accepts only the earlier step's result.
import type { ProtectedResource, RedirectUri, SignedInPerson } from '@sallyport/protocol';
import type { Client, PausedAuthorization } from '@sallyport/storage';
import type { AskedInteraction } from './asked-interaction.ts';

/** As it was asked: nothing is believed yet. */
export interface AskedAuthorization {
  readonly client_id: string;
  /** The other parameters, by wire name. */
  readonly values: Readonly<Record<string, string>>;
  readonly resource: readonly string[];
}

export interface TrustedRedirect extends RedirectUri {
  /** Whether it is one of the many that the client registered by a wildcard. */
  readonly isOneOfMany: boolean;
}

/** Client and redirect URI are known to belong together: from here on, failures are redirects. */
export interface TrustedAuthorization {
  readonly asked: AskedAuthorization;
  readonly client: Client;
  readonly redirect: TrustedRedirect;
  /** Echoed exactly. */
  readonly state?: string;
  readonly traceId: string;
}

/** Everything that the request itself can tell has been judged. This is what a pause remembers. */
export interface CheckedAuthorization extends AskedInteraction {
  readonly client: Client;
  readonly redirect: TrustedRedirect;
  readonly state?: string;
  /** Absent only from a client that may do without PKCE. */
  readonly code_challenge?: string;
  readonly scope: readonly string[];
  /** With what it was asked for; empty: with nothing that means anything here. */
  readonly scopeWords: readonly string[];
  readonly resource: ProtectedResource;
  readonly traceId: string;
}

/** A paused authorization, loaded. */
export interface Resumed {
  /** As in the URL. */
  readonly id: string;
  readonly paused: PausedAuthorization;
  readonly checked: CheckedAuthorization;
  /** The sign-in that the browser had when it began. */
  readonly signIn?: string;
}

/** A person comes back to it, in the browser that it was paused in. */
export interface Step {
  readonly resumed: Resumed;
  readonly person: SignedInPerson;
  readonly browser: { readonly id: string; readonly setCookie?: string };
  /** Path and query of this very step, where its form is posted. */
  readonly action: string;
}

/** A person has agreed, now or before. */
export interface GrantedAuthorization {
  readonly checked: CheckedAuthorization;
  readonly person: SignedInPerson;
  /** The paused authorization that this answers, by the id in its URL. */
  readonly pausedId?: string;
}
