// RFC 6749 §6 with rotation (OAuth 2.1 §4.3.1), idempotent by design rule 3: a client whose answer was lost, or that
// refreshes from two places at once, gets the same successor again, until that successor is used or the grace is over.
import { digest, hmac } from '@sallyport/crypto';
import { includesScopes, printScope, readScopeWords, scopesMeant } from '@sallyport/protocol';
import { refuse } from '../../refusals.ts';
import { isNoWeaker } from '../client-auth/index.ts';
import { followGrant } from '../follow.ts';
import { mintAccessToken } from '../mint.ts';
import { grantExpiry } from './expiry.ts';
import { confirmResource, scopeNamesOf, toldScope } from './resource.ts';
import type { GrantType } from './index.ts';

export const refreshToken: GrantType = {
  grant_type: 'refresh_token',
  parameters: ['refresh_token'],

  async handle(client, form, options, arrival) {
    const { now } = arrival;
    const { storage, resources, lifetimes, derivation, log } = options;
    const presented = form.values['refresh_token'] ?? '';
    const presentedDigest = digest(presented);
    const found = await storage.findRefreshToken(presentedDigest);
    const facts = { client_id: client.client_id, grantId: found?.grant.id };
    if (found === undefined || found.grant.clientId !== client.client_id)
      throw refuse('refresh_token_invalid', facts);
    const { token, grant } = found;
    followGrant(arrival, grant);
    const { authMethod } = client;
    if (!isNoWeaker(authMethod, grant.authMethod)) throw refuse('proof_too_weak', { ...facts, authMethod });
    confirmResource(form.resource, grant.resource, resources, facts);

    // Scopes that no server here knows (`offline_access`, say) are narrowed; a known one that was not granted is refused.
    const names = scopeNamesOf(grant.resource, resources);
    const words = readScopeWords(form.values['scope'], names);
    const asked = scopesMeant(words, names);
    if (!includesScopes(grant.scope, asked, names.scopes)) throw refuse('scope_exceeds_grant', facts);
    const scope = asked.length > 0 ? asked : grant.scope;

    // Derived, so that it can be given again although only its digest is kept; under the key of its row, so that it is the
    // same however often keys are replaced in between.
    const key = await derivation.find(token.keyId);
    if (key === undefined) throw refuse('refresh_token_invalid', { ...facts, retiredKey: token.keyId });
    const successor = hmac(key, `refresh_token:${presented}`);
    const expiresAt = now + lifetimes.refreshTokenSeconds;
    const minted = mintAccessToken({ grant, client, scope, now }, options);
    const outcome = await storage.rotateRefreshToken({
      digest: presentedDigest,
      ...minted.kept,
      successor: {
        digest: digest(successor),
        grantId: grant.id,
        keyId: derivation.current.id,
        createdAt: now,
        expiresAt,
      },
      asked: `${printScope([...scope].sort())} ${grant.resource}`,
      graceSeconds: lifetimes.refreshGraceSeconds,
      grantExpiresAt: grantExpiry(lifetimes, true, now),
      now,
    });
    if (outcome === 'replayed') {
      log('warn', 'refresh_token_replayed', { ...facts, traceId: grant.traceId });
      throw refuse('refresh_token_replayed', facts);
    }
    if (outcome === 'differs') throw refuse('refresh_differs', facts);
    if (outcome === 'dead') throw refuse('refresh_token_invalid', facts);
    const told = toldScope(grant, scope, resources, words);
    return { grant, access_token: minted.access_token, refresh_token: successor, scope: told };
  },
};
