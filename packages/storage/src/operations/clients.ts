// Registered clients.

import type { ClientMetadata } from '@sallyport/protocol';
import type { Client, Storage } from '../contract.ts';
import { all, one, revoke, run, statement } from '../script.ts';
import type { Script } from '../script.ts';
import { PERSONAL_ACCESS_TOKENS } from './personal-access-tokens.ts';

export interface ClientRow {
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
  /** 1: nothing was fetched; it is what a list says. */
  readonly pinned: number | null;
  /** 1: the operator's, but in the configuration. */
  /** 1: by the configuration; 0: it was, and is not in it any more. */
  readonly configured: number | null;
  readonly admission: NonNullable<Client['admission']> | null;
  readonly registered_with: string | null;
  readonly registration_digest: string | null;
  readonly metadata_digest: string | null;
  readonly former_secret_digest: string | null;
  readonly former_secret_until: number | null;
  /** 0: it may do without. */
  readonly requires_pkce: number | null;
  readonly own_scope: string | null;
  readonly approved_at: number | null;
}

export const clientColumnNames = [
  'client_id',
  'metadata',
  'registered_by',
  'secret_digest',
  'created_at',
  'used_at',
  'trace_id',
  'access_token_format',
  'introspects',
  'fetched_at',
  'fresh_until',
  'pinned',
  'configured',
  'admission',
  'registered_with',
  'registration_digest',
  'metadata_digest',
  'former_secret_digest',
  'former_secret_until',
  'requires_pkce',
  'own_scope',
  'approved_at',
] as const satisfies readonly (keyof ClientRow)[];
export const clientColumns = clientColumnNames.join(', ');
const parameters = clientColumnNames.map((_, index) => `$${index + 1}`).join(', ');

const insertClient = statement(
  `INSERT INTO clients (${clientColumns}) VALUES (${parameters}) ON CONFLICT (client_id) DO NOTHING`,
);
const selectClient = statement<ClientRow>(`SELECT ${clientColumns} FROM clients WHERE client_id = $1`);
const selectClients = statement<ClientRow>(
  `SELECT ${clientColumns} FROM clients ORDER BY created_at DESC, client_id DESC`,
);
const insertUnlessFull = statement(
  `INSERT INTO clients (${clientColumns}) SELECT ${parameters}
    WHERE (SELECT COUNT(*) FROM clients WHERE fetched_at > 0 AND used_at IS NULL) < $${clientColumnNames.length + 1}
    ON CONFLICT (client_id) DO NOTHING`,
);
const countWaiting = statement<{ clients: number }>(
  `SELECT COUNT(*) AS clients FROM clients WHERE admission = 'waiting' AND created_at > 0`,
);
const updateDocument = statement(
  `UPDATE clients SET metadata = $2, fetched_at = $3, fresh_until = $4, pinned = $5
    WHERE client_id = $1 AND fetched_at IS NOT NULL AND fetched_at <= $3`,
);
// Every assignment sees the row as it was.
const updateSecret = statement(
  `UPDATE clients SET secret_digest = $2, former_secret_until = $3,
      former_secret_digest = CASE WHEN $4 = 1 THEN secret_digest ELSE NULL END
    WHERE client_id = $1`,
);
const endFormer = statement(
  'UPDATE clients SET former_secret_digest = NULL, former_secret_until = NULL WHERE client_id = $1',
);
const deleteGrantsOfClient = statement<{ id: string }>(
  'DELETE FROM grants WHERE client_id = $1 RETURNING id',
);
const deleteClient = statement('DELETE FROM clients WHERE client_id = $1');

export function* addClient(client: Client): Script<'added' | 'taken'> {
  if (client.client_id === PERSONAL_ACCESS_TOKENS) return 'taken';
  return (yield* run(insertClient, ...clientValues(client))) === 1 ? 'added' : 'taken';
}

export function* keepDocumentClient({
  client,
  maxUnused,
  maxWaiting,
}: Parameters<Storage['keepDocumentClient']>[0]): Script<Client | 'full'> {
  const { client_id, metadata, document } = client;
  const { fetchedAt, freshUntil, isPinned } = document;
  const said = [JSON.stringify(metadata), fetchedAt, freshUntil, isPinned === true ? 1 : null];
  const updated = yield* run(updateDocument, client_id, ...said);
  if (updated === 0 && !(yield* isFullOfWaiting(client, maxWaiting)))
    yield* run(insertUnlessFull, ...clientValues(client), maxUnused);
  return (yield* findClient(client_id)) ?? 'full';
}

/** Whether as many wait for approval as may, so that this one cannot. */
export function* isFullOfWaiting(
  { admission }: Pick<Client, 'admission'>,
  maxWaiting: number | undefined,
): Script<boolean> {
  if (admission !== 'waiting' || maxWaiting === undefined) return false;
  return ((yield* one(countWaiting))?.clients ?? 0) >= maxWaiting;
}

export function* findClient(client_id: string): Script<Client | undefined> {
  if (client_id === PERSONAL_ACCESS_TOKENS) return undefined;
  const row = yield* one(selectClient, client_id);
  return row === undefined ? undefined : clientOf(row);
}

export function* listClients(): Script<readonly Client[]> {
  const rows = yield* all(selectClients);
  return rows.filter(({ client_id }) => client_id !== PERSONAL_ACCESS_TOKENS).map(clientOf);
}

export function* replaceClientSecret(
  change: Parameters<Storage['replaceClientSecret']>[0],
): Script<'replaced' | 'not_found'> {
  const { client_id, secretDigest, formerUntil } = change;
  const keepsFormer = formerUntil === undefined ? 0 : 1;
  const replaced = yield* run(updateSecret, client_id, secretDigest, formerUntil ?? null, keepsFormer);
  return replaced === 1 ? 'replaced' : 'not_found';
}

export function* endFormerSecret(client_id: string): Script<'ended' | 'not_found'> {
  return (yield* run(endFormer, client_id)) === 1 ? 'ended' : 'not_found';
}

export function* removeClient(client_id: string): Script<'removed' | 'not_found'> {
  if (client_id === PERSONAL_ACCESS_TOKENS) return 'not_found';
  yield* revoke(deleteGrantsOfClient, client_id);
  return (yield* run(deleteClient, client_id)) === 1 ? 'removed' : 'not_found';
}

export const clientValues = (client: Client) => {
  const row = rowOf(client);
  return clientColumnNames.map((name) => row[name]);
};

const rowOf = (client: Client): ClientRow => ({
  client_id: client.client_id,
  metadata: JSON.stringify(client.metadata),
  registered_by:
    client.registeredBy === 'dynamic' || client.registeredBy === 'document' ? 'dynamic' : 'operator',
  secret_digest: client.secretDigest ?? null,
  created_at: client.createdAt,
  used_at: client.usedAt ?? null,
  trace_id: client.traceId,
  access_token_format: client.accessTokenFormat ?? null,
  introspects: jsonOrNull(client.introspects),
  fetched_at: client.document?.fetchedAt ?? null,
  fresh_until: client.document?.freshUntil ?? null,
  pinned: client.document?.isPinned === true ? 1 : null,
  configured: client.registeredBy !== 'configuration' ? null : client.withdrawn === true ? 0 : 1,
  admission: client.admission ?? null,
  registered_with: client.registeredWith ?? null,
  registration_digest: client.registrationDigest ?? null,
  metadata_digest: client.metadataDigest ?? null,
  former_secret_digest: client.formerSecret?.digest ?? null,
  former_secret_until: client.formerSecret?.validUntil ?? null,
  requires_pkce: client.requirePkce === false ? 0 : null,
  own_scope: jsonOrNull(client.ownScope),
  approved_at: client.approvedAt ?? null,
});

const jsonOrNull = (value: object | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);

export const clientOf = (row: ClientRow): Client => ({
  client_id: row.client_id,
  metadata: JSON.parse(row.metadata) as ClientMetadata,
  registeredBy: registeredBy(row),
  ...(row.configured === 0 && { withdrawn: true as const }),
  ...(row.secret_digest !== null && { secretDigest: row.secret_digest }),
  ...(row.former_secret_digest !== null &&
    row.former_secret_until !== null && {
      formerSecret: { digest: row.former_secret_digest, validUntil: row.former_secret_until },
    }),
  createdAt: row.created_at,
  ...(row.used_at !== null && { usedAt: row.used_at }),
  traceId: row.trace_id,
  ...(row.access_token_format !== null && { accessTokenFormat: row.access_token_format }),
  ...(row.introspects !== null && { introspects: JSON.parse(row.introspects) as string[] }),
  ...(row.fetched_at !== null &&
    row.fresh_until !== null && {
      document: {
        fetchedAt: row.fetched_at,
        freshUntil: row.fresh_until,
        ...(row.pinned === 1 && { isPinned: true }),
      },
    }),
  ...(row.admission !== null && { admission: row.admission }),
  ...(row.approved_at !== null && { approvedAt: row.approved_at }),
  ...(row.registered_with !== null && { registeredWith: row.registered_with }),
  ...(row.registration_digest !== null && { registrationDigest: row.registration_digest }),
  ...(row.metadata_digest !== null && { metadataDigest: row.metadata_digest }),
  ...(row.requires_pkce === 0 && { requirePkce: false }),
  ...(row.own_scope !== null && { ownScope: JSON.parse(row.own_scope) as Record<string, string[]> }),
});

function registeredBy({ registered_by, fetched_at, configured }: ClientRow): Client['registeredBy'] {
  if (fetched_at !== null) return 'document';
  return configured === null ? registered_by : 'configuration';
}
