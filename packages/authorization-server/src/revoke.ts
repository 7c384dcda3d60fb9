// POST /oauth/revoke (RFC 7009): either token ends the whole grant, its access tokens at the gate included.
import { digest } from '@sallyport/crypto';
import type { Storage } from '@sallyport/storage';
import type { AuthorizationServerOptions, Handler, Room } from './options.ts';
import { refuse } from './refusals.ts';
import { admitClient } from './token/admit.ts';
import { followGrant } from './token/follow.ts';
import { isNoWeaker } from './token/client-auth/index.ts';
import { ACCESS_TOKEN_TYP } from './token/mint.ts';
import { readTokenRequest } from './token/read.ts';

export function revokeEndpoint(options: Room): Handler {
  const { storage, log } = options;
  return async (request, arrival) => {
    const form = await readTokenRequest(request);
    const { client_id, authMethod } = await admitClient(request, form, options, arrival);
    const { token } = form.values;
    if (token === undefined) throw refuse('parameter_missing', { client_id, missing: 'token' });
    const grant = (await grantOfRefreshToken(token, storage)) ?? (await grantOfAccessToken(token, options));
    // RFC 7009 §2.2: a token that means nothing (any more) is as good as revoked.
    if (grant !== undefined) {
      followGrant(arrival, grant);
      if (grant.clientId !== client_id)
        throw refuse('token_of_another_client', { client_id, grantId: grant.id });
      if (!isNoWeaker(authMethod, grant.authMethod))
        throw refuse('proof_too_weak', { client_id, grantId: grant.id, authMethod });
      await storage.revokeGrant(grant.id, arrival.now);
      log('info', 'grant_revoked', { client_id, grantId: grant.id, traceId: grant.traceId });
    }
    return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
  };
}

async function grantOfRefreshToken(token: string, storage: Storage) {
  return (await storage.findRefreshToken(digest(token)))?.grant;
}

async function grantOfAccessToken(token: string, { keys, storage }: AuthorizationServerOptions) {
  const opaque = await storage.findAccessToken(digest(token));
  if (opaque !== undefined) return opaque.grant;
  const claims = await keys.readSignedJwt(ACCESS_TOKEN_TYP, token);
  const grant_id = claims?.['grant_id'];
  return typeof grant_id === 'string' ? storage.findGrant(grant_id) : undefined;
}
