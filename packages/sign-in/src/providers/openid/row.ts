// What tells one OpenID Provider from the next: where its issuer is, what configures it, and where it leaves the standard.
// The quirks are data; the steps that read them are the same for all.

/** A JSON object of somebody else's: the claims of an ID token, or of UserInfo. */
export type UpstreamClaims = Readonly<Record<string, unknown>>;

/** What the operator wrote about one provider, judged and complete: which of its kind it is, and what is asked of it. */
export interface OpenIdSettings {
  readonly id: string;
  readonly title: string;
  readonly callbackPath: string;
  /** Absent: this server registers itself, where the row knows how. */
  readonly clientId?: string | undefined;
  /** Absent for a public client, which proves itself by PKCE alone. */
  readonly clientSecret?: string | undefined;
  /** What registering needs there. */
  readonly registration?: { readonly initialAccessToken?: string | undefined } | undefined;
  /** By what the provider supports unless given. */
  readonly authMethod?: 'client_secret_basic' | 'client_secret_post' | 'none' | undefined;
  /** The exact issuer; where a row makes it of other keys, this is in place of them. */
  readonly issuer?: string | undefined;
  readonly tenant?: string | undefined;
  readonly domain?: string | undefined;
  readonly url?: string | undefined;
  readonly realm?: string | undefined;
  /** Of Clerk: the issuer stands in it. */
  readonly publishableKey?: string | undefined;
  /** In place of the row's; `openid` is always among them. */
  readonly scopes?: readonly string[] | undefined;
  /** Whether tokens are wanted that can be refreshed while the person is away. */
  readonly offlineAccess?: boolean | undefined;
  /** The API that the access token is for (Auth0). */
  readonly audience?: string | undefined;
  /** Whoever is not of this Google Workspace domain is refused. */
  readonly hostedDomain?: string | undefined;
  /** The name of the claim that lists groups or roles; a path of names with dots where it is inside of others. */
  readonly groupsClaim?: string | undefined;
  /** What else the authorization request says. */
  readonly authorizationParameters?: Readonly<Record<string, string>> | undefined;
  /** Each in place of what the metadata names; trusted as the operator's word. */
  readonly authorizationUrl?: string | undefined;
  readonly tokenUrl?: string | undefined;
  readonly userinfoUrl?: string | undefined;
  readonly jwksUrl?: string | undefined;
}

/** Who may say `iss`. */
export interface IssuerRule {
  /** What discovery begins with (OpenID Connect Discovery §4). */
  readonly discovery: string;
  /** What the metadata must say, byte for byte; of several tenants, the pattern that it has in place of an issuer. */
  readonly issuer: string;
  /** Other spellings of the same issuer in ID tokens, which count as `issuer`. */
  readonly spellings?: readonly string[];
  /** What stands in `issuer` in place of a claim: `{tenantid}` for `tid`. */
  readonly placeholder?: { readonly text: string; readonly claim: string; readonly pattern: RegExp };
}

type IssuerKeys = Pick<OpenIdSettings, 'issuer' | 'tenant' | 'domain' | 'url' | 'realm' | 'publishableKey'>;

export interface OpenIdRow {
  /** What the configuration calls it: `provider: google`. */
  readonly kind: string;
  /** @returns undefined when no key says which provider it is */
  issuerOf(settings: IssuerKeys): IssuerRule | undefined;
  readonly scopes: readonly string[];
  /** How tokens are asked for that can be refreshed. */
  readonly offline: { readonly scope?: string; readonly parameters?: Readonly<Record<string, string>> };
  /** How somebody who is signed in there is asked to prove it once more. */
  readonly again: Readonly<Record<string, string>>;
  /** How somebody who is signed in there is let choose another account. */
  readonly switchAccount: Readonly<Record<string, string>>;
  readonly parametersOf?: (settings: OpenIdSettings) => Readonly<Record<string, string>>;
  /** Claims that must have this value, whoever signed. */
  readonly demandsOf?: (settings: OpenIdSettings) => Readonly<Record<string, string>>;
  /** Whether the provider vouches for the address, which says more than that somebody typed it there. */
  vouchesForEmail(claims: UpstreamClaims, email: string): boolean;
  /**
   * That this server can register itself there (RFC 7591), and whether it names the scopes that it is going to ask for.
   * Absent: it cannot.
   */
  readonly registration?: { readonly namesScopes: boolean };
  /** Claims that name an organization of the person. */
  readonly organizationClaims: readonly string[];
  /** Whether UserInfo can know more than the ID token. */
  readonly hasUserInfo: boolean;
}

/** OpenID Connect Core §5.1; some providers write the boolean as a text. */
export const saysEmailVerified = ({ email_verified }: UpstreamClaims): boolean =>
  email_verified === true || email_verified === 'true';

/** What the standard says where a row says nothing else. */
export const standard = {
  scopes: ['openid', 'profile', 'email'],
  // OpenID Connect Core §11: without `prompt=consent` the scope may be ignored.
  offline: { scope: 'offline_access', parameters: { prompt: 'consent' } },
  // §3.1.2.1: with max_age the ID token says when that was (auth_time).
  again: { prompt: 'login', max_age: '0' },
  // `select_account` is a value of the standard that some refuse; whoever has to sign in can do so as another.
  switchAccount: { prompt: 'login' },
  vouchesForEmail: saysEmailVerified,
  organizationClaims: [],
  hasUserInfo: true,
} as const satisfies Partial<OpenIdRow>;
