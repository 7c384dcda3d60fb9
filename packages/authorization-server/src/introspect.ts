// POST /oauth/introspect (RFC 7662): what a token means, told to the client that holds it and to the servers that it is
// for. Whoever is not to know gets the same `{"active":false}` as for a token that never was, after the same look-ups.
import { digest } from '@sallyport/crypto';
import { jsonResponse, learn, printScope, type ActiveToken } from '@sallyport/protocol';
import { PERSONAL_ACCESS_TOKENS, type Client, type Grant } from '@sallyport/storage';
import type { AuthorizationServerOptions, Handler, Room } from './options.ts';
import { refuse } from './refusals.ts';
import { admitClient } from './token/admit.ts';
import { confidentialMethods } from './token/client-auth/index.ts';
import { ACCESS_TOKEN_TYP } from './token/mint.ts';
import { readTokenRequest } from './token/read.ts';

export function introspectEndpoint(options: Room): Handler {
  const { log } = options;
  return async (request, arrival) => {
    const form = await readTokenRequest(request);
    const client = await admitClient(request, form, options, arrival, {
      accepted: confidentialMethods,
      countedAs: 'introspection',
    });
    const { client_id } = client;
    if (client.admission === 'refused') throw refuse('client_not_admitted', { client_id });
    const { token, token_type_hint } = form.values;
    if (token === undefined) throw refuse('parameter_missing', { client_id, missing: 'token' });
    let known: { readonly why: Inactive; readonly grantId?: string } = { why: 'unknown' };
    for (const find of inOrder(token_type_hint)) {
      const found = await find(token, options);
      if (found === undefined) continue;
      const { grant } = found;
      const why = whyInactive(found, client, options, arrival.now);
      if (why === undefined) {
        learn(arrival, { traceId: grant.traceId, userId: grant.userId, grantId: grant.id });
        if (grant.clientId !== client_id) options.noteUse?.(grant.id, arrival.now);
        return jsonResponse(answerOf(found, options));
      }
      // RFC 7662 §2.2 and §4: no reason, and none to be read from the time it took either.
      known = { why, grantId: grant.id };
    }
    log('info', 'token_inactive', { client_id, ...known, traceId: arrival.traceId });
    return jsonResponse({ active: false });
  };
}

/** A token that is or was one of ours. */
interface Found {
  readonly kind: 'access_token' | 'refresh_token';
  readonly grant: Grant;
  readonly scope: string;
  readonly iat: number;
  readonly exp: number;
  /** Only a JWT says these itself. */
  readonly jti?: string;
  readonly iss?: string;
  /** A successor has taken its place. */
  readonly isRotated?: boolean;
}

/** For the log alone. */
type Inactive =
  | 'unknown'
  | 'expired'
  | 'revoked'
  | 'client_withdrawn'
  | 'rotated'
  | 'other_issuer'
  | 'not_served'
  | 'not_theirs';

function whyInactive(
  { kind, grant, exp, iss, isRotated = false }: Found,
  client: Client,
  { issuer, resources }: AuthorizationServerOptions,
  now: number,
): Inactive | undefined {
  // A server elsewhere is told of access tokens only: it must never take a refresh token for one.
  const guards = kind === 'access_token' && client.introspects?.includes(grant.resource) === true;
  if (grant.clientId !== client.client_id && !guards) return 'not_theirs';
  if (grant.revokedAt !== undefined) return 'revoked';
  if (grant.clientWithdrawn) return 'client_withdrawn';
  if (exp <= now || grant.expiresAt <= now) return 'expired';
  if (isRotated) return 'rotated';
  if (iss !== undefined && iss !== issuer) return 'other_issuer';
  return resources.some(({ resource }) => resource === grant.resource) ? undefined : 'not_served';
}

/** RFC 7662 §2.2. No `username`: who guards a server needs to tell people apart, not to know them. */
function answerOf({ kind, grant, scope, iat, exp, jti }: Found, { issuer }: AuthorizationServerOptions) {
  const answer: ActiveToken = {
    active: true,
    iss: issuer,
    sub: grant.userId,
    aud: grant.resource,
    client_id: grant.clientId,
    scope,
    // RFC 6749 §5.1 gives a type to access tokens only.
    ...(kind === 'access_token' && { token_type: 'Bearer' as const }),
    iat,
    exp,
    ...(jti !== undefined && { jti }),
    grant_id: grant.id,
  };
  return answer;
}

type Find = (token: string, options: AuthorizationServerOptions) => Promise<Found | undefined>;

const opaqueAccessToken: Find = async (text, { storage, personalTokens }) => {
  const found = await storage.findAccessToken(digest(text));
  if (found === undefined) return undefined;
  const { token, grant } = found;
  if (!personalTokens && grant.clientId === PERSONAL_ACCESS_TOKENS) return undefined;
  const scope = printScope(token.scope);
  return { kind: 'access_token', grant, scope, iat: token.createdAt, exp: token.expiresAt };
};

const refreshToken: Find = async (text, { storage }) => {
  const found = await storage.findRefreshToken(digest(text));
  if (found === undefined) return undefined;
  const { token, grant } = found;
  const isRotated = token.rotatedAt !== undefined;
  const times = { iat: token.createdAt, exp: token.expiresAt };
  return { kind: 'refresh_token', grant, scope: printScope(grant.scope), ...times, isRotated };
};

const signedAccessToken: Find = async (text, { keys, storage }) => {
  const claims = await keys.readSignedJwt(ACCESS_TOKEN_TYP, text);
  const { grant_id, scope, iat, exp, jti, iss } = claims ?? {};
  if (typeof grant_id !== 'string' || typeof iat !== 'number' || typeof exp !== 'number') return undefined;
  if (typeof jti !== 'string' || typeof iss !== 'string') return undefined;
  const grant = await storage.findGrant(grant_id);
  if (grant === undefined) return undefined;
  return { kind: 'access_token', grant, scope: typeof scope === 'string' ? scope : '', iat, exp, jti, iss };
};

/** RFC 7662 §2.1: a hint says where to look first, and nothing else. */
function inOrder(token_type_hint: string | undefined): readonly Find[] {
  const accessTokens = [signedAccessToken, opaqueAccessToken];
  return token_type_hint === 'refresh_token'
    ? [refreshToken, ...accessTokens]
    : [...accessTokens, refreshToken];
}
