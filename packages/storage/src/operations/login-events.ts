// The steps of logins: noted, told again, and forgotten.

import type { LoginEvent } from '../contract.ts';
import { maxEventsOfLogin } from '../limits.ts';
import { all, run, send, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface LoginEventRow {
  readonly id: string;
  readonly trace_id: string;
  readonly happened_at: number;
  readonly event: LoginEvent['event'];
  readonly client_id: string;
  readonly user_id: string | null;
  readonly reason: string | null;
}

const columns = 'id, trace_id, happened_at, event, client_id, user_id, reason';

// A call of a tool is told once, of a login whose beginning is still known.
const insertEvent = statement(
  `INSERT INTO login_events (${columns})
    SELECT $1, $2, $3, $4, $5, (SELECT users.id FROM users WHERE users.id = $6), $7
    WHERE ($9 = 1 OR EXISTS (SELECT 1 FROM clients WHERE client_id = $5))
      AND (SELECT COUNT(*) FROM login_events WHERE trace_id = $2) < $8
      AND ($4 <> 'tool_called'
        OR (EXISTS (SELECT 1 FROM login_events WHERE trace_id = $2 AND event = 'token_issued')
          AND NOT EXISTS (SELECT 1 FROM login_events WHERE trace_id = $2 AND event = 'tool_called')))
    ON CONFLICT (trace_id) WHERE event = 'tool_called' DO NOTHING`,
);
const selectOfTrace = statement<LoginEventRow>(
  `SELECT ${columns} FROM login_events WHERE trace_id = $1 ORDER BY id`,
);
const selectOfNewest = statement<LoginEventRow>(
  `SELECT ${columns} FROM login_events WHERE trace_id IN (
      SELECT trace_id FROM login_events GROUP BY trace_id ORDER BY MAX(id) DESC LIMIT $1
    ) ORDER BY id`,
);
const deleteOld = statement(
  `DELETE FROM login_events WHERE id IN (SELECT id FROM login_events
    WHERE happened_at < $1 ORDER BY happened_at LIMIT $2)`,
);
const deleteBeyond = statement(
  `DELETE FROM login_events WHERE id IN (SELECT id FROM login_events
    WHERE id <= (SELECT id FROM login_events ORDER BY id DESC LIMIT 1 OFFSET $1) ORDER BY id LIMIT $2)`,
);

export function* keepLoginEvents(events: readonly LoginEvent[]): Script<void> {
  for (const { id, traceId, at, event, clientId, userId, reason } of events) {
    const values = [id, traceId, at, event, clientId, userId ?? null, reason ?? null] as const;
    // There is no client while its document cannot be used, and that is what somebody will look for.
    const isDocument = event === 'refused' && clientId.startsWith('https://');
    const needsNoClient = isDocument || clientId === '' ? 1 : 0;
    yield* send(insertEvent, ...values, maxEventsOfLogin, needsNoClient);
  }
}

export function* findLoginEvents(traceId: string): Script<readonly LoginEvent[]> {
  return (yield* all(selectOfTrace, traceId)).map(eventOf);
}

export function* listLoginEvents(logins: number): Script<readonly LoginEvent[]> {
  return (yield* all(selectOfNewest, logins)).map(eventOf);
}

export function* sweepLoginEvents(before: number, most: number, limit: number): Script<number> {
  const old = yield* run(deleteOld, before, limit);
  return old + (yield* run(deleteBeyond, most, limit));
}

const eventOf = (row: LoginEventRow): LoginEvent => ({
  id: row.id,
  traceId: row.trace_id,
  at: row.happened_at,
  event: row.event,
  clientId: row.client_id,
  ...(row.user_id === null ? {} : { userId: row.user_id }),
  ...(row.reason === null ? {} : { reason: row.reason }),
});
