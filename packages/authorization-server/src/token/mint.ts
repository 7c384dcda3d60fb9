// What was decided becomes tokens: an RFC 9068 access token, bound to one audience and to its grant.
import { randomToken } from '@sallyport/crypto';
import { printScope, type TokenResponse } from '@sallyport/protocol';
import type { AuthorizationServerOptions } from '../options.ts';
import type { Issue } from './grants/index.ts';

/** JOSE `typ` of access tokens (RFC 9068 §2.1). */
export const ACCESS_TOKEN_TYP = 'at+jwt';

export function mintTokens(
  issue: Issue,
  { issuer, keys, lifetimes }: AuthorizationServerOptions,
  now: number,
): TokenResponse {
  const scope = printScope(issue.scope);
  const access_token = keys.signJwt(ACCESS_TOKEN_TYP, {
    iss: issuer,
    sub: issue.sub,
    aud: issue.resource,
    client_id: issue.client.client_id,
    scope,
    // Grant Management for OAuth 2.0 names it so; a revoked grant kills its access tokens at once.
    grant_id: issue.grantId,
    iat: now,
    exp: now + lifetimes.accessTokenSeconds,
    jti: randomToken(16),
  });
  return {
    access_token,
    token_type: 'Bearer',
    expires_in: lifetimes.accessTokenSeconds,
    ...(issue.refresh_token !== undefined && { refresh_token: issue.refresh_token }),
    scope,
  };
}
