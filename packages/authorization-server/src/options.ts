// What this room is handed by whoever joins the rooms.
import type { KeyRing, NamedKey } from '@sallyport/crypto';
import type { BrowserRules, Look } from '@sallyport/pages';
import type { Arrival, Log, Person, ProtectedResource } from '@sallyport/protocol';
import type { Storage } from '@sallyport/storage';

export interface AuthorizationServerOptions {
  /** The exact issuer: scheme, host and port, no trailing slash (RFC 8414 §2). */
  readonly issuer: string;
  readonly storage: Storage;
  readonly keys: KeyRing;
  /** Derives successors of refresh tokens, and codes of consents that are submitted twice. */
  readonly derivation: NamedKey;
  /** The servers that tokens can be for. */
  readonly resources: readonly ProtectedResource[];
  readonly lifetimes: Lifetimes;
  /** How access tokens are made, for clients that have no format of their own. */
  readonly accessTokenFormat: AccessTokenFormat;
  readonly registration: { readonly mode: 'open' | 'closed' };
  readonly rules: BrowserRules;
  readonly look: Look;
  readonly log: Log;
  /** Who is signed in in this browser, or undefined. */
  readonly identify: (request: Request, arrival: Arrival) => Promise<Person | undefined>;
  /** Path of the sign-in page that comes back to `returnTo`. */
  readonly signInPath: (returnTo: string, options?: { switchAccount?: boolean }) => string;
  /** Path where people take back what they allowed; said on the consent page. */
  readonly accountPath?: string;
}

/** `jwt`: RFC 9068, checked by anybody with the public key. `opaque`: random text that only this server can tell. */
export type AccessTokenFormat = 'jwt' | 'opaque';

export interface Lifetimes {
  readonly accessTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  /** How long a rotated refresh token answers with the same successor, while that has not been used. */
  readonly refreshGraceSeconds: number;
  readonly codeSeconds: number;
}

/** A door of this room. */
export type Handler = (request: Request, arrival: Arrival) => Promise<Response>;
