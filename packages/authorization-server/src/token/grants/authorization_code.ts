// RFC 6749 §4.1.3 with PKCE (RFC 7636 §4.6). Judged first, taken last: a wrong attempt does not spend the code, and only
// one that passes every check can reveal a replay (OAuth 2.1 §4.1.3, design rule 3).
import { digest, isCodeVerifier, randomToken } from '@sallyport/crypto';
import type { Facts, Parameters } from '@sallyport/protocol';
import type { AuthorizationCode, Client } from '@sallyport/storage';
import { refuse } from '../../refusals.ts';
import { mustUsePkce } from '../../without-pkce.ts';
import { followGrant } from '../follow.ts';
import { mintAccessToken } from '../mint.ts';
import { grantExpiry } from './expiry.ts';
import { confirmResource, toldScope } from './resource.ts';
import type { GrantType } from './index.ts';

export const authorizationCode: GrantType = {
  grant_type: 'authorization_code',
  // code_verifier too, where there was a challenge.
  parameters: ['code'],

  async handle(client, form, options, arrival) {
    const { now } = arrival;
    const { storage, resources, lifetimes, derivation, log } = options;
    const { code = '', redirect_uri } = form.values;
    const codeDigest = digest(code);
    const found = await storage.findCode(codeDigest);
    const facts = { client_id: client.client_id, grantId: found?.grant.id };
    if (found === undefined || found.grant.clientId !== client.client_id) throw refuse('code_invalid', facts);
    const { code: issued, grant } = found;
    followGrant(arrival, grant);
    // OAuth 2.1 clients leave it out; from those that send it, it must be exact (OAuth 2.1 §10.2).
    if (redirect_uri !== undefined && redirect_uri !== issued.redirect_uri)
      throw refuse('redirect_uri_mismatch', facts);
    judgeProof(form, issued, client, facts);
    confirmResource(form.resource, grant.resource, resources, facts);

    const wantsRefresh = client.metadata.grant_types.includes('refresh_token');
    const refresh_token = wantsRefresh ? randomToken() : undefined;
    const refreshExpiresAt = now + lifetimes.refreshTokenSeconds;
    const minted = mintAccessToken({ grant, client, scope: grant.scope, now }, options);
    const outcome = await storage.redeemCode({
      digest: codeDigest,
      authMethod: client.authMethod,
      ...minted.kept,
      ...(refresh_token !== undefined && {
        refreshToken: {
          digest: digest(refresh_token),
          grantId: grant.id,
          keyId: derivation.current.id,
          createdAt: now,
          expiresAt: refreshExpiresAt,
        },
      }),
      grantExpiresAt: grantExpiry(lifetimes, wantsRefresh, now),
      now,
    });
    if (outcome === 'replayed') {
      log('warn', 'code_replayed', { ...facts, traceId: grant.traceId });
      throw refuse('code_replayed', facts);
    }
    if (outcome === 'dead') throw refuse('code_invalid', facts);
    const { access_token } = minted;
    const scope = toldScope(grant, grant.scope, resources);
    return { grant, access_token, ...(refresh_token !== undefined && { refresh_token }), scope };
  },
};

/** PKCE (RFC 7636 §4.6), or what stands in for it where the authorization request had none. */
function judgeProof(
  { values: { code_verifier, redirect_uri } }: Parameters,
  { code_challenge }: AuthorizationCode,
  client: Client,
  facts: Facts,
): void {
  if (code_challenge !== undefined) {
    if (code_verifier === undefined)
      throw refuse('parameter_missing', { ...facts, missing: 'code_verifier' });
    if (!isCodeVerifier(code_verifier, code_challenge)) throw refuse('code_verifier_mismatch', facts);
    return;
  }
  // The code of a request from which somebody took the challenge away (OAuth 2.1 §4.1.3, RFC 9700 §4.8.2).
  if (code_verifier !== undefined) throw refuse('code_verifier_unexpected', facts);
  // RFC 6749 §4.1.3: it is what ties the code to the place that it was sent to.
  if (redirect_uri === undefined) throw refuse('code_redirect_uri_missing', facts);
  if (mustUsePkce(client)) throw refuse('code_invalid', { ...facts, withoutPkce: true });
}
