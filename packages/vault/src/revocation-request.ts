// One question to a provider's revocation endpoint (RFC 7009 §2.1), asked as its token endpoint is.
import type { GuardedFetch } from '@sallyport/guarded-fetch';
import type { Facts } from '@sallyport/protocol';
import type { RevokedTokens } from './room.ts';
import { judgeRevocationAnswer } from './token-answer.ts';
import { postForm, type TokenClientAuth } from './token-request.ts';

interface RevocationRequest {
  readonly endpoint: string;
  readonly tokens: RevokedTokens;
  readonly clientAuth: TokenClientAuth;
}

/**
 * The refresh token where there is one: with it goes what it brought, at most providers, and what is left is over soon.
 * @param now epoch seconds
 * @throws a refusal of this room
 */
export async function requestRevocation(
  fetch: Pick<GuardedFetch, 'exchange'>,
  { endpoint, tokens: { access_token, refresh_token }, clientAuth }: RevocationRequest,
  now: number,
): Promise<'revoked' | 'not_there'> {
  const parameters =
    refresh_token === undefined
      ? { token: access_token, token_type_hint: 'access_token' }
      : { token: refresh_token, token_type_hint: 'refresh_token' };
  const facts: Facts = { host: URL.parse(endpoint)?.host };
  const { answer } = await postForm(fetch, { endpoint, parameters, clientAuth }, facts);
  const secrets = [access_token, refresh_token ?? ''];
  if (clientAuth.method !== 'none') secrets.push(clientAuth.client_secret);
  return judgeRevocationAnswer(answer, { facts, secrets, now });
}
