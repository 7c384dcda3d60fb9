// Step 5, code: what was granted becomes a grant and its code, once, however often the answer is submitted.
import { digest, hmac, randomToken, type NamedKey } from '@sallyport/crypto';
import type { Storage } from '@sallyport/storage';
import type { AuthorizationServerOptions } from '../options.ts';
import { refuse } from '../refusals.ts';
import { isAskedEveryTime } from './consent.ts';
import type { GrantedAuthorization } from './steps.ts';

/** @returns the authorization code */
export async function issueCode(
  granted: GrantedAuthorization,
  options: AuthorizationServerOptions,
  now: number,
): Promise<string> {
  const { storage, derivation, lifetimes } = options;
  const { checked, person, pausedId } = granted;
  const { client, redirect, resource, scope, scopeWords, code_challenge, traceId } = checked;
  // A consent that is submitted twice must answer twice with one code, of which only the digest is stored.
  const codeUnder = (key: NamedKey): string => hmac(key, `code:${pausedId}:${person.id}`);
  const code = pausedId === undefined ? randomToken() : codeUnder(derivation.current);
  const grantId = randomToken(16);
  const expiresAt = now + lifetimes.codeSeconds;
  const outcome = await storage.grantAuthorization({
    ...(pausedId !== undefined && { pausedId: digest(pausedId) }),
    grant: {
      id: grantId,
      userId: person.id,
      clientId: client.client_id,
      resource: resource.resource,
      scope,
      // Told to the client again with its tokens; what is granted are the scopes.
      ...(scopeWords.some((word) => !scope.includes(word)) && { scopeWords }),
      traceId,
      createdAt: now,
      expiresAt,
      ...(person.provider !== undefined && { provider: person.provider }),
      ...(person.subject !== undefined && { subject: person.subject }),
    },
    code: {
      digest: digest(code),
      grantId,
      redirect_uri: redirect.text,
      ...(code_challenge !== undefined && { code_challenge }),
      createdAt: now,
      expiresAt,
    },
    // Without a page it was remembered already; written again, it would outlive its revocation in the meantime.
    ...(pausedId !== undefined &&
      !isAskedEveryTime(checked, options) && {
        consent: {
          userId: person.id,
          clientId: client.client_id,
          redirectOrigin: redirect.origin,
          resource: resource.resource,
          scope,
          updatedAt: now,
        },
      }),
    now,
  });
  if (outcome === 'gone') throw refuse('authorization_expired');
  if (outcome === 'decided_otherwise') throw refuse('authorization_decided');
  if (outcome === 'granted') return code;
  // The key may have been replaced since the first answer. Going back in the browser and answering once more must not hand
  // the client a code that it has already redeemed, or that is too old to be.
  for (const first of derivation.known.map(codeUnder))
    if (await isRedeemable(first, storage, now)) return first;
  throw refuse('authorization_decided');
}

async function isRedeemable(code: string, storage: Storage, now: number): Promise<boolean> {
  const found = (await storage.findCode(digest(code)))?.code;
  return found !== undefined && found.spentAt === undefined && found.expiresAt > now;
}
