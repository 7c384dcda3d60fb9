// Clients that registered themselves: kept once however often they ask, counted while nobody uses them, changed by
// whoever has their registration access token, and let in or refused by the operator.

import type { Client, Storage } from '../contract.ts';
import { one, revoke, run, statement, Undone } from '../script.ts';
import type { Script } from '../script.ts';
import { addClient, clientColumns, clientOf, isFullOfWaiting } from './clients.ts';
import type { ClientRow } from './clients.ts';
import { useInitialAccessToken } from './initial-access-tokens.ts';

const selectRefused = statement<ClientRow>(
  `SELECT ${clientColumns} FROM clients WHERE metadata_digest = $1 AND admission = 'refused'
    ORDER BY created_at LIMIT 1`,
);
// One that has a secret, or that one registrant can manage, is nobody else's.
const selectIdentical = (admitted: string) =>
  statement<ClientRow>(
    `SELECT ${clientColumns} FROM clients
      WHERE metadata_digest = $1 AND secret_digest IS NULL AND registration_digest IS NULL
        AND registered_with IS NULL AND ${admitted}
        AND (created_at >= $2 OR used_at IS NOT NULL OR approved_at IS NOT NULL OR admission = 'waiting')
      ORDER BY created_at DESC LIMIT 1`,
  );
const selectAdmitted = selectIdentical('admission IS NULL');
const selectAdmittedOrWaiting = selectIdentical(`(admission IS NULL OR admission = 'waiting')`);

const unusedOfStrangers = `registered_by = 'dynamic' AND used_at IS NULL AND fetched_at IS NULL
    AND admission IS NULL AND approved_at IS NULL AND registered_with IS NULL`;
const countUnused = statement<{ clients: number }>(
  `SELECT COUNT(*) AS clients FROM clients WHERE ${unusedOfStrangers} AND created_at > 0`,
);
const deleteOldestUnused = statement(
  `DELETE FROM clients WHERE used_at IS NULL AND client_id IN (SELECT client_id FROM clients
    WHERE ${unusedOfStrangers} AND created_at < $1 ORDER BY created_at LIMIT 1)`,
);
const countUnusedOfToken = statement<{ clients: number }>(
  `SELECT COUNT(*) AS clients FROM clients
    WHERE registered_with = $1 AND registered_with IS NOT NULL AND used_at IS NULL`,
);

const updateRegistration = statement(
  `UPDATE clients SET metadata = $3, metadata_digest = $4
    WHERE client_id = $1 AND registration_digest = $2 AND admission IS NULL
      AND registered_by = 'dynamic' AND fetched_at IS NULL`,
);
const letWait = statement(
  `UPDATE clients SET admission = 'waiting', approved_at = NULL WHERE client_id = $1 AND admission IS NULL`,
);
const approve = statement('UPDATE clients SET admission = NULL, approved_at = $2 WHERE client_id = $1');
const refuse = statement(`UPDATE clients SET admission = 'refused', approved_at = NULL WHERE client_id = $1`);
const endGrantsOfClient = statement<{ id: string }>(
  'UPDATE grants SET revoked_at = $2 WHERE client_id = $1 AND revoked_at IS NULL RETURNING id',
);
const deleteConsents = statement('DELETE FROM consents WHERE client_id = $1');
const deletePaused = statement('DELETE FROM paused_authorizations WHERE client_id = $1');

export function* findIdenticalClient({
  metadataDigest,
  isWaiting,
  unusedSince,
}: Parameters<Storage['findIdenticalClient']>[0]): Script<Client | undefined> {
  const row =
    (yield* one(selectRefused, metadataDigest)) ??
    (yield* one(isWaiting ? selectAdmittedOrWaiting : selectAdmitted, metadataDigest, unusedSince));
  return row === undefined ? undefined : clientOf(row);
}

type Registered = { readonly outcome: 'registered' | 'found'; readonly client: Client };

export function* registerClient({
  client,
  initialAccessToken,
  identical,
  most,
  evictBefore,
  now,
}: Parameters<Storage['registerClient']>[0]): Script<
  Registered | 'token_spent' | 'full' | Undone<'token_spent' | 'full'>
> {
  if (identical !== undefined) {
    const found = yield* findIdenticalClient({ ...identical, isWaiting: client.admission === 'waiting' });
    if (found !== undefined) return { outcome: 'found', client: found };
  }
  if (initialAccessToken !== undefined && !(yield* useInitialAccessToken(initialAccessToken, now)))
    return 'token_spent';
  if (yield* isFull(client, most, evictBefore)) return new Undone('full' as const);
  if ((yield* addClient(client)) === 'taken') throw new Error('This client_id is taken.');
  return { outcome: 'registered', client };
}

function* isFull(
  client: Client,
  most: Parameters<Storage['registerClient']>[0]['most'],
  evictBefore: number,
): Script<boolean> {
  const { admission, registeredWith } = client;
  if (admission === 'waiting') return yield* isFullOfWaiting(client, most.waiting);
  if (registeredWith !== undefined)
    return ((yield* one(countUnusedOfToken, registeredWith))?.clients ?? 0) >= most.unusedOfToken;
  if (((yield* one(countUnused))?.clients ?? 0) < most.unused) return false;
  return (yield* run(deleteOldestUnused, evictBefore)) === 0;
}

export function* changeRegistration({
  client_id,
  registrationDigest,
  metadata,
  metadataDigest,
  mustWait,
}: Parameters<Storage['changeRegistration']>[0]): Script<'changed' | 'unchanged'> {
  const text = JSON.stringify(metadata);
  const changed = yield* run(updateRegistration, client_id, registrationDigest, text, metadataDigest);
  if (changed === 0) return 'unchanged';
  if (mustWait) yield* run(letWait, client_id);
  return 'changed';
}

export function* decideClient({
  client_id,
  decision,
  now,
}: Parameters<Storage['decideClient']>[0]): Script<'decided' | 'not_found'> {
  if (decision === 'approved') return (yield* run(approve, client_id, now)) === 1 ? 'decided' : 'not_found';
  if ((yield* run(refuse, client_id)) === 0) return 'not_found';
  yield* revoke(endGrantsOfClient, client_id, now);
  yield* run(deleteConsents, client_id);
  yield* run(deletePaused, client_id);
  return 'decided';
}
