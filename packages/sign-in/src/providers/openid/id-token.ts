// The ID token of a sign-in: read, its claims judged, then its signature.
import { foreignSigningAlgs, readForeignJwt, type ForeignJwt } from '@sallyport/crypto';
import { isRefusal, Refusal } from '@sallyport/protocol';
import { refuse } from '../../refusals.ts';
import {
  judgeIdToken,
  judgeIdTokenHeader,
  judgeParties,
  type ExpectedIdToken,
  type ExpectedParties,
  type JudgedIdToken,
} from './judge-id-token.ts';
import type { ProviderKeys } from './keys.ts';

/** @throws {Refusal} `id_token_missing`, `id_token_encrypted`, `id_token_malformed` */
function readIdToken(id_token: string | undefined): ForeignJwt {
  if (id_token === undefined) throw refuse('id_token_missing');
  // RFC 7516 §3.1: five parts. Nobody here has a key to open it with, and none was registered.
  if (id_token.split('.').length === 5) throw refuse('id_token_encrypted');
  const jwt = readForeignJwt(id_token);
  if (jwt === undefined) throw refuse('id_token_malformed');
  return jwt;
}

/** @throws {Refusal} a row for each way in which it is wrong, and what fetching keys has */
export async function verifyIdToken(
  id_token: string | undefined,
  expected: ExpectedIdToken,
  { keys, jwks_uri }: { readonly keys: ProviderKeys; readonly jwks_uri: string },
  now: number,
): Promise<JudgedIdToken> {
  const jwt = readIdToken(id_token);
  const alg = judgeIdTokenHeader(jwt.header, foreignSigningAlgs);
  const judged = judgeIdToken(jwt.claims, alg, expected, now);
  const { issuer } = expected.issuer;
  // Entra, access-tokens#validate-the-issuer: a key of one tenant signs for no other.
  const mayBeOf = ({ issuer: own = issuer }: { issuer?: string }) => own === issuer || own === judged.issuer;
  await keys.checkSignature({ jwks_uri, mayBeOf }, jwt, now);
  return judged;
}

interface ExpectedRefresh extends ExpectedParties {
  /** Whose refresh token was shown. */
  readonly subject: string;
  /** Whether the provider has given another one in its place. */
  readonly isRotated: boolean;
}

/**
 * One that came with a refresh (OpenID Connect Core §12.2): whose tokens these are, and nothing else, because nobody signs in
 * by it. It came from the token endpoint itself, which §3.1.3.7, 6 lets stand for the signature; keys that cannot be fetched,
 * or an old token that is sent along, must not cost a refresh token that was just rotated.
 * @throws {Refusal} `id_token_subject_differs`, and a row for each other way in which it is for or about somebody else; with
 *   the fact `isSpent` where the refresh token that was shown is over
 */
export function judgeRefreshedIdToken(id_token: string, expected: ExpectedRefresh): void {
  try {
    const { claims } = readIdToken(id_token);
    if (judgeParties(claims, expected).subject !== expected.subject) throw refuse('id_token_subject_differs');
  } catch (error) {
    if (!isRefusal(error) || !expected.isRotated) throw error;
    throw new Refusal(error.reason, error.row, { ...error.facts, isSpent: true });
  }
}
