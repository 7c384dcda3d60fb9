// Access tokens that people make themselves, for programs that cannot do OAuth. To the gate each is an opaque token as
// any other: of one person, for one server, with some scopes, and over the moment it is taken back.
import { digest, hmac, recognisableToken, type Keychain, type NamedKey } from '@sallyport/crypto';
import type { PersonalAccessToken, Storage } from '@sallyport/storage';
import { MAX_PERSONAL_TOKENS } from './limits.ts';

/** What each begins with. */
export const PERSONAL_TOKEN_PREFIX = 'sallyport_pat_';

export interface AskedPersonalToken {
  readonly userId: string;
  readonly name: string;
  readonly resource: string;
  readonly scope: readonly string[];
  readonly lifetimeSeconds: number;
  /** The form that it was asked with, secret and never used for two: asked twice with one, it is made once. */
  readonly form: string;
  readonly traceId: string;
  /** How the person had signed in, where that is known. */
  readonly provider?: string | undefined;
  readonly subject?: string | undefined;
}

export interface MadePersonalToken {
  readonly token: PersonalAccessToken;
  /** To be shown, and kept nowhere. */
  readonly access_token: string;
  /** Not when the same form had made it before. */
  readonly isNew: boolean;
}

/**
 * Makes it, or finds it again when the same form comes twice, as a double click sends it: then it must be shown on the
 * second answer, which is the one that the browser keeps.
 * @param now epoch seconds
 * @returns `spent`: it was made with this form and taken back, or expired, since
 */
export async function makePersonalToken(
  asked: AskedPersonalToken,
  { storage, derivation }: { readonly storage: Storage; readonly derivation: Keychain },
  now: number,
): Promise<MadePersonalToken | 'too_many' | 'spent' | 'user_gone'> {
  const { userId, name, resource, scope, lifetimeSeconds, form, traceId, provider, subject } = asked;
  const origin = `personal access token\n${JSON.stringify([form, userId, name, resource, scope, lifetimeSeconds])}`;
  const textUnder = (key: NamedKey): string =>
    recognisableToken(PERSONAL_TOKEN_PREFIX, Buffer.from(hmac(key, origin), 'base64url'));
  const access_token = textUnder(derivation.current);
  const token: PersonalAccessToken = {
    id: digest(origin).slice(0, 22),
    userId,
    name,
    resource,
    scope,
    createdAt: now,
    expiresAt: now + lifetimeSeconds,
  };
  const outcome = await storage.addPersonalAccessToken({
    token,
    digest: digest(access_token),
    maxOfPerson: MAX_PERSONAL_TOKENS,
    traceId,
    ...(provider !== undefined && { provider }),
    ...(subject !== undefined && { subject }),
  });
  if (outcome === 'added') return { token, access_token, isNew: true };
  if (outcome !== 'repeated') return outcome;
  const live = await storage.listPersonalAccessTokens({ userId, now });
  const first = live.find(({ id }) => id === token.id);
  if (first === undefined) return 'spent';
  // The key may have been replaced since.
  for (const text of derivation.known.map(textUnder))
    if ((await storage.findAccessToken(digest(text)))?.grant.id === first.id)
      return { token: first, access_token: text, isNew: false };
  return 'spent';
}
