// Initial access tokens (RFC 7591 §3): with one, the operator vouches for whatever is registered. Kept as digests; the
// configuration may hold one more.
import { digest, equalInConstantTime, randomToken } from '@sallyport/crypto';
import { readBearer } from '@sallyport/protocol';
import type { InitialAccessToken, Storage } from '@sallyport/storage';
import type { AuthorizationServerOptions } from '../options.ts';

export interface NewInitialAccessToken {
  readonly token: InitialAccessToken;
  /** To be shown once. */
  readonly initial_access_token: string;
}

/** What a name of a token may be: no dot, so that it is never that of a configuration key. */
export const initialAccessTokenName = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/i;

/** Makes a token that lets whoever presents it register clients. */
export async function addInitialAccessToken(
  storage: Pick<Storage, 'addInitialAccessToken'>,
  { name, expiresAt, maxUses }: Pick<InitialAccessToken, 'name' | 'expiresAt' | 'maxUses'>,
  now: number,
): Promise<NewInitialAccessToken | 'taken'> {
  const initial_access_token = randomToken();
  const token: InitialAccessToken = {
    name,
    digest: digest(initial_access_token),
    createdAt: now,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(maxUses !== undefined && { maxUses }),
    uses: 0,
  };
  if ((await storage.addInitialAccessToken(token)) === 'taken') return 'taken';
  return { token, initial_access_token };
}

/** Who vouches for a registration. */
export type Voucher =
  | { readonly is: 'none' | 'bad' }
  /** `digest`: of one whose uses are counted. */
  | { readonly is: 'good'; readonly name: string; readonly digest?: string };

/** Whether it may still be used is only sure when it is: `registerClient` counts. */
export async function readVoucher(
  request: Request,
  { storage, registration }: Pick<AuthorizationServerOptions, 'storage' | 'registration'>,
  now: number,
): Promise<Voucher> {
  const header = request.headers.get('authorization');
  if (header === null) return { is: 'none' };
  const presented = readBearer(header);
  if (presented === undefined) return { is: 'bad' };
  const presentedDigest = digest(presented);
  const { accessToken } = registration;
  // Digests, since only texts of one length take the same time.
  if (accessToken !== undefined && equalInConstantTime(presentedDigest, digest(accessToken.token)))
    return { is: 'good', name: accessToken.name };
  const token = await storage.findInitialAccessToken(presentedDigest);
  if (token === undefined) return { is: 'bad' };
  const { name, expiresAt = Infinity, maxUses = Infinity, uses } = token;
  return expiresAt <= now || uses >= maxUses ? { is: 'bad' } : { is: 'good', name, digest: token.digest };
}
