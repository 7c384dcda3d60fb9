// As whom this deployment is registered at other parties. Whoever writes or forgets one names the client that was there, so
// that of several who registered the first counts, and nobody forgets what another one has just brought.

import type { OutboundRegistration, Storage } from '../contract.ts';
import { all, one, run, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface Row {
  readonly id: string;
  readonly issuer: string;
  readonly redirect_uri: string;
  readonly client_id: string;
  readonly sealed: Uint8Array;
  readonly registered_at: number;
  readonly expires_at: number | null;
}

const columns = 'id, issuer, redirect_uri, client_id, sealed, registered_at, expires_at';

const upsert = statement(
  `INSERT INTO outbound_registrations (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE SET client_id = $4, sealed = $5, registered_at = $6, expires_at = $7
      WHERE outbound_registrations.client_id = $8`,
);
const selectOne = statement<Row>(`SELECT ${columns} FROM outbound_registrations WHERE id = $1`);
const selectAll = statement<Row>(
  `SELECT ${columns} FROM outbound_registrations ORDER BY issuer, redirect_uri`,
);
const deleteOne = statement('DELETE FROM outbound_registrations WHERE id = $1 AND client_id = $2');

export function* keepOutboundRegistration({
  registration,
  replaces,
}: Parameters<Storage['keepOutboundRegistration']>[0]): Script<'kept' | 'superseded'> {
  const { id, issuer, redirect_uri, client_id, sealed, registeredAt, expiresAt = null } = registration;
  const values = [
    id,
    issuer,
    redirect_uri,
    client_id,
    sealed,
    registeredAt,
    expiresAt,
    replaces ?? null,
  ] as const;
  if ((yield* run(upsert, ...values)) === 1) return 'kept';
  const there = yield* findOutboundRegistration(id);
  // It was this very call, whose answer was lost: every sealed value has a nonce of its own.
  return there !== undefined && Buffer.compare(there.sealed, sealed) === 0 ? 'kept' : 'superseded';
}

export function* findOutboundRegistration(id: string): Script<OutboundRegistration | undefined> {
  const row = yield* one(selectOne, id);
  return row === undefined ? undefined : registrationOf(row);
}

export function* listOutboundRegistrations(): Script<readonly OutboundRegistration[]> {
  return (yield* all(selectAll)).map(registrationOf);
}

export function* forgetOutboundRegistration({
  id,
  client_id,
}: Parameters<Storage['forgetOutboundRegistration']>[0]): Script<'forgotten' | 'not_found'> {
  return (yield* run(deleteOne, id, client_id)) === 1 ? 'forgotten' : 'not_found';
}

const registrationOf = (row: Row): OutboundRegistration => ({
  id: row.id,
  issuer: row.issuer,
  redirect_uri: row.redirect_uri,
  client_id: row.client_id,
  sealed: row.sealed,
  registeredAt: row.registered_at,
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
});
