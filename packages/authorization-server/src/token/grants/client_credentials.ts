// RFC 6749 §4.4: a client asks for itself, and acts as an account of its own (RFC 9068 §2.2: `sub` is its client_id). Only
// one that the operator gave scopes to, and that can prove who it is; nobody is there to be asked.
import { randomToken } from '@sallyport/crypto';
import { includesScopes, readScopeWords, scopesMeant } from '@sallyport/protocol';
import type { Client, Grant } from '@sallyport/storage';
import { refuse } from '../../refusals.ts';
import { chooseResource } from '../../resource.ts';
import { confidentialMethods, type AuthenticatedClient } from '../client-auth/index.ts';
import { followGrant } from '../follow.ts';
import { mintAccessToken } from '../mint.ts';
import { grantExpiry } from './expiry.ts';
import { toldScope } from './resource.ts';
import type { GrantType } from './index.ts';

export const clientCredentials: GrantType = {
  grant_type: 'client_credentials',
  parameters: [],
  isGivenByOperator: true,

  async handle(client, form, options, arrival) {
    const { now } = arrival;
    const { storage, resources, lifetimes } = options;
    const { client_id } = client;
    const ownScope = ownScopeOf(client);
    if (ownScope === undefined) throw refuse('own_scope_missing', { client_id });
    const { resource, scopes, ...names } = chooseResource(form.resource, resources);
    const own = Object.hasOwn(ownScope, resource) ? ownScope[resource] : undefined;
    if (own === undefined) throw refuse('resource_not_own', { client_id, resource });
    const words = readScopeWords(form.values['scope'], { scopes, ...names });
    const asked = words.length > 0 ? scopesMeant(words, { scopes, ...names }) : [...new Set(own)];
    // Clients of MCP ask for what a challenge names, which is what people are asked for.
    const scope = asked.filter(
      (name) => scopes.some((known) => known.name === name) && includesScopes(own, [name], scopes),
    );
    if (scope.length === 0) throw refuse('scope_not_own', { client_id, resource });

    const standing = await storage.findOwnGrant({ clientId: client_id, resource, scope, now });
    const wanted: Grant = standing ?? {
      id: randomToken(16),
      userId: client_id,
      clientId: client_id,
      resource,
      scope,
      traceId: arrival.traceId,
      createdAt: now,
      expiresAt: now,
    };
    const minted = mintAccessToken({ grant: wanted, client, scope, now }, options);
    const ends = grantExpiry(lifetimes, false, now);
    // A grant that outlives the token serves as it is: most requests write nothing.
    const isEnough = standing !== undefined && standing.expiresAt >= ends;
    const grant =
      isEnough && minted.kept.accessToken === undefined
        ? standing
        : await storage.keepOwnGrant({
            client,
            grant: { ...wanted, expiresAt: ends + lifetimes.accessTokenSeconds },
            ...minted.kept,
            now,
          });
    // Removed, or given other scopes, since it was authenticated.
    if (grant === 'gone') throw refuse('own_scope_missing', { client_id, gone: true });
    followGrant(arrival, grant);
    const isSame = grant.id === wanted.id || minted.kept.accessToken !== undefined;
    const { access_token } = isSame ? minted : mintAccessToken({ grant, client, scope, now }, options);
    const isFirst = standing === undefined && grant.id === wanted.id;
    const told = toldScope(grant, scope, resources, words);
    return { grant, access_token, scope: told, ...(isFirst && { isFirst }) };
  },
};

/** Whatever else a row says: a client that came in by itself, or has proved nothing now, has no scopes of its own. */
function ownScopeOf({ registeredBy, authMethod, ownScope }: AuthenticatedClient): Client['ownScope'] {
  const isOperators = registeredBy === 'operator' || registeredBy === 'configuration';
  const hasProof = confidentialMethods.some(({ method }) => method === authMethod);
  return isOperators && hasProof ? ownScope : undefined;
}
