// What an authorization request becomes, step by step. A later step accepts only the earlier step's result.
import type { Person, ProtectedResource, RedirectUri } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';

/** As it was asked: nothing is believed yet. */
export interface AskedAuthorization {
  readonly client_id: string;
  /** The other parameters, by wire name. */
  readonly values: Readonly<Record<string, string>>;
  readonly resource: readonly string[];
}

/** Client and redirect URI are known to belong together: from here on, failures are redirects. */
export interface TrustedAuthorization {
  readonly asked: AskedAuthorization;
  readonly client: Client;
  readonly redirect: RedirectUri;
  /** Echoed exactly. */
  readonly state?: string;
  readonly traceId: string;
}

/** Everything that the request itself can tell has been judged. This is what a pause remembers. */
export interface CheckedAuthorization {
  readonly client: Client;
  readonly redirect: RedirectUri;
  readonly state?: string;
  readonly code_challenge: string;
  readonly scope: readonly string[];
  readonly resource: ProtectedResource;
  /** OpenID Connect Core §3.1.2.1 `prompt`, of which `none` and `consent` mean something here. */
  readonly prompt: readonly string[];
  readonly traceId: string;
}

/** A person has agreed, now or before. */
export interface GrantedAuthorization {
  readonly checked: CheckedAuthorization;
  readonly person: Person;
  /** The paused authorization that this answers, by the id in its URL. */
  readonly pausedId?: string;
}
