// Registered clients.

import type { ClientMetadata } from '@sallyport/protocol';
import type { Client, Storage } from '../contract.ts';
import { all, one, revoke, run, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface ClientRow {
  readonly client_id: string;
  readonly metadata: string;
  readonly registered_by: Client['registeredBy'];
  readonly secret_digest: string | null;
  readonly created_at: number;
  readonly used_at: number | null;
  readonly trace_id: string;
  readonly access_token_format: NonNullable<Client['accessTokenFormat']> | null;
}

const columns =
  'client_id, metadata, registered_by, secret_digest, created_at, used_at, trace_id, access_token_format';

const insertClient = statement(
  `INSERT INTO clients (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (client_id) DO NOTHING`,
);
const selectClient = statement<ClientRow>(`SELECT ${columns} FROM clients WHERE client_id = $1`);
const selectClients = statement<ClientRow>(
  `SELECT ${columns} FROM clients ORDER BY created_at DESC, client_id DESC`,
);
const updateSecret = statement('UPDATE clients SET secret_digest = $2 WHERE client_id = $1');
const deleteGrantsOfClient = statement<{ id: string }>(
  'DELETE FROM grants WHERE client_id = $1 RETURNING id',
);
const deleteClient = statement('DELETE FROM clients WHERE client_id = $1');

export function* addClient(client: Client): Script<'added' | 'taken'> {
  const added = yield* run(
    insertClient,
    client.client_id,
    JSON.stringify(client.metadata),
    client.registeredBy,
    client.secretDigest ?? null,
    client.createdAt,
    client.usedAt ?? null,
    client.traceId,
    client.accessTokenFormat ?? null,
  );
  return added === 1 ? 'added' : 'taken';
}

export function* findClient(client_id: string): Script<Client | undefined> {
  const row = yield* one(selectClient, client_id);
  return row === undefined ? undefined : clientOf(row);
}

export function* listClients(): Script<readonly Client[]> {
  return (yield* all(selectClients)).map(clientOf);
}

export function* replaceClientSecret(
  change: Parameters<Storage['replaceClientSecret']>[0],
): Script<'replaced' | 'not_found'> {
  const replaced = yield* run(updateSecret, change.client_id, change.secretDigest);
  return replaced === 1 ? 'replaced' : 'not_found';
}

export function* removeClient(client_id: string): Script<'removed' | 'not_found'> {
  yield* revoke(deleteGrantsOfClient, client_id);
  return (yield* run(deleteClient, client_id)) === 1 ? 'removed' : 'not_found';
}

const clientOf = (row: ClientRow): Client => ({
  client_id: row.client_id,
  metadata: JSON.parse(row.metadata) as ClientMetadata,
  registeredBy: row.registered_by,
  ...(row.secret_digest === null ? {} : { secretDigest: row.secret_digest }),
  createdAt: row.created_at,
  ...(row.used_at === null ? {} : { usedAt: row.used_at }),
  traceId: row.trace_id,
  ...(row.access_token_format === null ? {} : { accessTokenFormat: row.access_token_format }),
});
