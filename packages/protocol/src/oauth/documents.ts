// The JSON documents that Sallyport publishes, by their wire names, and how they are printed: no null, no empty member,
// because clients read both as values (design rule 9).

/** RFC 8414 §2 with RFC 9207 §3: only what this server enforces. */
export interface AuthorizationServerMetadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly registration_endpoint?: string;
  readonly revocation_endpoint: string;
  readonly introspection_endpoint: string;
  readonly scopes_supported: readonly string[];
  readonly response_types_supported: readonly string[];
  readonly response_modes_supported: readonly string[];
  readonly grant_types_supported: readonly string[];
  readonly token_endpoint_auth_methods_supported: readonly string[];
  readonly revocation_endpoint_auth_methods_supported: readonly string[];
  readonly introspection_endpoint_auth_methods_supported: readonly string[];
  readonly token_endpoint_auth_signing_alg_values_supported: readonly string[];
  readonly revocation_endpoint_auth_signing_alg_values_supported: readonly string[];
  readonly introspection_endpoint_auth_signing_alg_values_supported: readonly string[];
  readonly code_challenge_methods_supported: readonly string[];
  /** Initiating User Registration via OpenID Connect 1.0 §4.2. */
  readonly prompt_values_supported: readonly string[];
  readonly authorization_response_iss_parameter_supported: true;
  /** draft-ietf-oauth-client-id-metadata-document §6. */
  readonly client_id_metadata_document_supported?: true;
}

/** RFC 9728 §2. */
export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly ['header'];
  readonly resource_name: string;
}

/** RFC 6749 §5.1. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly scope: string;
}

/** RFC 7662 §2.2, of a token that is active. */
export interface ActiveToken {
  readonly active: true;
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly client_id: string;
  readonly scope: string;
  /** Absent of a refresh token. */
  readonly token_type?: 'Bearer';
  /** Epoch seconds. */
  readonly iat: number;
  readonly exp: number;
  readonly jti?: string;
  /** As in the claims of our JWTs; the name is that of Grant Management for OAuth 2.0. */
  readonly grant_id: string;
}

/** RFC 6749 §5.2, also RFC 7591 §3.2.2. */
export interface ErrorResponse {
  readonly error: string;
  readonly error_description?: string;
}

/** The object without members that are null, undefined, an empty text or an empty list. */
export function withoutEmpty<T extends object>(document: T): T {
  return Object.fromEntries(
    Object.entries(document).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        value !== '' &&
        !(Array.isArray(value) && value.length === 0),
    ),
  ) as T;
}

/** The text of a document; made once for one that does not change. */
export function printDocument(document: object): string {
  return JSON.stringify(withoutEmpty(document));
}

/** A JSON answer; `no-store` unless `headers` say otherwise (RFC 6749 §5.1). @param document or its text */
export function jsonResponse(
  document: object | string,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(typeof document === 'string' ? document : printDocument(document), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  });
}
