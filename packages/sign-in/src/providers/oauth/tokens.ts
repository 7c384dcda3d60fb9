// The token endpoint of such a provider: tokens for a code, and new tokens for old.
import type { GuardedFetch } from '@sallyport/guarded-fetch';
import { isRefusal } from '@sallyport/protocol';
import { requestTokens, type TokenAnswer } from '@sallyport/vault';
import { refuse } from '../../refusals.ts';
import { failureOfCode } from '../openid/failures.ts';
import type { Returned } from '../provider.ts';
import { clientAuthOf, type OAuthSettings } from './settings.ts';

interface TokenEndpoint {
  readonly fetch: GuardedFetch;
  readonly endpoint: string;
  readonly settings: OAuthSettings;
}

/** RFC 6749 §4.1.3, with RFC 7636 §4.5. @throws {Refusal} of this room */
export function exchangeCode(
  code: string,
  { redirect_uri, code_verifier, now }: Returned,
  { fetch, endpoint, settings }: TokenEndpoint,
): Promise<TokenAnswer> {
  const parameters = { grant_type: 'authorization_code', code, redirect_uri, code_verifier };
  return requestTokens(fetch, { endpoint, parameters, clientAuth: clientAuthOf(settings) }, now).catch(
    (error: unknown): never => {
      if (isRefusal(error) && error.facts['providerError'] === 'unverified_user_email')
        throw refuse('upstream_email_unverified', error.facts);
      throw failureOfCode(error);
    },
  );
}

/** RFC 6749 §6. Refusals reach the vault as they are: it acts on them. */
export function refreshTokens(
  refresh_token: string,
  now: number,
  { fetch, endpoint, settings }: TokenEndpoint,
): Promise<TokenAnswer> {
  const parameters = { grant_type: 'refresh_token', refresh_token };
  return requestTokens(fetch, { endpoint, parameters, clientAuth: clientAuthOf(settings) }, now);
}
