// Access tokens, bound to one audience and to their grant, in the format that the client gets.
import { digest, randomToken } from '@sallyport/crypto';
import { printScope } from '@sallyport/protocol';
import type { AccessToken, Client, Grant } from '@sallyport/storage';
import { OPAQUE_TOKEN_BYTES } from '../limits.ts';
import type { AccessTokenFormat, AuthorizationServerOptions } from '../options.ts';

/** JOSE `typ` of access tokens (RFC 9068 §2.1). */
export const ACCESS_TOKEN_TYP = 'at+jwt';

export interface MintedAccessToken {
  readonly access_token: string;
  /** What storage must keep, in the write that makes the token valid; nothing of a JWT. */
  readonly kept: { readonly accessToken?: AccessToken };
}

/** What a token is made of. */
export interface Minting {
  readonly grant: Grant;
  readonly client: Client;
  readonly scope: readonly string[];
  readonly now: number;
}

export function mintAccessToken(minting: Minting, options: AuthorizationServerOptions): MintedAccessToken {
  return formats[minting.client.accessTokenFormat ?? options.accessTokenFormat](minting, options);
}

type Mint = (minting: Minting, options: AuthorizationServerOptions) => MintedAccessToken;

const formats: Readonly<Record<AccessTokenFormat, Mint>> = {
  jwt({ grant, client, scope, now }, { issuer, keys, lifetimes }) {
    const claims = {
      iss: issuer,
      sub: grant.userId,
      aud: grant.resource,
      client_id: client.client_id,
      scope: printScope(scope),
      // Grant Management for OAuth 2.0 names it so; a revoked grant kills its access tokens at once.
      grant_id: grant.id,
      iat: now,
      exp: now + lifetimes.accessTokenSeconds,
      jti: randomToken(16),
    };
    return { access_token: keys.signJwt(ACCESS_TOKEN_TYP, claims, now), kept: {} };
  },

  opaque({ grant, scope, now }, { lifetimes }) {
    const access_token = randomToken(OPAQUE_TOKEN_BYTES);
    const expiresAt = now + lifetimes.accessTokenSeconds;
    const accessToken = { digest: digest(access_token), grantId: grant.id, scope, createdAt: now, expiresAt };
    return { access_token, kept: { accessToken } };
  },
};
