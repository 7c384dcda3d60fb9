// What the flow of signing in needs of a provider that somebody else runs. A provider is one file and one row of the
// list; what it is told here it must not remember: the return may come to another instance.
import type { Revoker, TokenAnswer } from '@sallyport/vault';

export type { TokenAnswer };

/** A provider that somebody else runs. */
export interface UpstreamProvider {
  /** A part of paths, and how identities name it: lower-case letters, digits and hyphens, no word of the routes. */
  readonly id: string;
  /** What its button says after "Continue with". */
  readonly title: string;
  /** Path of this origin, `/<id>/callback` unless the operator wrote another. No two providers share one (mix-up, RFC 9700 §4.4). */
  readonly callbackPath: string;
  /**
   * Where to send the browser. May have to ask the provider for its metadata first.
   * @returns the authorization URL: https, or http on this machine
   * @throws {Refusal} `upstream_unavailable`, `upstream_misconfigured`
   */
  begin(leaving: Leaving): Promise<string>;
  /**
   * Judges what came back, and asks the provider who that is. Begins with `readCode`.
   * @throws {Refusal} of this room, or of the vault's token request; what another room refuses is told as `upstream_unavailable`
   */
  finish(returned: Returned): Promise<Arrived>;
  /**
   * New tokens for old, for the vault. Absent: there is nothing to refresh.
   * @param now epoch seconds
   * @param subject whose they are; an answer that says otherwise is refused
   * @param client_id whom they were issued to, where that is known
   */
  readonly refresh?: (
    refresh_token: string,
    now: number,
    subject: string,
    client_id?: string,
  ) => Promise<TokenAnswer>;
  /** Tells it that what it gave is not wanted any more, for the vault. Absent: it has no way to be told. */
  readonly revoke?: Revoker['revoke'];
  /** Whether what it needs (metadata, keys) can be had; for `sallyport check`. @param now epoch seconds */
  check(now: number): Promise<Finding[]>;
}

/** What goes into the authorization request. */
export interface Leaving {
  /** The absolute URL of `callbackPath`, byte for byte as it is registered there. */
  readonly redirect_uri: string;
  readonly state: string;
  /** OpenID Connect only; others ignore it. */
  readonly nonce: string;
  /** The secret of RFC 7636: only its S256 challenge goes into the URL. */
  readonly code_verifier: string;
  /** Whom the app expects, as far as it said. */
  readonly login_hint?: string | undefined;
  /** Whoever is signed in there must prove once more to be there (`prompt=login`), where the provider knows such a thing. */
  readonly again: boolean;
  /** The person wants another account than the one they have there now (`prompt=select_account`), where such a thing is known. */
  readonly switchAccount?: boolean | undefined;
  /** Epoch seconds. */
  readonly now: number;
}

/** What the browser brought back to the callback; its `state` has been found good and is spent. */
export interface Returned {
  /** Each at most once. */
  readonly parameters: URLSearchParams;
  /** As it was sent with `begin`. */
  readonly redirect_uri: string;
  readonly nonce: string;
  readonly code_verifier: string;
  /** Epoch seconds. */
  readonly now: number;
}

export interface Arrived {
  readonly identity: Identity;
  /** For the vault; never accepted as tokens here. */
  readonly tokens: TokenAnswer;
  /** When the person proved to the provider who they are (`auth_time`), in epoch seconds, where it says so. */
  readonly authenticatedAt?: number | undefined;
}

/** Who it is, as the provider says; known again by `provider` and `subject`, never by an e-mail. */
export interface Identity {
  /** `UpstreamProvider.id` */
  readonly provider: string;
  /** Who vouches: the `iss` of an ID token, or the address of an API. */
  readonly issuer: string;
  /** Stable and never reused at that issuer. */
  readonly subject: string;
  readonly email?: string | undefined;
  /** Whether the provider says that it has checked the address. */
  readonly emailVerified: boolean;
  readonly name?: string | undefined;
  readonly username?: string | undefined;
  readonly picture?: string | undefined;
  /** Absent: the provider did not say, so that no rule about them can be judged. Empty: it said that there are none. */
  readonly organizations?: readonly string[] | undefined;
  /** The same. */
  readonly groups?: readonly string[] | undefined;
}

/** What `sallyport check` reads of it. */
export interface Finding {
  readonly state: 'ok' | 'warn' | 'fail';
  /** One sentence or less, without a secret. */
  readonly says: string;
  /** What to do about it. */
  readonly next?: string;
  /** Of the refusal that it is about. */
  readonly reason?: string;
}
