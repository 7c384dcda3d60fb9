// What the ID token leaves out, asked of the provider (OpenID Connect Core §5.3).
import type { GuardedFetch } from '@sallyport/guarded-fetch';
import { limits } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import { failureOfFetch } from './failures.ts';
import type { JudgedIdToken } from './judge-id-token.ts';
import { readJsonObject } from './metadata.ts';
import { valueAt } from './claims.ts';
import type { OpenIdSettings, UpstreamClaims } from './row.ts';

/** Whether something that is of use is not in the ID token. */
export function needsUserInfo(claims: UpstreamClaims, { groupsClaim }: OpenIdSettings): boolean {
  return (
    claims['email'] === undefined ||
    claims['email_verified'] === undefined ||
    claims['name'] === undefined ||
    (groupsClaim !== undefined && valueAt(claims, groupsClaim) === undefined)
  );
}

/**
 * @returns the claims of the ID token, with what UserInfo adds to them
 * @throws {Refusal} `upstream_userinfo_subject_differs`, `upstream_userinfo_unusable`, `upstream_unavailable`
 */
export async function withUserInfo(
  { subject, claims }: JudgedIdToken,
  access_token: string,
  { fetch, endpoint }: { readonly fetch: GuardedFetch; readonly endpoint: string },
): Promise<UpstreamClaims> {
  const answer = await fetch
    .exchange(endpoint, {
      method: 'GET',
      headers: { accept: 'application/json', authorization: `Bearer ${access_token}` },
      maxBytes: limits.upstreamDocumentBytes,
    })
    .catch((error: unknown): never => {
      throw failureOfFetch(error, 'userinfo_endpoint', 'upstream_userinfo_unusable');
    });
  const { status } = answer;
  const facts = { at: 'userinfo_endpoint', status, contentType: answer.contentType.slice(0, 64) };
  if (status === 429 || status >= 500) throw refuse('upstream_unavailable', facts);
  const said = readJsonObject(answer.bytes);
  if (status !== 200 || typeof said === 'string')
    throw refuse('upstream_userinfo_unusable', { ...facts, ...(typeof said === 'string' && { why: said }) });
  // §5.3.2: otherwise these could be another person's (token substitution).
  if (said['sub'] !== subject) throw refuse('upstream_userinfo_subject_differs');
  const [added, own]: [Record<string, unknown>, Record<string, unknown>] = [{ ...said }, { ...claims }];
  // Whether an address was verified is said of that address and no other.
  if (own['email'] === undefined) delete own['email_verified'];
  else if (added['email'] !== own['email']) delete added['email_verified'];
  return { ...added, ...own };
}
