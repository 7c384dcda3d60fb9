// RFC 7591 §2: what a client says of itself. Tolerant on the way in (unknown members are ignored, redirect URIs that
// cannot be used are dropped while one remains), strict in what is kept.
import { readRegisteredRedirectUri, type RedirectFault, type RedirectPolicy } from './redirect-uri.ts';
import { printScope, readScope } from './scope.ts';

/** The members that Sallyport keeps. */
export interface ClientMetadata {
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method: string;
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
}

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

/** @param document parsed JSON, from anybody */
export function readClientMetadata(
  document: unknown,
  supported: Supported,
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
  const token_endpoint_auth_method = asked['token_endpoint_auth_method'] || 'client_secret_basic';
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

  // Absent means all: a client that never names `refresh_token` still wants to stay connected.
  const grants = stringsOf(asked['grant_types']);
  const grant_types = supported.grant_types.filter((name) => !grants?.length || grants.includes(name));
  if (!grant_types.includes('authorization_code'))
    return { error: 'invalid_client_metadata', member: 'grant_types' };

  return {
    redirect_uris,
    token_endpoint_auth_method,
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
