// What an entry is: whose, where, and the tokens in its envelope. Its id is made of all three, and what is sealed is
// sealed for the id, so that an envelope that somebody moved to another person's row does not open.
import { digest, EnvelopeError } from '@sallyport/crypto';
import type { Revocation, VaultEntry } from '@sallyport/storage';
import type { Sealing } from './sealing.ts';
import type { TokenAnswer } from './token-answer.ts';

/** One person's account at one provider. */
export interface Whose {
  readonly userId: string;
  readonly provider: string;
  /** Who the person is there. */
  readonly subject: string;
}

/** What is in the envelope: no more of the provider's answer than is used again. */
export interface KeptTokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  /** Whom the refresh token, or what there is without one, was issued to; absent where nobody wrote it down. */
  readonly client_id?: string;
  /** Epoch seconds. */
  readonly obtainedAt: number;
}

export function idOf({ userId, provider, subject }: Whose): string {
  return digest(JSON.stringify([userId, provider, subject]));
}

/** What a provider does not say anew stays as it was (RFC 6749 §5.1, §6). */
export function keptTokens(
  { access_token, token_type, refresh_token, scope, client_id: issuedTo }: TokenAnswer,
  before: { readonly [Name in 'refresh_token' | 'scope' | 'client_id']?: string | undefined },
  obtainedAt: number,
): KeptTokens {
  // Of the two that may be kept, the refresh token is the one that is presented again.
  const isEarlier = refresh_token === undefined && before.refresh_token !== undefined;
  const client_id = isEarlier ? before.client_id : issuedTo;
  const kept = { refresh_token: refresh_token ?? before.refresh_token, scope: scope ?? before.scope };
  return {
    access_token,
    token_type,
    ...(kept.refresh_token !== undefined && { refresh_token: kept.refresh_token }),
    ...(kept.scope !== undefined && { scope: kept.scope }),
    ...(client_id !== undefined && { client_id }),
    obtainedAt,
  };
}

export function sealTokens(sealing: Sealing, id: string, tokens: KeptTokens): Promise<Uint8Array> {
  return sealing.seal(`vault_entry:${id}`, JSON.stringify(tokens));
}

/** @throws EnvelopeError when the envelope is not of this person's account, or cannot be opened at all */
export async function openTokens(sealing: Sealing, entry: VaultEntry | Revocation): Promise<KeptTokens> {
  const id = idOf(entry);
  if (entry.id !== id) throw new EnvelopeError('of another account');
  return JSON.parse(await sealing.unseal(`vault_entry:${id}`, entry.sealed)) as KeptTokens;
}
