// Initial access tokens (RFC 7591 §3): what lets clients register where not everybody may.

import type { InitialAccessToken } from '../contract.ts';
import { all, one, run, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface TokenRow {
  readonly name: string;
  readonly digest: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly max_uses: number | null;
  readonly uses: number;
  readonly last_used_at: number | null;
}

const columns = 'name, digest, created_at, expires_at, max_uses, uses, last_used_at';

const insertToken = statement(
  `INSERT INTO initial_access_tokens (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
);
const selectToken = statement<TokenRow>(`SELECT ${columns} FROM initial_access_tokens WHERE digest = $1`);
const selectTokens = statement<TokenRow>(`SELECT ${columns} FROM initial_access_tokens ORDER BY name`);
const deleteToken = statement('DELETE FROM initial_access_tokens WHERE name = $1');
// The arbiter of "used as often as it may be".
const useToken = statement(
  `UPDATE initial_access_tokens SET uses = uses + 1, last_used_at = $2
    WHERE digest = $1 AND (expires_at IS NULL OR expires_at > $2) AND (max_uses IS NULL OR uses < max_uses)`,
);

export function* addInitialAccessToken(token: InitialAccessToken): Script<'added' | 'taken'> {
  const { name, digest, createdAt, expiresAt, maxUses, uses, lastUsedAt } = token;
  const values = [name, digest, createdAt, expiresAt ?? null, maxUses ?? null, uses, lastUsedAt ?? null];
  return (yield* run(insertToken, ...values)) === 1 ? 'added' : 'taken';
}

export function* findInitialAccessToken(digest: string): Script<InitialAccessToken | undefined> {
  const row = yield* one(selectToken, digest);
  return row === undefined ? undefined : tokenOf(row);
}

export function* listInitialAccessTokens(): Script<readonly InitialAccessToken[]> {
  return (yield* all(selectTokens)).map(tokenOf);
}

export function* removeInitialAccessToken(name: string): Script<'removed' | 'not_found'> {
  return (yield* run(deleteToken, name)) === 1 ? 'removed' : 'not_found';
}

/** @returns whether it was still good, and has been used now */
export function* useInitialAccessToken(digest: string, now: number): Script<boolean> {
  return (yield* run(useToken, digest, now)) === 1;
}

const tokenOf = (row: TokenRow): InitialAccessToken => ({
  name: row.name,
  digest: row.digest,
  createdAt: row.created_at,
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(row.max_uses !== null && { maxUses: row.max_uses }),
  uses: row.uses,
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
});
