// What clients may do for themselves (RFC 6749 §4.4): the account that each acts as, and the grants that stand for it.

import type { Client, Grant, Storage } from '../contract.ts';
import { all, one, revoke, run, send, statement } from '../script.ts';
import type { Script } from '../script.ts';
import { keepAccessToken } from './access-tokens.ts';
import { endGrant, findGrant, grantColumns, grantOf } from './grants.ts';
import type { GrantRow } from './grants.ts';

// Whoever keeps a grant changes the client's row first, as whoever changes its scopes does: neither overlooks the other.
const holdClient = statement(
  `UPDATE clients SET used_at = $3 WHERE client_id = $1 AND own_scope = $2 AND admission IS NULL
    AND COALESCE(configured, 1) = 1`,
);
// The text in place of an e-mail address is none, so that nobody can type or register it.
const insertAccount = statement(
  `INSERT INTO users (id, email, name, role, created_at, updated_at, client_id)
    VALUES ($1, $2, $3, 'member', $4, $4, $1) ON CONFLICT DO NOTHING`,
);
// Of somebody whose id the operator has also given to a client, the client gets nothing.
const keepStanding = statement<{ id: string }>(
  `INSERT INTO grants
      (id, user_id, client_id, resource, scope, trace_id, created_at, expires_at, last_used_at, standing)
    SELECT $1, $2, $2, $3, $4, $5, $6, $7, $6, $8
    WHERE EXISTS (SELECT 1 FROM users WHERE id = $2 AND client_id = $2)
    ON CONFLICT (client_id, resource, standing) WHERE standing IS NOT NULL AND revoked_at IS NULL
    DO UPDATE SET last_used_at = excluded.last_used_at,
      expires_at = CASE WHEN grants.expires_at < excluded.expires_at THEN excluded.expires_at ELSE grants.expires_at END
    RETURNING id`,
);
const selectStanding = statement<GrantRow>(
  `SELECT ${grantColumns} FROM grants WHERE client_id = $1 AND resource = $2 AND standing = $3
    AND revoked_at IS NULL AND expires_at > $4`,
);
const selectStandingOfClient = statement<{ id: string; resource: string; scope: string }>(
  `SELECT id, resource, scope FROM grants
    WHERE client_id = $1 AND standing IS NOT NULL AND revoked_at IS NULL`,
);
// Never of a client that came in by itself.
const updateOwnScope = statement(
  `UPDATE clients SET own_scope = $2 WHERE client_id = $1 AND registered_by = 'operator'`,
);

/** The same for the same scopes in any order. */
const standingOf = (scope: readonly string[]): string => scope.toSorted().join(' ');

const ownScopeText = (ownScope: NonNullable<Client['ownScope']>): string => JSON.stringify(ownScope);

export function* findOwnGrant(asked: Parameters<Storage['findOwnGrant']>[0]): Script<Grant | undefined> {
  const { clientId, resource, scope, now } = asked;
  const row = yield* one(selectStanding, clientId, resource, standingOf(scope), now);
  return row === undefined ? undefined : grantOf(row);
}

export function* keepOwnGrant(kept: Parameters<Storage['keepOwnGrant']>[0]): Script<Grant | 'gone'> {
  const { client, grant, accessToken, now } = kept;
  const { client_id, metadata, ownScope = {} } = client;
  if ((yield* run(holdClient, client_id, ownScopeText(ownScope), now)) === 0) return 'gone';
  const name = metadata.client_name ?? client_id;
  yield* send(insertAccount, client_id, `service account ${client_id}`, name, now);
  const row = yield* one(
    keepStanding,
    grant.id,
    client_id,
    grant.resource,
    JSON.stringify(grant.scope),
    grant.traceId,
    now,
    grant.expiresAt,
    standingOf(grant.scope),
  );
  if (row === undefined) return 'gone';
  yield* keepAccessToken(accessToken, row.id);
  return (yield* findGrant(row.id)) ?? 'gone';
}

export function* setOwnScope(change: Parameters<Storage['setOwnScope']>[0]): Script<'changed' | 'not_found'> {
  const { client_id, ownScope, now } = change;
  const text = ownScope === undefined ? null : ownScopeText(ownScope);
  if ((yield* run(updateOwnScope, client_id, text)) === 0) return 'not_found';
  yield* endExceedingGrants(client_id, ownScope, now);
  return 'changed';
}

/** Within the script that has changed the client's row. */
export function* endExceedingGrants(
  client_id: string,
  ownScope: Client['ownScope'],
  now: number,
): Script<void> {
  for (const { id, resource, scope } of yield* all(selectStandingOfClient, client_id)) {
    const allowed = ownScope !== undefined && Object.hasOwn(ownScope, resource) ? ownScope[resource] : [];
    const exceeds = (JSON.parse(scope) as string[]).some((name) => allowed?.includes(name) !== true);
    if (exceeds) yield* revoke(endGrant, id, now);
  }
}
