// What the operator writes about a provider that has OAuth and an API of its own, and no OpenID Connect; judged
// and complete.
import type { TokenClientAuth } from '@sallyport/vault';

export interface OAuthSettings {
  readonly id: string;
  readonly title: string;
  readonly callbackPath: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** In place of what signing in needs. */
  readonly scopes?: readonly string[] | undefined;
  /** Each in place of the provider's own; trusted as the operator's word. */
  readonly authorizationUrl?: string | undefined;
  readonly tokenUrl?: string | undefined;
  readonly apiUrl?: string | undefined;
}

/** Both providers document the secret in the body (RFC 6749 §2.3.1). */
export function clientAuthOf({ clientId, clientSecret }: OAuthSettings): TokenClientAuth {
  return { method: 'client_secret_post', client_id: clientId, client_secret: clientSecret };
}
