// How this server proves who it is at the provider's token endpoint: by what both know.
import type { TokenClientAuth } from '@sallyport/vault';
import { refuse } from '../../refusals.ts';
import type { ProviderMetadata } from './metadata.ts';
import type { OpenIdSettings } from './row.ts';

type Method = 'client_secret_basic' | 'client_secret_post';

const isKnown = (method: string): method is Method =>
  method === 'client_secret_basic' || method === 'client_secret_post';

/** @throws {Refusal} `upstream_misconfigured` when the provider takes no secret in any way that is known here */
export function clientAuthOf(
  { clientId: client_id, clientSecret, authMethod }: OpenIdSettings & { readonly clientId: string },
  { token_endpoint_auth_methods_supported: supported }: ProviderMetadata,
): TokenClientAuth {
  if (clientSecret === undefined || authMethod === 'none') return { method: 'none', client_id };
  // The provider's own order: Google and Entra name first what their documentation shows.
  const method = authMethod ?? supported.find(isKnown);
  if (method === undefined)
    throw refuse('upstream_misconfigured', {
      why: 'no_client_authentication',
      supported: supported.join(' ').slice(0, 200),
    });
  return { method, client_id, client_secret: clientSecret };
}
