// What was decided becomes tokens, bound to one audience and to their grant, in the format that the client gets.
import { digest, randomToken } from '@sallyport/crypto';
import { printScope, type TokenResponse } from '@sallyport/protocol';
import type { AccessTokenFormat, AuthorizationServerOptions } from '../options.ts';
import { refuse } from '../refusals.ts';
import type { Issue } from './grants/index.ts';

/** JOSE `typ` of access tokens (RFC 9068 §2.1). */
export const ACCESS_TOKEN_TYP = 'at+jwt';

/** @throws a refusal `grant_ended` when the grant was revoked while its token was being made */
export async function mintTokens(
  issue: Issue,
  options: AuthorizationServerOptions,
  now: number,
): Promise<TokenResponse> {
  const format = issue.client.accessTokenFormat ?? options.accessTokenFormat;
  return {
    access_token: await formats[format](issue, options, now),
    token_type: 'Bearer',
    expires_in: options.lifetimes.accessTokenSeconds,
    ...(issue.refresh_token !== undefined && { refresh_token: issue.refresh_token }),
    scope: printScope(issue.scope),
  };
}

type Mint = (issue: Issue, options: AuthorizationServerOptions, now: number) => string | Promise<string>;

const formats: Readonly<Record<AccessTokenFormat, Mint>> = { jwt: mintJwt, opaque: mintOpaque };

function mintJwt(issue: Issue, { issuer, keys, lifetimes }: AuthorizationServerOptions, now: number): string {
  return keys.signJwt(ACCESS_TOKEN_TYP, {
    iss: issuer,
    sub: issue.sub,
    aud: issue.resource,
    client_id: issue.client.client_id,
    scope: printScope(issue.scope),
    // Grant Management for OAuth 2.0 names it so; a revoked grant kills its access tokens at once.
    grant_id: issue.grantId,
    iat: now,
    exp: now + lifetimes.accessTokenSeconds,
    jti: randomToken(16),
  });
}

async function mintOpaque(
  { grantId, scope }: Issue,
  { storage, lifetimes }: AuthorizationServerOptions,
  now: number,
): Promise<string> {
  const token = randomToken();
  const expiresAt = now + lifetimes.accessTokenSeconds;
  const kept = await storage.keepAccessToken(
    { digest: digest(token), grantId, scope, createdAt: now, expiresAt },
    now,
  );
  if (kept === 'dead') throw refuse('grant_ended', { grantId });
  return token;
}
