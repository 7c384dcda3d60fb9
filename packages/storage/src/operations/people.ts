// People and their sessions.

import type { Session, Storage, User } from '../contract.ts';
import { all, one, revoke, run, statement } from '../script.ts';
import type { Script } from '../script.ts';
import { holdIdentity } from './hold-identity.ts';
import { forgetEntriesOfUser } from './revocations.ts';

interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly password_hash: string | null;
  readonly role: User['role'];
  readonly created_at: number;
  readonly updated_at: number;
  readonly operator_by: string | null;
  /** Of a service account. */
  readonly client_id: string | null;
}

interface SessionRow {
  readonly digest: string;
  readonly user_id: string;
  readonly session_created_at: number;
  readonly session_expires_at: number;
  readonly seen_at: number | null;
  readonly browser: string | null;
  readonly network: string | null;
  readonly proven_at: number | null;
  readonly provider: string | null;
  readonly subject: string | null;
}

const ownColumns = 'id, email, name, password_hash, role, created_at, updated_at, operator_by';
const userColumns = `${ownColumns}, client_id`;

const insertFirstUser = statement(
  `INSERT INTO users (${ownColumns}) SELECT $1, $2, $3, $4, $5, $6, $7, $8
    WHERE NOT EXISTS (SELECT 1 FROM users WHERE client_id IS NULL)`,
);
const insertUser = statement(
  `INSERT INTO users (${ownColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (email) DO NOTHING`,
);
const selectAnyUser = statement<{ id: string }>('SELECT id FROM users WHERE client_id IS NULL LIMIT 1');
const selectUser = statement<UserRow>(`SELECT ${userColumns} FROM users WHERE id = $1`);
const selectUserByEmail = statement<UserRow>(
  `SELECT ${userColumns} FROM users WHERE email = $1 AND client_id IS NULL`,
);
const selectUsers = statement<UserRow>(`SELECT ${userColumns} FROM users ORDER BY created_at, email`);
const updatePassword = statement(
  'UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1 AND client_id IS NULL',
);
const deleteGrantsOfUser = statement<{ id: string }>(
  `DELETE FROM grants WHERE user_id = $1
    AND EXISTS (SELECT 1 FROM users WHERE id = $1 AND client_id IS NULL) RETURNING id`,
);
const selectAnotherOperator = statement<{ id: string }>(
  `SELECT id FROM users WHERE role = 'operator' AND id <> $1 LIMIT 1`,
);
const selectAnyMember = statement<{ id: string }>(
  `SELECT id FROM users WHERE role = 'member' AND client_id IS NULL LIMIT 1`,
);
const deleteUser = statement('DELETE FROM users WHERE id = $1 AND client_id IS NULL');

const sessionColumns = `sessions.digest, sessions.user_id, sessions.created_at AS session_created_at,
      sessions.expires_at AS session_expires_at, sessions.seen_at, sessions.browser, sessions.network,
      sessions.proven_at, sessions.provider, sessions.subject`;
const insertSession = statement(
  `INSERT INTO sessions
      (digest, user_id, created_at, expires_at, seen_at, browser, network, proven_at, provider, subject)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
    WHERE EXISTS (SELECT 1 FROM users WHERE id = $2 AND client_id IS NULL)`,
);
const selectSession = statement<SessionRow & UserRow>(
  `SELECT ${sessionColumns}, users.id, email, name, password_hash, role, users.created_at, updated_at, operator_by,
      client_id
    FROM sessions JOIN users ON users.id = sessions.user_id
    WHERE sessions.digest = $1 AND sessions.expires_at > $2`,
);
const selectSessions = statement<SessionRow>(
  `SELECT ${sessionColumns} FROM sessions WHERE user_id = $1 AND expires_at > $2
    ORDER BY created_at DESC, digest DESC LIMIT 100`,
);
const markSeen = statement('UPDATE sessions SET seen_at = $2 WHERE digest = $1');
const deleteSession = statement('DELETE FROM sessions WHERE digest = $1');
const deleteOtherSessions = statement('DELETE FROM sessions WHERE user_id = $1 AND digest <> $2');

export function* addFirstUser(user: User): Script<'added' | 'not_first'> {
  return (yield* insertedUser(user, true)) ? 'added' : 'not_first';
}

export function* addUser(user: User): Script<'added' | 'email_taken'> {
  return (yield* insertedUser(user, false)) ? 'added' : 'email_taken';
}

/** @param isFirst whether there must be no other person */
export function* insertedUser(user: User, isFirst: boolean): Script<boolean> {
  return (yield* run(isFirst ? insertFirstUser : insertUser, ...userValues(user))) === 1;
}

export function* hasUsers(): Script<boolean> {
  return (yield* one(selectAnyUser)) !== undefined;
}

export function* findUser(id: string): Script<User | undefined> {
  return optionalUser(yield* one(selectUser, id));
}

export function* findUserByEmail(email: string): Script<User | undefined> {
  return optionalUser(yield* one(selectUserByEmail, email));
}

export function* listUsers(): Script<readonly User[]> {
  return (yield* all(selectUsers)).map(userOf);
}

export function* setPassword(change: Parameters<Storage['setPassword']>[0]): Script<'changed' | 'not_found'> {
  const changed = yield* run(updatePassword, change.userId, change.passwordHash, change.now);
  if (changed === 0) return 'not_found';
  // No digest is empty: without one to keep, all go.
  yield* run(deleteOtherSessions, change.userId, change.keepSession ?? '');
  return 'changed';
}

export function* removeUser(id: string): Script<'removed' | 'not_found'> {
  yield* revoke(deleteGrantsOfUser, id);
  yield* forgetEntriesOfUser(id);
  return (yield* run(deleteUser, id)) === 1 ? 'removed' : 'not_found';
}

export function* isLastOperator(id: string): Script<boolean> {
  const user = yield* findUser(id);
  if (user?.role !== 'operator' || (yield* one(selectAnotherOperator, id)) !== undefined) return false;
  return (yield* one(selectAnyMember)) !== undefined;
}

export function* removeUserUnlessNeeded(id: string): Script<'removed' | 'not_found' | 'last_operator'> {
  return (yield* isLastOperator(id)) ? 'last_operator' : yield* removeUser(id);
}

export function* keepSession(session: Session): Script<'kept' | 'user_gone'> {
  const { digest, userId, createdAt, expiresAt } = session;
  const { seenAt = null, browser = null, network = null, provenAt = null } = session;
  const { provider = null, subject = null } = session;
  if (provider !== null && subject !== null && !(yield* holdIdentity({ provider, subject, userId })))
    return 'user_gone';
  const known = [seenAt, browser, network, provenAt, provider, subject] as const;
  const kept = yield* run(insertSession, digest, userId, createdAt, expiresAt, ...known);
  return kept === 1 ? 'kept' : 'user_gone';
}

export function* findSession(
  digest: string,
  now: number,
): Script<{ session: Session; user: User } | undefined> {
  const row = yield* one(selectSession, digest, now);
  return row === undefined ? undefined : { session: sessionOf(row), user: userOf(row) };
}

export function* listSessions(userId: string, now: number): Script<readonly Session[]> {
  return (yield* all(selectSessions, userId, now)).map(sessionOf);
}

export function* markSessionSeen(digest: string, now: number): Script<void> {
  yield* run(markSeen, digest, now);
}

export function* endSession(digest: string): Script<void> {
  yield* run(deleteSession, digest);
}

export function* endOtherSessions(others: Parameters<Storage['endOtherSessions']>[0]): Script<void> {
  yield* run(deleteOtherSessions, others.userId, others.keep);
}

const userValues = (user: User) =>
  [
    user.id,
    user.email,
    user.name,
    user.passwordHash ?? null,
    user.role,
    user.createdAt,
    user.updatedAt,
    user.operatorBy ?? null,
  ] as const;

const optionalUser = (row: UserRow | undefined): User | undefined =>
  row === undefined ? undefined : userOf(row);

const userOf = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  name: row.name,
  ...(row.password_hash === null ? {} : { passwordHash: row.password_hash }),
  role: row.role,
  ...(row.operator_by === null ? {} : { operatorBy: row.operator_by }),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  ...(row.client_id === null ? {} : { clientId: row.client_id }),
});

const sessionOf = (row: SessionRow): Session => ({
  digest: row.digest,
  userId: row.user_id,
  createdAt: row.session_created_at,
  expiresAt: row.session_expires_at,
  ...(row.seen_at === null ? {} : { seenAt: row.seen_at }),
  ...(row.browser === null ? {} : { browser: row.browser }),
  ...(row.network === null ? {} : { network: row.network }),
  ...(row.proven_at === null ? {} : { provenAt: row.proven_at }),
  ...(row.provider === null ? {} : { provider: row.provider }),
  ...(row.subject === null ? {} : { subject: row.subject }),
});
