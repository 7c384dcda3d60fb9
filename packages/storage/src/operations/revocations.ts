// What was forgotten here and is to be revoked at its provider too. It is queued in the transaction that forgets it, so that
// neither a crash nor a provider that is away loses it; whoever tries names the try, so that no two do it at once.

import type { Revocation, Storage } from '../contract.ts';
import { all, run, send, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface Row {
  readonly id: string;
  readonly user_id: string;
  readonly provider: string;
  readonly subject: string;
  readonly sealed: Uint8Array;
  readonly tries: number;
}

// What its provider honours no more needs no revoking.
const forgetting = (which: string) =>
  [
    statement(
      `INSERT INTO revocations (id, user_id, provider, subject, sealed, tries, try_at)
        SELECT id, user_id, provider, subject, sealed, 0, 0 FROM vault_entries WHERE ${which} AND dead_at IS NULL
        ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, tries = 0, try_at = 0`,
    ),
    statement(`DELETE FROM vault_entries WHERE ${which}`),
  ] as const;
const ofId = forgetting('id = $1');
const ofUser = forgetting('user_id = $1');
const ofIdentity = forgetting('user_id = $1 AND provider = $2 AND subject = $3');

const selectDue = statement<Row>(
  `SELECT id, user_id, provider, subject, sealed, tries FROM revocations WHERE try_at <= $1
    ORDER BY try_at LIMIT $2`,
);
const begin = statement('UPDATE revocations SET tries = tries + 1, try_at = $3 WHERE id = $1 AND tries = $2');
const end = statement('DELETE FROM revocations WHERE id = $1 AND tries = $2');
const cancel = statement('DELETE FROM revocations WHERE provider = $1 AND subject = $2');

/** @returns how many entries there were */
export function* forgetEntry(id: string): Script<number> {
  yield* send(ofId[0], id);
  return yield* run(ofId[1], id);
}

export function* forgetEntriesOfUser(userId: string): Script<void> {
  for (const step of ofUser) yield* send(step, userId);
}

export function* forgetEntriesOfIdentity(
  userId: string,
  { provider, subject }: Pick<Revocation, 'provider' | 'subject'>,
): Script<void> {
  for (const step of ofIdentity) yield* send(step, userId, provider, subject);
}

/** Several providers end all that a person gave an app with one of its tokens: what is old must not end what is new. */
export function* cancelRevocations({
  provider,
  subject,
}: Pick<Revocation, 'provider' | 'subject'>): Script<void> {
  yield* send(cancel, provider, subject);
}

export function* listDueRevocations({
  now,
  limit,
}: Parameters<Storage['listDueRevocations']>[0]): Script<readonly Revocation[]> {
  const rows = yield* all(selectDue, now, limit);
  return rows.map(({ user_id: userId, ...row }) => ({ ...row, userId }));
}

export function* beginRevocation({
  id,
  tries,
  tryAt,
}: Parameters<Storage['beginRevocation']>[0]): Script<'begun' | 'elsewhere'> {
  return (yield* run(begin, id, tries, tryAt)) === 1 ? 'begun' : 'elsewhere';
}

export function* endRevocation({ id, tries }: Parameters<Storage['endRevocation']>[0]): Script<void> {
  yield* run(end, id, tries);
}
