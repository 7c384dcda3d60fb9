// Paused authorizations, consents, and the decision that ends the one and makes the other.

import type { AuthorizationCode, Consent, Grant, PausedAuthorization, Storage } from '../contract.ts';
import { clientUseSeconds } from '../limits.ts';
import { one, run, send, statement, Undone } from '../script.ts';
import type { Script } from '../script.ts';

interface PausedRow {
  readonly id: string;
  readonly client_id: string;
  readonly browser: string;
  readonly value: string;
  readonly trace_id: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly decision: 'allowed' | 'denied' | null;
  readonly decided_by: string | null;
}

const pausedColumns = 'id, client_id, browser, value, trace_id, created_at, expires_at, decision, decided_by';

const insertPaused = statement(
  `INSERT INTO paused_authorizations (${pausedColumns}) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
    WHERE EXISTS (SELECT 1 FROM clients WHERE client_id = $2)`,
);
const selectPaused = statement<PausedRow>(
  `SELECT ${pausedColumns} FROM paused_authorizations WHERE id = $1 AND expires_at > $2`,
);
// The winner is whoever changes the row; everybody else reads what was decided.
const allowPaused = statement(
  `UPDATE paused_authorizations SET decision = 'allowed', decided_by = $2
    WHERE id = $1 AND decision IS NULL AND expires_at > $3 AND client_id = $4
      AND EXISTS (SELECT 1 FROM users WHERE id = $2)`,
);
const denyPaused = statement(
  `UPDATE paused_authorizations SET decision = 'denied', decided_by = $2
    WHERE id = $1 AND decision IS NULL AND expires_at > $3 AND EXISTS (SELECT 1 FROM users WHERE id = $2)`,
);
const selectDecision = statement<Pick<PausedRow, 'decision' | 'decided_by'>>(
  `SELECT decision, decided_by FROM paused_authorizations
    WHERE id = $1 AND expires_at > $3 AND EXISTS (SELECT 1 FROM users WHERE id = $2)`,
);

const selectConsent = statement<{ scope: string; updated_at: number }>(
  `SELECT scope, updated_at FROM consents
    WHERE user_id = $1 AND client_id = $2 AND redirect_origin = $3 AND resource = $4`,
);
// Only over what was read before: another may have merged meanwhile, and what it added must not be lost.
const upsertConsent = statement(
  `INSERT INTO consents (user_id, client_id, redirect_origin, resource, scope, updated_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $6)
    ON CONFLICT (user_id, client_id, redirect_origin, resource)
    DO UPDATE SET scope = excluded.scope, updated_at = excluded.updated_at WHERE consents.scope = $7`,
);

// Coarsely, because everybody who uses this client would wait for everybody else to have written it.
const updateClientUse = statement(
  'UPDATE clients SET used_at = $2 WHERE client_id = $1 AND (used_at IS NULL OR used_at < $3)',
);
const insertGrant = statement(
  `INSERT INTO grants (id, user_id, client_id, resource, scope, trace_id, created_at, expires_at, revoked_at,
      scope_words, provider, subject)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 WHERE EXISTS (SELECT 1 FROM users WHERE id = $2)
      AND EXISTS (SELECT 1 FROM clients WHERE client_id = $3 AND admission IS NULL
        AND COALESCE(configured, 1) = 1)`,
);
const insertCode = statement(
  `INSERT INTO codes (digest, grant_id, redirect_uri, code_challenge, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)`,
);

type Granted = Parameters<Storage['grantAuthorization']>[0];
type Denied = Parameters<Storage['denyAuthorization']>[0];
type Repeated = 'repeated' | 'decided_otherwise' | 'gone';

export function* keepPausedAuthorization(paused: PausedAuthorization): Script<'kept' | 'client_gone'> {
  const kept = yield* run(
    insertPaused,
    paused.id,
    paused.clientId,
    paused.browser,
    paused.value,
    paused.traceId,
    paused.createdAt,
    paused.expiresAt,
    paused.decision ?? null,
    paused.decidedBy ?? null,
  );
  return kept === 1 ? 'kept' : 'client_gone';
}

export function* findPausedAuthorization(id: string, now: number): Script<PausedAuthorization | undefined> {
  const row = yield* one(selectPaused, id, now);
  return row === undefined ? undefined : pausedOf(row);
}

export function* findConsent(key: Parameters<Storage['findConsent']>[0]): Script<Consent | undefined> {
  const { userId, clientId, redirectOrigin, resource } = key;
  const row = yield* one(selectConsent, userId, clientId, redirectOrigin, resource);
  if (row === undefined) return undefined;
  const scope = JSON.parse(row.scope) as string[];
  return { userId, clientId, redirectOrigin, resource, scope, updatedAt: row.updated_at };
}

export function* grantAuthorization(granted: Granted): Script<'granted' | Repeated | Undone<'gone'>> {
  const { pausedId, grant, code, consent, now } = granted;
  if (pausedId !== undefined) {
    const decided = yield* run(allowPaused, pausedId, grant.userId, now, grant.clientId);
    if (decided === 0) return yield* judgeRepeat(pausedId, grant.userId, 'allowed', now);
  }
  if ((yield* run(insertGrant, ...grantValues(grant))) === 0) return new Undone('gone');
  yield* markClientUsed(grant.clientId, now);
  yield* send(insertCode, ...codeValues(code));
  if (consent !== undefined) yield* mergeConsent(consent);
  return 'granted';
}

export function* denyAuthorization({ pausedId, userId, now }: Denied): Script<'denied' | Repeated> {
  const decided = yield* run(denyPaused, pausedId, userId, now);
  return decided === 1 ? 'denied' : yield* judgeRepeat(pausedId, userId, 'denied', now);
}

/** What a decision that came too late is to be told. */
function* judgeRepeat(
  pausedId: string,
  userId: string,
  decision: 'allowed' | 'denied',
  now: number,
): Script<Repeated> {
  const row = yield* one(selectDecision, pausedId, userId, now);
  if (row === undefined || row.decision === null) return 'gone';
  return row.decision === decision && row.decided_by === userId ? 'repeated' : 'decided_otherwise';
}

/** Of a client that is there. */
export function* markClientUsed(clientId: string, now: number): Script<void> {
  yield* send(updateClientUse, clientId, now, now - clientUseSeconds);
}

/** What was consented to before stays. */
export function* mergeConsent(consent: Consent): Script<void> {
  const { userId, clientId, redirectOrigin, resource, updatedAt } = consent;
  const key = [userId, clientId, redirectOrigin, resource] as const;
  for (;;) {
    const before = (yield* one(selectConsent, ...key))?.scope ?? '[]';
    const scope = JSON.stringify([...new Set([...(JSON.parse(before) as string[]), ...consent.scope])]);
    if ((yield* run(upsertConsent, ...key, scope, updatedAt, before)) === 1) return;
  }
}

export const grantValues = (grant: Grant) =>
  [
    grant.id,
    grant.userId,
    grant.clientId,
    grant.resource,
    JSON.stringify(grant.scope),
    grant.traceId,
    grant.createdAt,
    grant.expiresAt,
    grant.revokedAt ?? null,
    grant.scopeWords === undefined ? null : JSON.stringify(grant.scopeWords),
    grant.provider ?? null,
    grant.subject ?? null,
  ] as const;

const codeValues = (code: AuthorizationCode) =>
  [
    code.digest,
    code.grantId,
    code.redirect_uri,
    // No challenge is kept as an empty one, which no verifier matches.
    code.code_challenge ?? '',
    code.createdAt,
    code.expiresAt,
  ] as const;

const pausedOf = (row: PausedRow): PausedAuthorization => ({
  id: row.id,
  clientId: row.client_id,
  browser: row.browser,
  value: row.value,
  traceId: row.trace_id,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  ...(row.decision === null ? {} : { decision: row.decision }),
  ...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
});
