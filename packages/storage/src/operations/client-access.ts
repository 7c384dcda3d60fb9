// What a person has allowed: the live grants and the remembered consents of each client at each server, seen as one.

import type { ClientAccess, Storage } from '../contract.ts';
import { all, revoke, send, statement } from '../script.ts';
import type { Script } from '../script.ts';
import { findClient } from './clients.ts';

/** Of a grant or a consent. */
interface AllowedRow {
  readonly client_id: string;
  readonly resource: string;
  readonly scope: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

// All of them, however many: a limit would let a client that asks often hide another from its owner's eyes.
const selectLiveGrants = statement<AllowedRow>(
  `SELECT client_id, resource, scope, created_at, last_used_at FROM grants
    WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2`,
);
const selectConsents = statement<AllowedRow>(
  `SELECT client_id, resource, scope, created_at, NULL AS last_used_at FROM consents WHERE user_id = $1`,
);

const ofOne = 'user_id = $1 AND client_id = $2 AND resource = $3';
const endGrantsOfOne = statement<{ id: string }>(
  `UPDATE grants SET revoked_at = $4 WHERE ${ofOne} AND revoked_at IS NULL RETURNING id`,
);
const endGrantsOfAll = statement<{ id: string }>(
  'UPDATE grants SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL RETURNING id',
);
const deleteConsentsOfOne = statement(`DELETE FROM consents WHERE ${ofOne}`);
const deleteConsentsOfAll = statement('DELETE FROM consents WHERE user_id = $1');

const markUsed = statement(
  'UPDATE grants SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)',
);

export function* markGrantsUsed(uses: Parameters<Storage['markGrantsUsed']>[0]): Script<void> {
  // In one order, so that two who mark the same grants wait for each other and not in a circle.
  for (const { grantId, at } of uses.toSorted(byGrant)) yield* send(markUsed, grantId, at);
}

export function* listClientAccess(userId: string, now: number): Script<readonly ClientAccess[]> {
  const rows = [...(yield* all(selectLiveGrants, userId, now)), ...(yield* all(selectConsents, userId))].sort(
    byAge,
  );
  const listed: ClientAccess[] = [];
  for (const [clientId, ofClient] of Map.groupBy(rows, ({ client_id }) => client_id)) {
    const client = yield* findClient(clientId);
    // Grants and consents go with their client: there is one.
    if (client === undefined) continue;
    for (const [resource, together] of Map.groupBy(ofClient, (row) => row.resource))
      listed.push({ client, resource, ...joined(together) });
  }
  return listed.sort((one, other) => latest(other) - latest(one));
}

function joined(rows: readonly AllowedRow[]): Pick<ClientAccess, 'scope' | 'since' | 'lastUsedAt'> {
  const lastUsedAt = Math.max(...rows.map(({ last_used_at }) => last_used_at ?? 0));
  return {
    scope: [...new Set(rows.flatMap(({ scope }) => JSON.parse(scope) as string[]))],
    since: Math.min(...rows.map(({ created_at }) => created_at)),
    ...(lastUsedAt === 0 ? {} : { lastUsedAt }),
  };
}

export function* removeClientAccess(removed: Parameters<Storage['removeClientAccess']>[0]): Script<void> {
  const { userId, of, now } = removed;
  if (of === 'everything') {
    yield* revoke(endGrantsOfAll, userId, now);
    yield* send(deleteConsentsOfAll, userId);
  } else {
    yield* revoke(endGrantsOfOne, userId, of.clientId, of.resource, now);
    yield* send(deleteConsentsOfOne, userId, of.clientId, of.resource);
  }
}

// PostgreSQL returns rows in whatever order they lie.
const byAge = (one: AllowedRow, other: AllowedRow): number =>
  one.created_at - other.created_at || (one.scope < other.scope ? -1 : 1);

const byGrant = (one: { grantId: string }, other: { grantId: string }): number =>
  one.grantId < other.grantId ? -1 : 1;

const latest = ({ since, lastUsedAt }: ClientAccess): number => lastUsedAt ?? since;
