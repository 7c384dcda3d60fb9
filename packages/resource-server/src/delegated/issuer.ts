// What may be said of somebody else's authorization server. A provider's quirks are data here, so that a new one is a row.
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import type { Introspect } from '../introspection.ts';
import type { OpenedIssuer } from './shared.ts';

/** An authorization server that is not ours: any of RFC 8414 or OpenID Connect Discovery. */
export interface ForeignAuthorizationServer {
  /** Exactly as its metadata and its tokens say it: https, or http on this computer. */
  readonly issuer: string;
  /** What its tokens name when they are for this server. Default: the resource. Any of several is enough. */
  readonly audience?: string | readonly string[];
  /**
   * Also lets in tokens that name no server at all. Whoever runs another server that takes tokens of this issuer can then
   * use here every token that it is shown (MCP authorization, "Token Passthrough"). A token that names another server is
   * refused all the same.
   */
  readonly acceptTokensWithoutAudienceBecauseTheIssuerHasNone?: boolean;
  /** How its JWTs are judged; false: it is asked about them as about any other token. */
  readonly tokens?: ForeignTokens | false;
  /**
   * Refuses a JWT that was issued longer ago than this, as one that has expired: its client then asks the issuer for
   * another, which says no where access has ended. Tokens without `iat` are refused then.
   */
  readonly maxTokenAgeSeconds?: number;
  /** Where its keys are. Default: what its metadata says (`jwks_uri`). */
  readonly jwks_uri?: string;
  /** Asks about tokens that are no JWTs (RFC 7662). Without it, such tokens are refused. */
  readonly introspection?: ForeignIntrospection | Introspect;
  /** Tokens that are no JWTs and do not look like this are refused without asking. */
  readonly opaqueTokens?: RegExp;
  /** From `sharedIssuer`: what several guards have in common. Default: each asks for itself. */
  readonly shared?: OpenedIssuer;
}

export interface ForeignIntrospection {
  readonly client_id: string;
  readonly client_secret: string;
  /** Default: `introspection_endpoint` of the metadata, which must then be at the issuer's own host. */
  readonly endpoint?: string;
  /** Asks about JWTs too, once they were judged: what was revoked is then refused within seconds. */
  readonly jwtsToo?: boolean;
}

/** Providers differ in how a JWT says that it is an access token; the defaults take what most of them do. */
export interface ForeignTokens {
  /** `typ` of the JOSE header (RFC 9068 §2.1), compared without `application/` and case; null: there is none. */
  readonly types?: readonly (string | null)[];
  /** Where the client's id is, the first that is there. */
  readonly clientIdClaims?: readonly string[];
  /** Further reasons to refuse a token whose signature is good. @returns a few words for the log; undefined: none */
  readonly fault?: (header: JWTHeaderParameters, claims: JWTPayload) => string | undefined;
}

export const ordinaryTypes: readonly (string | null)[] = ['at+jwt', 'jwt', null];

/** RFC 9068; Keycloak, Google and what OpenID calls the authorized party; Okta; Microsoft Entra v1. */
export const ordinaryClientIdClaims: readonly string[] = ['client_id', 'azp', 'cid', 'appid'];
