// Access tokens that people make themselves, for programs that cannot ask them. Each is a grant to one built-in client,
// whose row is there for the grants alone: to everybody else there is no such client
// (docs/decisions/personal-access-tokens.md).

import type { PersonalAccessToken, Storage } from '../contract.ts';
import { deadGrantSeconds } from '../limits.ts';
import { all, one, revoke, run, send, statement } from '../script.ts';
import type { Script } from '../script.ts';
import { keepAccessToken } from './access-tokens.ts';

/** What their grants, and so their callers, say as client_id. */
export const PERSONAL_ACCESS_TOKENS = 'personal-access-tokens';

interface Row {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly resource: string;
  readonly scope: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly last_used_at: number | null;
}

const metadata = JSON.stringify({
  redirect_uris: [],
  token_endpoint_auth_method: 'none',
  grant_types: [],
  response_types: [],
});
const insertClient = statement(
  `INSERT INTO clients (client_id, metadata, registered_by, created_at, trace_id)
    VALUES ('${PERSONAL_ACCESS_TOKENS}', '${metadata}', 'operator', $1, $2) ON CONFLICT (client_id) DO NOTHING`,
);
const selectUser = statement<{ id: string }>('SELECT id FROM users WHERE id = $1');
const selectGrant = statement<{ id: string }>('SELECT id FROM grants WHERE id = $1');
const countLive = statement<{ live: number }>(
  `SELECT COUNT(*) AS live FROM grants
    WHERE user_id = $1 AND client_id = '${PERSONAL_ACCESS_TOKENS}' AND revoked_at IS NULL AND expires_at > $2`,
);
const insertGrant = statement(
  `INSERT INTO grants (id, user_id, client_id, resource, scope, trace_id, created_at, expires_at, provider,
      subject)
    VALUES ($1, $2, '${PERSONAL_ACCESS_TOKENS}', $3, $4, $5, $6, $7, $8, $9)`,
);
const insertName = statement('INSERT INTO personal_access_tokens (grant_id, name) VALUES ($1, $2)');

const live = `SELECT grants.id, grants.user_id, personal_access_tokens.name, grants.resource, grants.scope,
      grants.created_at, grants.expires_at, grants.last_used_at
    FROM grants JOIN personal_access_tokens ON personal_access_tokens.grant_id = grants.id
    WHERE grants.client_id = '${PERSONAL_ACCESS_TOKENS}' AND grants.revoked_at IS NULL AND grants.expires_at > $1`;
const selectAll = statement<Row>(live);
const selectOfUser = statement<Row>(`${live} AND grants.user_id = $2`);
// It is forgotten soon, and not only when it would have expired; but no sooner than its form can come once more.
const endOne = statement<{ id: string }>(
  `UPDATE grants SET revoked_at = $3, expires_at = CASE WHEN expires_at < $4 THEN expires_at ELSE $4 END
    WHERE id = $1 AND user_id = $2 AND client_id = '${PERSONAL_ACCESS_TOKENS}' AND revoked_at IS NULL RETURNING id`,
);

type Added = Parameters<Storage['addPersonalAccessToken']>[0];

export function* addPersonalAccessToken(
  added: Added,
): Script<'added' | 'repeated' | 'too_many' | 'user_gone'> {
  const { token, digest, maxOfPerson, traceId, provider = null, subject = null } = added;
  const { id, userId, name, resource, scope, createdAt, expiresAt } = token;
  if ((yield* one(selectUser, userId)) === undefined) return 'user_gone';
  if ((yield* one(selectGrant, id)) !== undefined) return 'repeated';
  const counted = yield* one(countLive, userId, createdAt);
  if (counted === undefined || counted.live >= maxOfPerson) return 'too_many';
  yield* run(insertClient, createdAt, traceId);
  const scopeText = JSON.stringify(scope);
  const known = [createdAt, expiresAt, provider, subject] as const;
  yield* send(insertGrant, id, userId, resource, scopeText, traceId, ...known);
  yield* keepAccessToken({ digest, grantId: id, scope, createdAt, expiresAt }, id);
  yield* send(insertName, id, name);
  return 'added';
}

export function* listPersonalAccessTokens({
  userId,
  now,
}: Parameters<Storage['listPersonalAccessTokens']>[0]): Script<readonly PersonalAccessToken[]> {
  const rows = yield* userId === undefined ? all(selectAll, now) : all(selectOfUser, now, userId);
  return rows
    .map(tokenOf)
    .sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? -1 : 1));
}

export function* removePersonalAccessToken({
  id,
  userId,
  now,
}: Parameters<Storage['removePersonalAccessToken']>[0]): Script<'removed' | 'not_found'> {
  const ended = yield* revoke(endOne, id, userId, now, now + deadGrantSeconds);
  return ended.length > 0 ? 'removed' : 'not_found';
}

const tokenOf = (row: Row): PersonalAccessToken => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  resource: row.resource,
  scope: JSON.parse(row.scope) as string[],
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
});
