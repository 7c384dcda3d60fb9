// Completed authorizations: found, and ended.

import type { Grant } from '../contract.ts';
import { one, revoke, statement } from '../script.ts';
import type { Script } from '../script.ts';

export interface GrantRow {
  readonly grant_id: string;
  readonly user_id: string;
  readonly client_id: string;
  readonly resource: string;
  readonly scope: string;
  readonly trace_id: string;
  readonly grant_created_at: number;
  readonly grant_expires_at: number;
  readonly revoked_at: number | null;
  readonly auth_method: string | null;
  readonly scope_words: string | null;
  readonly provider: string | null;
  readonly client_configured: number | null;
  readonly subject: string | null;
}

/** To be selected with whatever belongs to a grant; read back by `grantOf`. */
export const grantColumns = `grants.id AS grant_id, grants.user_id, grants.client_id, grants.resource, grants.scope,
      grants.trace_id, grants.created_at AS grant_created_at, grants.expires_at AS grant_expires_at,
      grants.revoked_at, grants.auth_method, grants.scope_words, grants.provider, grants.subject,
      (SELECT configured FROM clients WHERE clients.client_id = grants.client_id) AS client_configured`;

const selectGrant = statement<GrantRow>(`SELECT ${grantColumns} FROM grants WHERE id = $1`);
export const endGrant = statement<{ id: string }>(
  'UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id',
);

export function* findGrant(id: string): Script<Grant | undefined> {
  const row = yield* one(selectGrant, id);
  return row === undefined ? undefined : grantOf(row);
}

export function* revokeGrant(id: string, now: number): Script<void> {
  yield* revoke(endGrant, id, now);
}

export const grantOf = (row: GrantRow): Grant => ({
  id: row.grant_id,
  userId: row.user_id,
  clientId: row.client_id,
  resource: row.resource,
  scope: JSON.parse(row.scope) as string[],
  traceId: row.trace_id,
  createdAt: row.grant_created_at,
  expiresAt: row.grant_expires_at,
  ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  ...(row.auth_method === null ? {} : { authMethod: row.auth_method }),
  ...(row.scope_words === null ? {} : { scopeWords: JSON.parse(row.scope_words) as string[] }),
  ...(row.provider === null ? {} : { provider: row.provider }),
  ...(row.client_configured === 0 && { clientWithdrawn: true as const }),
  ...(row.subject === null ? {} : { subject: row.subject }),
});
