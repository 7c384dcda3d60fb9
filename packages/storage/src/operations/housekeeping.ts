// Forgetting what nothing can be alive of any more, and asking whether the store answers.

import type { Storage } from '../contract.ts';
import { one, run, statement } from '../script.ts';
import type { Script } from '../script.ts';
import {
  expiredInitialAccessTokenSeconds,
  loginEventSeconds,
  maxLoginEvents,
  supersededSigningKeySeconds,
  unusedDocumentSeconds,
  waitingClientSeconds,
} from '../limits.ts';
import { sweepSigningKeys } from './keys.ts';
import { sweepLoginEvents } from './login-events.ts';

// Tokens and codes before their grants, so that a grant's cascade finds little left.
const deleteExpired = [
  expired('sessions', 'digest'),
  expired('paused_authorizations', 'id'),
  expired('upstream_sign_ins', 'state'),
  expired('codes', 'digest'),
  expired('refresh_tokens', 'digest'),
  expired('access_tokens', 'digest'),
  expired('grants', 'id'),
];
const deleteExpiredClaims = statement(
  `DELETE FROM claims WHERE expires_at <= $1 AND (kind, id) IN (SELECT kind, id FROM claims
    WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`,
);
const deleteUnusedClients = statement(
  `DELETE FROM clients WHERE used_at IS NULL AND admission IS NULL AND approved_at IS NULL
    AND client_id IN (SELECT client_id FROM clients
    WHERE registered_by = 'dynamic' AND used_at IS NULL AND admission IS NULL AND approved_at IS NULL
      AND created_at < $1 ORDER BY created_at LIMIT $2)`,
);
// Whoever waits for a decision began within half an hour of the fetch, and waits no longer than another.
const deleteUnusedDocuments = statement(
  `DELETE FROM clients WHERE fetched_at < $1 AND used_at IS NULL AND admission IS NULL AND approved_at IS NULL
    AND client_id IN (SELECT client_id FROM clients
      WHERE fetched_at < $1 AND used_at IS NULL AND admission IS NULL AND approved_at IS NULL
      ORDER BY fetched_at LIMIT $2)`,
);
// One that waits once more, because it changed, was used before.
const deleteWaitingClients = statement(
  `DELETE FROM clients WHERE admission = 'waiting' AND used_at IS NULL AND created_at < $1 AND client_id IN (SELECT client_id FROM clients
    WHERE admission = 'waiting' AND used_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2)`,
);
const deleteInitialAccessTokens = statement(
  `DELETE FROM initial_access_tokens WHERE name IN (SELECT name FROM initial_access_tokens
    WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
);
// Of a table, so that the answer comes from the database and not from the library alone.
const selectVersion = statement<{ version: number }>('SELECT version FROM sallyport_migrations LIMIT 1');

/** Asks twice: a row that was found may have been used since, where there are simultaneous transactions. */
function expired(table: string, key: string) {
  return statement(
    `DELETE FROM ${table} WHERE expires_at <= $1 AND ${key} IN (SELECT ${key} FROM ${table}
      WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)`,
  );
}

export function* sweep(work: Parameters<Storage['sweep']>[0]): Script<number> {
  let deleted = 0;
  for (const deleteSome of deleteExpired) deleted += yield* run(deleteSome, work.now, work.limit);
  deleted += yield* run(deleteExpiredClaims, work.now, work.limit);
  deleted += yield* run(deleteUnusedClients, work.unusedClientsBefore, work.limit);
  deleted += yield* run(deleteUnusedDocuments, work.now - unusedDocumentSeconds, work.limit);
  deleted += yield* run(deleteWaitingClients, work.now - waitingClientSeconds, work.limit);
  deleted += yield* run(deleteInitialAccessTokens, work.now - expiredInitialAccessTokenSeconds, work.limit);
  deleted += yield* sweepSigningKeys(work.now - supersededSigningKeySeconds);
  return deleted + (yield* sweepLoginEvents(work.now - loginEventSeconds, maxLoginEvents, work.limit));
}

export function* ping(): Script<void> {
  yield* one(selectVersion);
}
