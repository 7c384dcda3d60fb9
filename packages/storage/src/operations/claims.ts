// What is there once: of all who claim the same, one is told that it is theirs, until the claim expires
// or its holder gives it back.

import type { Storage } from '../contract.ts';
import { run, statement } from '../script.ts';
import type { Script } from '../script.ts';

// The arbiter: one caller makes the row, or takes over an expired one.
const insertClaim = statement(
  `INSERT INTO claims (kind, id, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (kind, id) DO UPDATE SET expires_at = $3 WHERE claims.expires_at <= $4`,
);
const deleteClaim = statement('DELETE FROM claims WHERE kind = $1 AND id = $2 AND expires_at = $3');

export function* claim({
  kind,
  id,
  expiresAt,
  now,
}: Parameters<Storage['claim']>[0]): Script<'claimed' | 'taken'> {
  return (yield* run(insertClaim, kind, id, expiresAt, now)) === 1 ? 'claimed' : 'taken';
}

export function* releaseClaim({
  kind,
  id,
  expiresAt,
}: Parameters<Storage['releaseClaim']>[0]): Script<'released' | 'not_held'> {
  return (yield* run(deleteClaim, kind, id, expiresAt)) === 1 ? 'released' : 'not_held';
}
