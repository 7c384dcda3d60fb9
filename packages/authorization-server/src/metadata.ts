// What this server says of itself (RFC 8414 §2, RFC 9207 §3): computed from the lists that the code dispatches on.
import { withoutEmpty, type AuthorizationServerMetadata } from '@sallyport/protocol';
import { prompts } from './authorize/asked-interaction.ts';
import { code_challenge_methods, response_modes, response_types } from './authorize/check.ts';
import type { AuthorizationServerOptions } from './options.ts';
import { offersRegistration } from './registration/policy.ts';
import { clientAuthMethods, confidentialMethods } from './token/client-auth/index.ts';
import { assertionAlgs } from './token/client-auth/private_key_jwt.ts';
import { grantTypes } from './token/grants/index.ts';

export function authorizationServerMetadata({
  issuer,
  resources,
  registration,
}: AuthorizationServerOptions): AuthorizationServerMetadata {
  const methods = clientAuthMethods.map(({ method }) => method);
  const scopes = resources.flatMap((resource) => resource.scopes.map(({ name }) => name));
  return withoutEmpty({
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/oauth/jwks`,
    ...(offersRegistration(registration) && { registration_endpoint: `${issuer}/oauth/register` }),
    revocation_endpoint: `${issuer}/oauth/revoke`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    // Clients that want to stay connected look for `offline_access` here before they ask for it; every client that
    // registered for `refresh_token` gets one anyway.
    scopes_supported: [...new Set([...scopes, 'offline_access'])],
    response_types_supported: response_types,
    response_modes_supported: response_modes,
    grant_types_supported: grantTypes.map(({ grant_type }) => grant_type),
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: assertionAlgs,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgs,
    introspection_endpoint_auth_methods_supported: confidentialMethods.map(({ method }) => method),
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgs,
    code_challenge_methods_supported: code_challenge_methods,
    prompt_values_supported: prompts,
    authorization_response_iss_parameter_supported: true as const,
    ...(registration.metadataDocuments && { client_id_metadata_document_supported: true as const }),
  });
}
