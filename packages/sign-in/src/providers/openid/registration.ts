// What this server asks for when it registers itself at a provider (RFC 7591 §2), and how it will prove itself there.
import {
  refuse,
  type RegistrableMethod,
  registrableMethods,
  type RegistrationRequest,
} from '@sallyport/vault';
import { scopesAsked } from './authorization-url.ts';
import type { ProviderMetadata } from './metadata.ts';
import type { OpenIdRow, OpenIdSettings } from './row.ts';

interface About {
  readonly row: OpenIdRow;
  readonly settings: OpenIdSettings;
  readonly metadata: ProviderMetadata;
  readonly client_name: string;
  readonly redirect_uri: string;
}

/** @throws {Refusal} `provider_registration_refused` when it lets nobody register, or takes none of our ways to prove oneself */
export function registrationOf({
  row,
  settings,
  metadata,
  client_name,
  redirect_uri,
}: About): RegistrationRequest {
  // Whether tokens are kept may be configured otherwise later; the client stays.
  const scope = scopesAsked(metadata, row, { ...settings, offlineAccess: true }).join(' ');
  const refreshes = metadata.grant_types_supported?.includes('refresh_token') ?? true;
  return {
    endpoint: registrationEndpointOf(metadata),
    initialAccessToken: settings.registration?.initialAccessToken,
    metadata: {
      client_name,
      application_type: 'web',
      redirect_uris: [redirect_uri],
      grant_types: ['authorization_code', ...(refreshes ? ['refresh_token'] : [])],
      response_types: ['code'],
      token_endpoint_auth_method: registeredMethodOf(settings, metadata),
      ...(row.registration?.namesScopes === true && { scope }),
    },
  };
}

/** @throws {Refusal} `provider_registration_refused` */
export function registrationEndpointOf({ registration_endpoint }: ProviderMetadata): string {
  if (registration_endpoint !== undefined) return registration_endpoint;
  throw refuse('provider_registration_refused', { why: 'no_registration_endpoint' });
}

/** @throws {Refusal} `provider_registration_refused` */
export function registeredMethodOf(
  { authMethod }: Pick<OpenIdSettings, 'authMethod'>,
  { token_endpoint_auth_methods_supported: supported }: ProviderMetadata,
): RegistrableMethod {
  const method = authMethod ?? registrableMethods.find((one) => supported.includes(one));
  if (method !== undefined) return method;
  const shown = supported.join(' ').slice(0, 200);
  throw refuse('provider_registration_refused', { why: 'no_client_authentication', supported: shown });
}
