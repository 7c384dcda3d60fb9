// Who is calling an MCP server, once the token has been judged.

/** The outcome of a good access token (RFC 9068 claims, in our words where they are ours). */
export interface Caller {
  /** The person's id (`sub`). */
  readonly sub: string;
  readonly client_id: string;
  /** Scopes of the token, without duplicates. */
  readonly scope: readonly string[];
  /** The audience the token was judged for: the exact resource identifier. */
  readonly resource: string;
  /**
   * The completed authorization this token belongs to; a revoked grant kills it. Absent of tokens that somebody else
   * issued: their grants are known there.
   */
  readonly grantId?: string;
  /** Epoch seconds (`exp`). */
  readonly expiresAt: number;
  /** Of a token that somebody else issued: what that says of the person. */
  readonly foreign?: ForeignIdentity;
}

/** A caller whose token was issued here. */
export type GrantedCaller = Caller & { readonly grantId: string };

/** Who a caller is to the authorization server that issued the token, which is not ours. */
export interface ForeignIdentity {
  /** Exact `iss`: with `sub`, the identity. */
  readonly issuer: string;
  /** For people to read; who may do what is never decided by it. */
  readonly email?: string;
  /** Whether the issuer says so. */
  readonly emailVerified: boolean;
  readonly name?: string;
  readonly username?: string;
  /** All that the token says, or that the issuer says of it. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A server that tokens can be issued for (RFC 8707) and what may be asked of it. */
export interface ProtectedResource {
  /** The exact resource identifier: the URL that people paste into a client. */
  readonly resource: string;
  /** Further identifiers that mean it, for clients that know it by another URL; tokens name `resource` all the same. */
  readonly aliases?: readonly string[];
  /** Shown to people. */
  readonly title: string;
  readonly scopes: readonly ScopeDefinition[];
  /** Granted when a request names no scope, or none that is known; also the `scope` of a first challenge. */
  readonly defaultScopes: readonly string[];
  /** Other words that clients may ask with, and the scopes that each stands for; they are told to nobody. */
  readonly scopeAliases?: Readonly<Record<string, readonly string[]>>;
  /** Whether a request without `resource` means this one. */
  readonly isDefault: boolean;
}

export interface ScopeDefinition {
  readonly name: string;
  /** Plain language, as it completes "It will be able to …". */
  readonly description: string;
  /** Scopes of the same server that this one is enough for, too. */
  readonly includes?: readonly string[];
}
