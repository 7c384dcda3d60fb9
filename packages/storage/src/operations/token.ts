// Codes and refresh tokens. Once means once: the winner is whoever changes the row.

import type { AuthorizationCode, Grant, RefreshToken, Storage } from '../contract.ts';
import { longestGraceSeconds } from '../limits.ts';
import { all, one, revoke, run, send, statement, Undone } from '../script.ts';
import type { Script } from '../script.ts';
import { keepAccessToken } from './access-tokens.ts';
import { endGrant, grantColumns, grantOf } from './grants.ts';
import type { GrantRow } from './grants.ts';

interface CodeRow extends GrantRow {
  readonly redirect_uri: string;
  readonly code_challenge: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly spent_at: number | null;
}

interface TokenRow extends GrantRow {
  readonly key_id: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly rotated_at: number | null;
}

interface RotatedRow {
  readonly grant_id: string;
  readonly expires_at: number;
  readonly rotated_at: number | null;
  readonly successor: string | null;
  readonly asked: string | null;
  /** Of the grant. */
  readonly grant_expires_at: number;
  readonly revoked_at: number | null;
  /** Whether the successor is there and was not rotated itself. */
  readonly fresh_successor: string | null;
}

const tokenColumns = 'digest, grant_id, key_id, created_at, expires_at';

const selectCode = statement<CodeRow>(
  `SELECT ${grantColumns}, codes.redirect_uri, codes.code_challenge, codes.created_at,
      codes.expires_at, codes.spent_at
    FROM codes JOIN grants ON grants.id = codes.grant_id WHERE codes.digest = $1`,
);
const selectToken = statement<TokenRow>(
  `SELECT ${grantColumns}, refresh_tokens.key_id, refresh_tokens.created_at, refresh_tokens.expires_at,
      refresh_tokens.rotated_at
    FROM refresh_tokens JOIN grants ON grants.id = refresh_tokens.grant_id WHERE refresh_tokens.digest = $1`,
);

// Only while the grant is alive: a dead one must not cost a write each time somebody tries.
const ofLiveGrant = `EXISTS (SELECT 1 FROM grants
      WHERE grants.id = grant_id AND grants.revoked_at IS NULL AND grants.expires_at > $2)`;
const spendCode = statement<{ grant_id: string }>(
  `UPDATE codes SET spent_at = $2
    WHERE digest = $1 AND spent_at IS NULL AND expires_at > $2 AND ${ofLiveGrant} RETURNING grant_id`,
);
const selectSpent = statement<{ grant_id: string }>(
  'SELECT grant_id FROM codes WHERE digest = $1 AND spent_at IS NOT NULL',
);
const insertToken = statement(`INSERT INTO refresh_tokens (${tokenColumns}) VALUES ($1, $2, $3, $4, $5)`);
const rotateToken = statement<{ grant_id: string }>(
  `UPDATE refresh_tokens SET rotated_at = $2, successor = $3, asked = $4
    WHERE digest = $1 AND rotated_at IS NULL AND expires_at > $2 AND ${ofLiveGrant} RETURNING grant_id`,
);
const selectRotated = statement<RotatedRow>(
  `SELECT old.grant_id, old.expires_at, old.rotated_at, old.successor, old.asked,
      grants.expires_at AS grant_expires_at, grants.revoked_at, fresh.digest AS fresh_successor
    FROM refresh_tokens AS old JOIN grants ON grants.id = old.grant_id
      LEFT JOIN refresh_tokens AS fresh ON fresh.digest = old.successor AND fresh.rotated_at IS NULL
    WHERE old.digest = $1`,
);

// Never shortens: an access token that was issued earlier may outlive what is issued now. Asks once more whether the
// grant is alive, which a backend with simultaneous transactions may have changed since.
const extendLiveGrant = statement(
  `UPDATE grants SET expires_at = CASE WHEN expires_at < $2 THEN $2 ELSE expires_at END, last_used_at = $3
    WHERE id = $1 AND revoked_at IS NULL AND expires_at > $3`,
);
const extendRedeemedGrant = statement(
  `UPDATE grants SET expires_at = CASE WHEN expires_at < $2 THEN $2 ELSE expires_at END, last_used_at = $3,
      auth_method = $4
    WHERE id = $1 AND revoked_at IS NULL AND expires_at > $3`,
);
// The rotated ones too, whose answer may have been lost and may be asked for again.
const countByKey = statement<{ key_id: string; tokens: number }>(
  `SELECT refresh_tokens.key_id, COUNT(*) AS tokens
    FROM refresh_tokens JOIN grants ON grants.id = refresh_tokens.grant_id
    WHERE refresh_tokens.expires_at > $1 AND grants.revoked_at IS NULL AND grants.expires_at > $1
      AND (refresh_tokens.rotated_at IS NULL OR refresh_tokens.rotated_at > $2)
    GROUP BY refresh_tokens.key_id`,
);

type Redeemed = Parameters<Storage['redeemCode']>[0];
type Rotation = Parameters<Storage['rotateRefreshToken']>[0];

export function* findCode(digest: string): Script<{ code: AuthorizationCode; grant: Grant } | undefined> {
  const row = yield* one(selectCode, digest);
  if (row === undefined) return undefined;
  const { grant_id: grantId, redirect_uri } = row;
  const challenge = row.code_challenge === '' ? {} : { code_challenge: row.code_challenge };
  const times = { createdAt: row.created_at, expiresAt: row.expires_at };
  const spent = row.spent_at === null ? {} : { spentAt: row.spent_at };
  return { code: { digest, grantId, redirect_uri, ...challenge, ...times, ...spent }, grant: grantOf(row) };
}

export function* redeemCode(redeemed: Redeemed): Script<'redeemed' | 'replayed' | 'dead' | Undone<'dead'>> {
  const { digest, refreshToken, accessToken, authMethod = null, grantExpiresAt, now } = redeemed;
  const spent = yield* one(spendCode, digest, now);
  if (spent === undefined) return yield* judgeSpentCode(digest, now);
  const extended = yield* run(extendRedeemedGrant, spent.grant_id, grantExpiresAt, now, authMethod);
  if (extended === 0) return new Undone('dead');
  if (refreshToken !== undefined) yield* keepToken(refreshToken, spent.grant_id);
  yield* keepAccessToken(accessToken, spent.grant_id);
  return 'redeemed';
}

/** RFC 6749 §4.1.2: a code used twice takes along what was issued for it, expired or not. */
function* judgeSpentCode(digest: string, now: number): Script<'replayed' | 'dead'> {
  const row = yield* one(selectSpent, digest);
  if (row === undefined) return 'dead';
  return (yield* revoke(endGrant, row.grant_id, now)).length > 0 ? 'replayed' : 'dead';
}

export function* findRefreshToken(digest: string): Script<{ token: RefreshToken; grant: Grant } | undefined> {
  const row = yield* one(selectToken, digest);
  if (row === undefined) return undefined;
  const { grant_id: grantId, key_id: keyId, created_at: createdAt, expires_at: expiresAt } = row;
  const rotated = row.rotated_at === null ? {} : { rotatedAt: row.rotated_at };
  return { token: { digest, grantId, keyId, createdAt, expiresAt, ...rotated }, grant: grantOf(row) };
}

export function* rotateRefreshToken(
  rotation: Rotation,
): Script<'rotated' | 'repeated' | 'differs' | 'replayed' | 'dead' | Undone<'dead'>> {
  const { digest, successor, asked, grantExpiresAt, now } = rotation;
  const rotated = yield* one(rotateToken, digest, now, successor.digest, asked);
  if (rotated === undefined) return yield* judgeRotatedToken(rotation);
  if ((yield* run(extendLiveGrant, rotated.grant_id, grantExpiresAt, now)) === 0) return new Undone('dead');
  yield* keepToken(successor, rotated.grant_id);
  yield* keepAccessToken(rotation.accessToken, rotated.grant_id);
  return 'rotated';
}

/** A token presented again: a client that lost the answer (harmless, repeated) or a thief (the grant ends). */
function* judgeRotatedToken(rotation: Rotation): Script<'repeated' | 'differs' | 'replayed' | 'dead'> {
  const { digest, successor, asked, graceSeconds, now } = rotation;
  const row = yield* one(selectRotated, digest);
  if (row === undefined || row.rotated_at === null) return 'dead';
  if (row.expires_at <= now || row.grant_expires_at <= now || row.revoked_at !== null) return 'dead';
  if (row.fresh_successor === null || now > row.rotated_at + graceSeconds) {
    yield* revoke(endGrant, row.grant_id, now);
    return 'replayed';
  }
  if (row.asked !== asked || row.successor !== successor.digest) return 'differs';
  yield* keepAccessToken(rotation.accessToken, row.grant_id);
  return 'repeated';
}

export function* countRefreshTokensByKey(now: number): Script<ReadonlyMap<string, number>> {
  const rows = yield* all(countByKey, now, now - longestGraceSeconds);
  return new Map(rows.map(({ key_id, tokens }) => [key_id, tokens]));
}

/** The family is that of the token or code that was taken, whatever the caller believes. */
export function* keepToken(token: RefreshToken, grantId: string): Script<void> {
  yield* send(insertToken, token.digest, grantId, token.keyId, token.createdAt, token.expiresAt);
}
