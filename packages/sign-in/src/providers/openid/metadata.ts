// What a provider says about itself (OpenID Connect Discovery §3), as far as it is of use here.
import { readStrictJson } from '@sallyport/protocol';
import { limits } from '../../limits.ts';
import { refuse } from '../../refusals.ts';

export interface OpenIdEndpoints {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly userinfo_endpoint: string;
  readonly registration_endpoint: string;
  /** RFC 8414 §2; OpenID Connect Discovery leaves room for it. */
  readonly revocation_endpoint: string;
}

type OptionalEndpoint = 'userinfo_endpoint' | 'registration_endpoint' | 'revocation_endpoint';

export interface ProviderMetadata
  extends Omit<OpenIdEndpoints, OptionalEndpoint>, Partial<Pick<OpenIdEndpoints, OptionalEndpoint>> {
  readonly token_endpoint_auth_methods_supported: readonly string[];
  /** Absent where it does not say. */
  readonly scopes_supported?: readonly string[] | undefined;
  /** The same. */
  readonly grant_types_supported?: readonly string[] | undefined;
  /** RFC 9207 §3. */
  readonly authorization_response_iss_parameter_supported: boolean;
}

const required = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;

/**
 * @param issuer what it must say that it is, byte for byte (§4.3)
 * @throws {Refusal} `upstream_metadata_unusable`, `upstream_metadata_issuer_differs`
 */
export function readMetadata(bytes: Uint8Array, issuer: string): ProviderMetadata {
  const document = readJsonObject(bytes);
  if (typeof document === 'string') throw refuse('upstream_metadata_unusable', { why: document });
  if (document['issuer'] !== issuer)
    throw refuse('upstream_metadata_issuer_differs', { issuer, said: shown(document['issuer']) });
  const missing = required.find((name) => !isUrl(document[name]));
  if (missing !== undefined) throw refuse('upstream_metadata_unusable', { why: `no_${missing}` });
  const { authorization_endpoint, token_endpoint, jwks_uri } = document;
  const { userinfo_endpoint, registration_endpoint, revocation_endpoint } = document;
  const { token_endpoint_auth_methods_supported: methods, scopes_supported: scopes } = document;
  return {
    authorization_endpoint: String(authorization_endpoint),
    token_endpoint: String(token_endpoint),
    jwks_uri: String(jwks_uri),
    ...(isUrl(userinfo_endpoint) && { userinfo_endpoint }),
    ...(isUrl(registration_endpoint) && { registration_endpoint }),
    ...(isUrl(revocation_endpoint) && { revocation_endpoint }),
    // §3: "If omitted, the default is client_secret_basic".
    token_endpoint_auth_methods_supported: textsIn(methods) ?? ['client_secret_basic'],
    scopes_supported: textsIn(scopes),
    grant_types_supported: textsIn(document['grant_types_supported']),
    authorization_response_iss_parameter_supported:
      document['authorization_response_iss_parameter_supported'] === true,
  };
}

/** @returns an object, or why it is none: a page of HTML is `malformed` */
export function readJsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return 'not_utf8';
  }
  const read = readStrictJson(text);
  if (typeof read === 'string') return read;
  const { value } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'no_object';
  return value as Record<string, unknown>;
}

const textsIn = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;

const isUrl = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= limits.upstreamUrlMax && URL.canParse(value);

/** For the log: what stands there in place of what should. */
export const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : typeof value).slice(0, limits.upstreamValueShown);
