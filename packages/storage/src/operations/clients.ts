// Registered clients.

import type { ClientMetadata } from '@sallyport/protocol';
import type { Client, Storage } from '../contract.ts';
import { all, one, revoke, run, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface ClientRow {
  readonly client_id: string;
  readonly metadata: string;
  readonly registered_by: 'dynamic' | 'operator';
  readonly secret_digest: string | null;
  readonly created_at: number;
  readonly used_at: number | null;
  readonly trace_id: string;
  readonly access_token_format: NonNullable<Client['accessTokenFormat']> | null;
  readonly introspects: string | null;
  /** With a fetch, the client is that of a document; see migration 10. */
  readonly fetched_at: number | null;
  readonly fresh_until: number | null;
}

const columns =
  'client_id, metadata, registered_by, secret_digest, created_at, used_at, trace_id, access_token_format, introspects, fetched_at, fresh_until';

const insertClient = statement(
  `INSERT INTO clients (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (client_id) DO NOTHING`,
);
const selectClient = statement<ClientRow>(`SELECT ${columns} FROM clients WHERE client_id = $1`);
const selectClients = statement<ClientRow>(
  `SELECT ${columns} FROM clients ORDER BY created_at DESC, client_id DESC`,
);
const insertUnlessFull = statement(
  `INSERT INTO clients (${columns}) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
    WHERE (SELECT COUNT(*) FROM clients WHERE fetched_at > 0 AND used_at IS NULL) < $12
    ON CONFLICT (client_id) DO NOTHING`,
);
const updateDocument = statement(
  `UPDATE clients SET metadata = $2, fetched_at = $3, fresh_until = $4
    WHERE client_id = $1 AND fetched_at IS NOT NULL AND fetched_at <= $3`,
);
const updateSecret = statement('UPDATE clients SET secret_digest = $2 WHERE client_id = $1');
const deleteGrantsOfClient = statement<{ id: string }>(
  'DELETE FROM grants WHERE client_id = $1 RETURNING id',
);
const deleteClient = statement('DELETE FROM clients WHERE client_id = $1');

export function* addClient(client: Client): Script<'added' | 'taken'> {
  return (yield* run(insertClient, ...valuesOf(client))) === 1 ? 'added' : 'taken';
}

export function* keepDocumentClient({
  client,
  maxUnused,
}: Parameters<Storage['keepDocumentClient']>[0]): Script<Client | 'full'> {
  const { client_id, metadata, document } = client;
  const { fetchedAt, freshUntil } = document;
  const updated = yield* run(updateDocument, client_id, JSON.stringify(metadata), fetchedAt, freshUntil);
  if (updated === 0) yield* run(insertUnlessFull, ...valuesOf(client), maxUnused);
  return (yield* findClient(client_id)) ?? 'full';
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

const valuesOf = (client: Client) =>
  [
    client.client_id,
    JSON.stringify(client.metadata),
    client.registeredBy === 'document' ? 'dynamic' : client.registeredBy,
    client.secretDigest ?? null,
    client.createdAt,
    client.usedAt ?? null,
    client.traceId,
    client.accessTokenFormat ?? null,
    client.introspects === undefined ? null : JSON.stringify(client.introspects),
    client.document?.fetchedAt ?? null,
    client.document?.freshUntil ?? null,
  ] as const;

const clientOf = (row: ClientRow): Client => ({
  client_id: row.client_id,
  metadata: JSON.parse(row.metadata) as ClientMetadata,
  registeredBy: row.fetched_at === null ? row.registered_by : 'document',
  ...(row.secret_digest === null ? {} : { secretDigest: row.secret_digest }),
  createdAt: row.created_at,
  ...(row.used_at === null ? {} : { usedAt: row.used_at }),
  traceId: row.trace_id,
  ...(row.access_token_format === null ? {} : { accessTokenFormat: row.access_token_format }),
  ...(row.introspects === null ? {} : { introspects: JSON.parse(row.introspects) as string[] }),
  ...(row.fetched_at === null || row.fresh_until === null
    ? {}
    : { document: { fetchedAt: row.fetched_at, freshUntil: row.fresh_until } }),
});
