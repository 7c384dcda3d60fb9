// RFC 7591 §2: what a client says of itself. Tolerant on the way in (unknown members are ignored, redirect URIs that
// cannot be used are dropped while one remains), strict in what is kept.
import { readClientKeys, type PublicJwks } from './client-keys.ts';
import { readRegisteredRedirectUri, type RedirectFault, type RedirectPolicy } from './redirect-uri.ts';
import { printScope, readScope } from './scope.ts';

/** The members that Sallyport keeps. */
export interface ClientMetadata {
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method: string;
  /** Present when it may be met at several: of a document (draft-ietf-oauth-client-id-metadata-document), all of them. */
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  /** The only algorithm that its assertions may be signed with; absent: any. */
  readonly token_endpoint_auth_signing_alg?: string;
  /** Exactly one of these is present when a method of it needs keys. */
  readonly jwks?: PublicJwks;
  readonly jwks_uri?: string;
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly client_name?: string;
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly tos_uri?: string;
  readonly policy_uri?: string;
  readonly contacts?: readonly string[];
  readonly scope?: string;
  readonly application_type?: string;
  readonly software_id?: string;
  readonly software_version?: string;
}

/** What this server can do for a client; from the lists that its code dispatches on. */
export interface Supported extends RedirectPolicy {
  /**
   * Whether the callback of every GPT may be registered at once: only for a client that somebody vouches for, and that
   * proves itself. A stranger's would collect codes at a GPT of its own, under a name of its choice.
   */
  readonly gptWildcards: boolean;
  readonly grant_types: readonly string[];
  readonly token_endpoint_auth_methods: readonly string[];
  /** By which a client that has keys may prove itself. */
  readonly token_endpoint_auth_signing_algs: readonly string[];
}

/** At least one; the one that the client asks for first. */
export type AuthMethods = readonly [string, ...string[]];

export type ClientMetadataFault = {
  readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata';
  readonly member: string;
  /** Of the first redirect URI that cannot be used, where none can. */
  readonly why?: RedirectFault;
};

const MAX_REDIRECT_URIS = 32; // The field's longest list is 9; clients on several ports may add more.
const MAX_TEXT_CHARACTERS = 256;
/** OpenID Connect Dynamic Client Registration §2. */
const applicationTypes = ['web', 'native'] as const;

/**
 * @param document parsed JSON, from anybody
 * @param methods that it may be met at, in place of the one that it names
 */
export function readClientMetadata(
  document: unknown,
  supported: Supported,
  methods?: AuthMethods,
): ClientMetadata | ClientMetadataFault {
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return { error: 'invalid_client_metadata', member: '' };
  const asked = document as Record<string, unknown>;

  const uris = stringsOf(asked['redirect_uris']);
  if (uris === undefined || uris.length === 0 || uris.length > MAX_REDIRECT_URIS)
    return { error: 'invalid_redirect_uri', member: 'redirect_uris' };
  const judged = uris.map((uri) => readRegisteredRedirectUri(uri, supported));
  if (judged.includes('forbidden_scheme'))
    return { error: 'invalid_redirect_uri', member: 'redirect_uris', why: 'forbidden_scheme' };

  // RFC 7591 §2: client_secret_basic when absent. An empty or null one is how some clients say nothing.
  const token_endpoint_auth_method =
    methods?.[0] ?? (asked['token_endpoint_auth_method'] || 'client_secret_basic');
  if (
    typeof token_endpoint_auth_method !== 'string' ||
    !supported.token_endpoint_auth_methods.includes(token_endpoint_auth_method)
  )
    return { error: 'invalid_client_metadata', member: 'token_endpoint_auth_method' };

  const mayWildcard = supported.gptWildcards && token_endpoint_auth_method !== 'none';
  const usable = judged.map((uri) =>
    typeof uri !== 'string' && uri.isWildcard && !mayWildcard ? 'wildcard' : uri,
  );
  const redirect_uris = [...new Set(usable.flatMap((uri) => (typeof uri === 'string' ? [] : [uri.text])))];
  const [why] = usable.filter((uri) => typeof uri === 'string');
  if (redirect_uris.length === 0)
    return { error: 'invalid_redirect_uri', member: 'redirect_uris', ...(why !== undefined && { why }) };
  const ways = readAuthMethod(asked, methods ?? [token_endpoint_auth_method], supported);
  if ('fault' in ways) return { error: 'invalid_client_metadata', member: ways.fault };

  // Absent means all: a client that never names `refresh_token` still wants to stay connected.
  const grants = stringsOf(asked['grant_types']);
  const grant_types = supported.grant_types.filter((name) => !grants?.length || grants.includes(name));
  if (!grant_types.includes('authorization_code'))
    return { error: 'invalid_client_metadata', member: 'grant_types' };

  return {
    redirect_uris,
    ...ways,
    grant_types,
    response_types: ['code'],
    ...textMember('client_name', shownText(asked['client_name'])),
    ...textMember('client_uri', httpsText(asked['client_uri'])),
    ...textMember('logo_uri', httpsText(asked['logo_uri'])),
    ...textMember('tos_uri', httpsText(asked['tos_uri'])),
    ...textMember('policy_uri', httpsText(asked['policy_uri'])),
    ...textMember(
      'scope',
      typeof asked['scope'] === 'string' ? printScope(readScope(asked['scope']).slice(0, 64)) : '',
    ),
    ...textMember(
      'application_type',
      applicationTypes.find((type) => type === asked['application_type']),
    ),
    ...textMember('software_id', shownText(asked['software_id'])),
    ...textMember('software_version', shownText(asked['software_version'])),
    ...contactsMember(asked['contacts']),
  };
}

/** The method that needs keys of the client. */
const PRIVATE_KEY_JWT = 'private_key_jwt';

/** How a client proves who it is. */
export type AuthMethodMetadata = Pick<
  ClientMetadata,
  | 'token_endpoint_auth_method'
  | 'token_endpoint_auth_methods_supported'
  | 'token_endpoint_auth_signing_alg'
  | 'jwks'
  | 'jwks_uri'
>;

/** RFC 7591 §2: keys by value or by reference, never both; kept only for a client that may prove itself with them. */
export function readAuthMethod(
  asked: Readonly<Record<string, unknown>>,
  methods: AuthMethods,
  supported: Pick<Supported, 'token_endpoint_auth_signing_algs'>,
): AuthMethodMetadata | { readonly fault: string } {
  // An empty or null one is how some clients say nothing.
  const [jwks, jwks_uri] = [asked['jwks'] || undefined, asked['jwks_uri'] || undefined];
  const signing_alg = asked['token_endpoint_auth_signing_alg'] || undefined;
  const hasKeys = jwks !== undefined || jwks_uri !== undefined;
  // A document that offers a key, and has none, may offer to do with less.
  const [first, ...others] = methods.filter((method) => hasKeys || method !== PRIVATE_KEY_JWT);
  if (first === undefined) return { fault: 'jwks_uri' };
  const named: AuthMethodMetadata = {
    token_endpoint_auth_method: first,
    ...(others.length > 0 && { token_endpoint_auth_methods_supported: [first, ...others] }),
  };
  if (first !== PRIVATE_KEY_JWT && !others.includes(PRIVATE_KEY_JWT)) return named;

  if (jwks !== undefined && jwks_uri !== undefined) return { fault: 'jwks' };
  if (signing_alg !== undefined && !isOneOf(supported.token_endpoint_auth_signing_algs, signing_alg))
    return { fault: 'token_endpoint_auth_signing_alg' };
  const alg = signing_alg === undefined ? {} : { token_endpoint_auth_signing_alg: signing_alg };
  if (jwks === undefined) {
    const url = httpsText(jwks_uri);
    return url === undefined ? { fault: 'jwks_uri' } : { ...named, ...alg, jwks_uri: url };
  }
  const read = readClientKeys(jwks);
  if (typeof read === 'string' || read.keys.length === 0) return { fault: 'jwks' };
  return { ...named, ...alg, jwks: read };
}

const isOneOf = (list: readonly string[], value: unknown): value is string =>
  (list as readonly unknown[]).includes(value);

function stringsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value : undefined;
}

/** Without what could disguise it on a page: controls, line breaks, bidirectional overrides, invisible characters. */
function shownText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const clean = value
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return clean.slice(0, MAX_TEXT_CHARACTERS).toWellFormed();
}

function httpsText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 2048) return undefined;
  const url = URL.parse(value);
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined;
}

function textMember(name: string, value: string | undefined): Record<string, string> {
  return value ? { [name]: value } : {};
}

function contactsMember(value: unknown): { contacts?: string[] } {
  const contacts = stringsOf(value)
    ?.slice(0, 8)
    .flatMap((one) => shownText(one) || []);
  return contacts?.length ? { contacts } : {};
}
