// The durable half of authorizing where paused authorizations and codes are kept in an ephemeral store: that one may
// forget or repeat what it held, so whatever lets somebody in is decided here, by the row of the grant.

import type { Consent, Digest, Grant, Storage } from '../contract.ts';
import { one, revoke, run, statement, Undone } from '../script.ts';
import type { Script } from '../script.ts';
import { keepAccessToken } from './access-tokens.ts';
import { grantValues, markClientUsed, mergeConsent } from './authorize.ts';
import { grantColumns, grantOf } from './grants.ts';
import type { GrantRow } from './grants.ts';
import { keepToken } from './token.ts';

/** Which grant a code of the ephemeral store claims to be of. */
export interface ClaimedCode {
  readonly digest: Digest;
  readonly grantId: string;
  readonly expiresAt: number;
}

/** What only an ephemeral store asks of the durable one; no part of the contract. */
export interface CodesElsewhere {
  /** The client being let in. */
  hasPersonAndClient(of: { userId: string; clientId: string }): Promise<boolean>;
  /**
   * Keeps the grant and which code may redeem it, with the consent, and marks the client used: all or nothing.
   * `known`: this very grant was kept before. `other_grant`: another grant has this code. `gone`: user or client is.
   */
  keepGrantOfCode(kept: {
    grant: Grant;
    codeDigest: Digest;
    consent?: Consent | undefined;
    now: number;
  }): Promise<'kept' | 'known' | 'other_grant' | 'gone'>;
  /** Only the grant that the code was made for. */
  findGrantOfCode(
    code: Omit<ClaimedCode, 'expiresAt'>,
  ): Promise<{ grant: Grant; spentAt?: number } | undefined>;
  /** As `redeemCode`. */
  redeemGrant(
    redeemed: Omit<Redeemed, 'digest'> & { code: ClaimedCode },
  ): Promise<'redeemed' | 'replayed' | 'dead'>;
}

type Redeemed = Parameters<Storage['redeemCode']>[0];

const selectPersonAndClient = statement<{ id: string }>(
  `SELECT users.id FROM users JOIN clients ON clients.client_id = $2
    WHERE users.id = $1 AND clients.admission IS NULL AND COALESCE(clients.configured, 1) = 1`,
);
const insertGrant = statement(
  `INSERT INTO grants
      (id, user_id, client_id, resource, scope, trace_id, created_at, expires_at, revoked_at, scope_words,
        provider, subject, code_digest)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 WHERE EXISTS (SELECT 1 FROM users WHERE id = $2)
      AND EXISTS (SELECT 1 FROM clients WHERE client_id = $3 AND admission IS NULL
        AND COALESCE(configured, 1) = 1)
    ON CONFLICT DO NOTHING`,
);
const selectGrantByCode = statement<{ id: string }>('SELECT id FROM grants WHERE code_digest = $1');
const selectGrantOfCode = statement<GrantRow & { code_spent_at: number | null }>(
  `SELECT ${grantColumns}, code_spent_at FROM grants WHERE id = $1 AND code_digest = $2`,
);

// The arbiter: one caller changes the row. It extends the grant as `extendLiveGrant` does.
const spendCodeOfGrant = statement(
  `UPDATE grants SET code_spent_at = $4, last_used_at = $4, auth_method = $5,
      expires_at = CASE WHEN expires_at < $3 THEN $3 ELSE expires_at END
    WHERE id = $1 AND code_digest = $2 AND code_spent_at IS NULL AND revoked_at IS NULL AND expires_at > $4`,
);
const endGrantOfSpentCode = statement<{ id: string }>(
  `UPDATE grants SET revoked_at = $3
    WHERE id = $1 AND code_digest = $2 AND code_spent_at IS NOT NULL AND revoked_at IS NULL RETURNING id`,
);

export function* hasPersonAndClient({
  userId,
  clientId,
}: Parameters<CodesElsewhere['hasPersonAndClient']>[0]): Script<boolean> {
  return (yield* one(selectPersonAndClient, userId, clientId)) !== undefined;
}

type Kept = 'kept' | 'known' | 'other_grant' | 'gone';

export function* keepGrantOfCode({
  grant,
  codeDigest,
  consent,
  now,
}: Parameters<CodesElsewhere['keepGrantOfCode']>[0]): Script<Kept | Undone<Kept>> {
  if ((yield* run(insertGrant, ...grantValues(grant), codeDigest)) === 0) {
    const holder = yield* one(selectGrantByCode, codeDigest);
    if (holder === undefined) return new Undone<Kept>('gone');
    return new Undone<Kept>(holder.id === grant.id ? 'known' : 'other_grant');
  }
  yield* markClientUsed(grant.clientId, now);
  if (consent !== undefined) yield* mergeConsent(consent);
  return 'kept';
}

export function* findGrantOfCode({
  digest,
  grantId,
}: Parameters<CodesElsewhere['findGrantOfCode']>[0]): Script<{ grant: Grant; spentAt?: number } | undefined> {
  const row = yield* one(selectGrantOfCode, grantId, digest);
  if (row === undefined) return undefined;
  return { grant: grantOf(row), ...(row.code_spent_at === null ? {} : { spentAt: row.code_spent_at }) };
}

export function* redeemGrant(
  redeemed: Parameters<CodesElsewhere['redeemGrant']>[0],
): Script<'redeemed' | 'replayed' | 'dead'> {
  const { code, refreshToken, accessToken, authMethod = null, grantExpiresAt, now } = redeemed;
  const { digest, grantId, expiresAt } = code;
  const values = [grantId, digest, grantExpiresAt, now, authMethod];
  if (expiresAt <= now || (yield* run(spendCodeOfGrant, ...values)) === 0) {
    // RFC 6749 §4.1.2: a code used twice takes along what was issued for it, expired or not.
    return (yield* revoke(endGrantOfSpentCode, grantId, digest, now)).length > 0 ? 'replayed' : 'dead';
  }
  if (refreshToken !== undefined) yield* keepToken(refreshToken, grantId);
  yield* keepAccessToken(accessToken, grantId);
  return 'redeemed';
}
