// People and their sessions.

import type { Session, Storage, User } from '../contract.ts';
import { all, one, revoke, run, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly password_hash: string | null;
  readonly role: User['role'];
  readonly created_at: number;
  readonly updated_at: number;
}

interface SessionRow extends UserRow {
  readonly session_created_at: number;
  readonly session_expires_at: number;
}

const userColumns = 'id, email, name, password_hash, role, created_at, updated_at';

const insertFirstUser = statement(
  `INSERT INTO users (${userColumns}) SELECT $1, $2, $3, $4, $5, $6, $7
    WHERE NOT EXISTS (SELECT 1 FROM users)`,
);
const insertUser = statement(
  `INSERT INTO users (${userColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING`,
);
const selectAnyUser = statement<{ id: string }>('SELECT id FROM users LIMIT 1');
const selectUser = statement<UserRow>(`SELECT ${userColumns} FROM users WHERE id = $1`);
const selectUserByEmail = statement<UserRow>(`SELECT ${userColumns} FROM users WHERE email = $1`);
const selectUsers = statement<UserRow>(`SELECT ${userColumns} FROM users ORDER BY created_at, email`);
const updatePassword = statement('UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1');
const deleteGrantsOfUser = statement<{ id: string }>('DELETE FROM grants WHERE user_id = $1 RETURNING id');
const deleteUser = statement('DELETE FROM users WHERE id = $1');

const insertSession = statement(
  `INSERT INTO sessions (digest, user_id, created_at, expires_at) SELECT $1, $2, $3, $4
    WHERE EXISTS (SELECT 1 FROM users WHERE id = $2)`,
);
const selectSession = statement<SessionRow>(
  `SELECT users.id, email, name, password_hash, role, users.created_at, updated_at,
      sessions.created_at AS session_created_at, sessions.expires_at AS session_expires_at
    FROM sessions JOIN users ON users.id = sessions.user_id
    WHERE sessions.digest = $1 AND sessions.expires_at > $2`,
);
const deleteSession = statement('DELETE FROM sessions WHERE digest = $1');
const deleteSessionsOfUser = statement('DELETE FROM sessions WHERE user_id = $1');

export function* addFirstUser(user: User): Script<'added' | 'not_first'> {
  return (yield* run(insertFirstUser, ...userValues(user))) === 1 ? 'added' : 'not_first';
}

export function* addUser(user: User): Script<'added' | 'email_taken'> {
  return (yield* run(insertUser, ...userValues(user))) === 1 ? 'added' : 'email_taken';
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
  yield* run(deleteSessionsOfUser, change.userId);
  return 'changed';
}

export function* removeUser(id: string): Script<'removed' | 'not_found'> {
  yield* revoke(deleteGrantsOfUser, id);
  return (yield* run(deleteUser, id)) === 1 ? 'removed' : 'not_found';
}

export function* keepSession(session: Session): Script<'kept' | 'user_gone'> {
  const { digest, userId, createdAt, expiresAt } = session;
  return (yield* run(insertSession, digest, userId, createdAt, expiresAt)) === 1 ? 'kept' : 'user_gone';
}

export function* findSession(
  digest: string,
  now: number,
): Script<{ session: Session; user: User } | undefined> {
  const row = yield* one(selectSession, digest, now);
  if (row === undefined) return undefined;
  const { id: userId, session_created_at: createdAt, session_expires_at: expiresAt } = row;
  return { session: { digest, userId, createdAt, expiresAt }, user: userOf(row) };
}

export function* endSession(digest: string): Script<void> {
  yield* run(deleteSession, digest);
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
  ] as const;

const optionalUser = (row: UserRow | undefined): User | undefined =>
  row === undefined ? undefined : userOf(row);

const userOf = (row: UserRow): User => ({
  id: row.id,
  email: row.email,
  name: row.name,
  ...(row.password_hash === null ? {} : { passwordHash: row.password_hash }),
  role: row.role,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
