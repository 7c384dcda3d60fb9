// What this room is handed by whoever joins the rooms.
import type { Keychain, KeyRing } from '@sallyport/crypto';
import type { GuardedFetch } from '@sallyport/guarded-fetch';
import type { BrowserRules, Look } from '@sallyport/pages';
import type { Arrival, Log, ProtectedResource, RedirectPolicy, SignedInPerson } from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import type { CountFetch } from './authorize/document-limits.ts';
import type { Limited, RateLimits } from './rate-limits.ts';
import type { RegistrationMode } from './registration/policy.ts';
import type { FindKeys } from './token/client-keys.ts';

export interface AuthorizationServerOptions {
  /** The exact issuer: scheme, host and port, no trailing slash (RFC 8414 §2). */
  readonly issuer: string;
  readonly storage: Storage;
  readonly keys: KeyRing;
  /** Derives successors of refresh tokens, and codes of consents that are submitted twice. */
  readonly derivation: Keychain;
  /** The servers that tokens can be for. */
  readonly resources: readonly ProtectedResource[];
  readonly lifetimes: Lifetimes;
  /** How access tokens are made, for clients that have no format of their own. */
  readonly accessTokenFormat: AccessTokenFormat;
  /** Whether tokens that people made themselves mean anything. */
  readonly personalTokens: boolean;
  readonly registration: {
    readonly mode: RegistrationMode;
    /** An initial access token beside those in the store, by the name of where it is configured. */
    readonly accessToken?: { readonly name: string; readonly token: string };
    /** Whether apps may be returned to by a scheme of their own; holds for clients that are known already too. */
    readonly privateUseSchemes: RedirectPolicy['privateUseSchemes'];
    /** Whether a client_id may be the URL of a metadata document; absent: it may not. */
    readonly metadataDocuments?: MetadataDocuments;
  };
  /** Who is behind a client, as far as anybody knows; absent: nobody knows anything. */
  readonly recognize?: Recognize;
  readonly fetchKeys: FetchKeys;
  /** How often one place may ask; what passwords may be guessed is not among it. */
  readonly rateLimits: RateLimits | 'off';
  readonly rules: BrowserRules;
  readonly look: Look;
  readonly log: Log;
  /** Who is signed in in this browser, or undefined. */
  readonly identify: (request: Request, arrival: Arrival) => Promise<SignedInPerson | undefined>;
  /**
   * Path of the sign-in page that comes back to `returnTo`. With `switchAccount` or `again` it asks although somebody is
   * signed in; with `fresh`, whoever signs in elsewhere must prove there and then who they are.
   */
  readonly signInPath: (
    returnTo: string,
    options?: { switchAccount?: boolean; again?: boolean; fresh?: boolean },
  ) => string;
  /** Hears that a server elsewhere was told of a grant's access token, and so was called with it. */
  readonly noteUse?: (grantId: string, now: number) => void;
  /** Path where people take back what they allowed; said on the consent page. */
  readonly accountPath?: string;
}

/** Fetches the keys that a client publishes (jwks_uri). */
export interface FetchKeys {
  /** Of a client that registered itself, or that published its metadata. */
  readonly stranger: GuardedFetch['fetchDocument'];
  /** Of a client that the operator added: wherever that may be. */
  readonly operator: GuardedFetch['fetchDocument'];
}

export interface MetadataDocuments extends Pick<GuardedFetch, 'fetchDocument'> {
  /** Exact host names; absent: any. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowLoopbackForDevelopment?: boolean;
  /** What is known to stand at this URL, for when it cannot be fetched; absent: nothing is used in its place. */
  readonly pinnedCopyOf?: ((client_id: string) => object | undefined) | undefined;
}

/** @param redirect_uri where this answer goes; absent: all that the client may go to */
export type Recognize = (
  client: Pick<Client, 'client_id' | 'registeredBy' | 'metadata'>,
  redirect_uri?: string,
) => Recognition;

/** What is known of who is behind a client: proven, or only that it looks as if. */
export interface Recognition {
  /** By the address of its document, or because no other program can get its answers. */
  readonly known?: NamedClient & { readonly by: 'document' | 'redirect' };
  /** The redirect URI is https, but its host passes answers on to programs, or to what others have built with it. */
  readonly passesOn?: true;
  /** It bears the name of a client that it is not proven to be. */
  readonly calledLike?: NamedClient & {
    /** Where its answers go: to a program on this computer, to a service of that maker's for everybody, or elsewhere. */
    readonly goesTo: 'computer' | 'platform' | 'elsewhere';
  };
}

export interface NamedClient {
  readonly id: string;
  readonly name: string;
  readonly maker: string;
}

/** What the endpoints of this room share. */
export interface Room extends AuthorizationServerOptions {
  readonly limited: Limited;
  readonly countFetch: CountFetch;
  readonly findKeys: FindKeys;
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
