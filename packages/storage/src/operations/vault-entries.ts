// What other parties gave for a person, sealed. Whoever writes names the generation that it read, so that of two who
// refreshed one entry the first counts, and the other never ends what the first one brought.

import type { Storage, VaultEntry } from '../contract.ts';
import { all, one, run, statement } from '../script.ts';
import type { Script } from '../script.ts';
import { holdIdentity } from './hold-identity.ts';
import { endAccessOfIdentity, setOperatorByRule } from './identities.ts';
import { cancelRevocations, forgetEntry } from './revocations.ts';

interface Row {
  readonly id: string;
  readonly user_id: string;
  readonly provider: string;
  readonly subject: string;
  readonly sealed: Uint8Array;
  readonly generation: number;
  readonly expires_at: number | null;
  readonly refresh_at: number | null;
  readonly dead_at: number | null;
  readonly dead_reason: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

type Outcome<Done extends string> = Done | 'superseded' | 'gone';

const columns = `id, user_id, provider, subject, sealed, generation, expires_at, refresh_at, dead_at, dead_reason,
    created_at, updated_at`;

const upsert = statement(
  `INSERT INTO vault_entries (id, user_id, provider, subject, sealed, generation, expires_at, refresh_at, created_at, updated_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $9
    WHERE EXISTS (SELECT 1 FROM users WHERE id = $2 AND client_id IS NULL)
    ON CONFLICT (user_id, provider, subject) DO UPDATE SET sealed = $5, generation = vault_entries.generation + 1,
      expires_at = $7, refresh_at = $8, dead_at = NULL, dead_reason = NULL, asked_at = NULL, updated_at = $9`,
);
const selectEntry = statement<Row>(`SELECT ${columns} FROM vault_entries WHERE id = $1`);
const selectOfPerson = statement<Row>(
  `SELECT ${columns} FROM vault_entries WHERE user_id = $1 AND provider = $2 ORDER BY subject`,
);
const selectDue = statement<Row>(
  `SELECT ${columns} FROM vault_entries WHERE refresh_at <= $1 ORDER BY refresh_at LIMIT $2`,
);
const updateTokens = statement(
  `UPDATE vault_entries SET sealed = $3, generation = generation + 1, expires_at = $4, refresh_at = $5,
      dead_at = NULL, dead_reason = NULL, asked_at = NULL, updated_at = $6
    WHERE id = $1 AND generation = $2`,
);
const updateDead = statement(
  `UPDATE vault_entries SET dead_at = $3, dead_reason = $4, refresh_at = NULL, updated_at = $3
    WHERE id = $1 AND generation = $2`,
);
const updateRefreshAt = statement(
  `UPDATE vault_entries SET refresh_at = $3, updated_at = $4,
      asked_at = CASE WHEN $5 = 1 THEN NULL ELSE asked_at END
    WHERE id = $1 AND generation = $2 AND dead_at IS NULL`,
);

const updateAskedAt = statement(
  'UPDATE vault_entries SET asked_at = $3 WHERE id = $1 AND generation = $2 AND asked_at IS NULL',
);

export function* keepVaultEntry(
  entry: Parameters<Storage['keepVaultEntry']>[0],
): Script<'kept' | 'user_gone'> {
  const {
    id,
    userId,
    provider,
    subject,
    sealed,
    generation,
    expiresAt = null,
    refreshAt = null,
    isOfIdentity = false,
    now,
  } = entry;
  if (isOfIdentity && !(yield* holdIdentity(entry))) return 'user_gone';
  const whose = [id, userId, provider, subject] as const;
  const kept = yield* run(upsert, ...whose, sealed, generation, expiresAt, refreshAt, now);
  if (kept === 0) return 'user_gone';
  yield* cancelRevocations(entry);
  return 'kept';
}

export function* findVaultEntry(id: string): Script<VaultEntry | undefined> {
  const row = yield* one(selectEntry, id);
  return row === undefined ? undefined : entryOf(row);
}

export function* listVaultEntries({
  userId,
  provider,
}: Parameters<Storage['listVaultEntries']>[0]): Script<readonly VaultEntry[]> {
  return (yield* all(selectOfPerson, userId, provider)).map(entryOf);
}

export function* listDueVaultEntries({
  now,
  limit,
}: Parameters<Storage['listDueVaultEntries']>[0]): Script<readonly VaultEntry[]> {
  return (yield* all(selectDue, now, limit)).map(entryOf);
}

export function* replaceVaultTokens(
  replaced: Parameters<Storage['replaceVaultTokens']>[0],
): Script<Outcome<'replaced'>> {
  const { id, generation, sealed, expiresAt = null, refreshAt = null, now } = replaced;
  if ((yield* run(updateTokens, id, generation, sealed, expiresAt, refreshAt, now)) === 1) return 'replaced';
  const entry = yield* findVaultEntry(id);
  if (entry === undefined) return 'gone';
  // It was this very call, whose answer was lost: every sealed value has a nonce of its own.
  return Buffer.compare(entry.sealed, sealed) === 0 ? 'replaced' : 'superseded';
}

export function* markVaultEntryDead(
  dead: Parameters<Storage['markVaultEntryDead']>[0],
): Script<Outcome<'marked'>> {
  const { id, generation, reason, now } = dead;
  if ((yield* run(updateDead, id, generation, now, reason)) === 1) return 'marked';
  return (yield* findVaultEntry(id)) === undefined ? 'gone' : 'superseded';
}

export function* endVaultEntryWithAccess(
  ended: Parameters<Storage['endVaultEntryWithAccess']>[0],
): Script<Awaited<ReturnType<Storage['endVaultEntryWithAccess']>>> {
  const marked = yield* markVaultEntryDead(ended);
  const entry = yield* findVaultEntry(ended.id);
  if (marked !== 'marked' || entry === undefined) return { outcome: marked === 'marked' ? 'gone' : marked };
  const { userId, provider } = entry;
  const access = yield* endAccessOfIdentity({ ...entry, now: ended.now });
  const role = yield* setOperatorByRule({ userId, provider, isOperator: false, now: ended.now });
  return { outcome: 'ended', role, ...access };
}

export function* noteVaultAsked({
  id,
  generation,
  now,
}: Parameters<Storage['noteVaultAsked']>[0]): Script<'first' | 'again' | 'superseded' | 'gone'> {
  if ((yield* run(updateAskedAt, id, generation, now)) === 1) return 'first';
  const entry = yield* findVaultEntry(id);
  if (entry === undefined) return 'gone';
  return entry.generation === generation ? 'again' : 'superseded';
}

export function* postponeVaultEntry(
  postponed: Parameters<Storage['postponeVaultEntry']>[0],
): Script<Outcome<'postponed'>> {
  const { id, generation, refreshAt, isUnspent = false, now } = postponed;
  if ((yield* run(updateRefreshAt, id, generation, refreshAt, now, isUnspent ? 1 : 0)) === 1)
    return 'postponed';
  return (yield* findVaultEntry(id)) === undefined ? 'gone' : 'superseded';
}

export function* removeVaultEntry(id: string): Script<'removed' | 'not_found'> {
  return (yield* forgetEntry(id)) === 1 ? 'removed' : 'not_found';
}

const entryOf = (row: Row): VaultEntry => ({
  id: row.id,
  userId: row.user_id,
  provider: row.provider,
  subject: row.subject,
  sealed: row.sealed,
  generation: row.generation,
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(row.refresh_at !== null && { refreshAt: row.refresh_at }),
  ...(row.dead_at !== null && { dead: { at: row.dead_at, reason: row.dead_reason ?? '' } }),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
