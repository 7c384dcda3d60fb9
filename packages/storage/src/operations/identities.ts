// Who people are at the providers that they sign in with. An identity is (provider, subject) and belongs to one account.

import type { EndedAccess, KnownIdentity, RoleByRule, Storage, User } from '../contract.ts';
import { all, one, revoke, run, send, statement, Undone } from '../script.ts';
import type { Script } from '../script.ts';
import { findUser, insertedUser, isLastOperator } from './people.ts';
import { forgetEntriesOfIdentity } from './revocations.ts';

interface IdentityRow {
  readonly provider: string;
  readonly subject: string;
  readonly issuer: string;
  readonly user_id: string;
  readonly email: string | null;
  readonly email_verified: number;
  readonly name: string | null;
  readonly username: string | null;
  readonly created_at: number;
  readonly signed_in_at: number;
}

const columns =
  'provider, subject, issuer, user_id, email, email_verified, name, username, created_at, signed_in_at';
const selectIdentity = statement<IdentityRow>(
  `SELECT ${columns} FROM identities WHERE provider = $1 AND subject = $2`,
);
const order = 'ORDER BY created_at, provider, subject';
const selectOfUser = statement<IdentityRow>(`SELECT ${columns} FROM identities WHERE user_id = $1 ${order}`);
const selectAll = statement<IdentityRow>(`SELECT ${columns} FROM identities ${order}`);
const insertIdentity = statement(
  `INSERT INTO identities (${columns}) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
    WHERE EXISTS (SELECT 1 FROM users WHERE id = $4 AND client_id IS NULL)
    ON CONFLICT (provider, subject) DO NOTHING`,
);
const updateIdentity = statement(
  `UPDATE identities SET email = $3, email_verified = $4, name = $5, username = $6, signed_in_at = $7
    WHERE provider = $1 AND subject = $2`,
);
const deleteIdentity = statement('DELETE FROM identities WHERE provider = $1 AND subject = $2');
const deleteSessions = statement(
  'DELETE FROM sessions WHERE user_id = $1 AND provider = $2 AND subject = $3 AND digest <> $4',
);
const endGrants = statement<{ id: string; client_id: string; trace_id: string }>(
  `UPDATE grants SET revoked_at = $4
    WHERE user_id = $1 AND provider = $2 AND COALESCE(subject, $3) = $3 AND revoked_at IS NULL
    RETURNING id, client_id, trace_id`,
);
const makeOperator = statement(
  `UPDATE users SET role = 'operator', operator_by = $2, updated_at = $3
    WHERE id = $1 AND role = 'member' AND client_id IS NULL`,
);
const makeMember = statement(
  `UPDATE users SET role = 'member', operator_by = NULL, updated_at = $3
    WHERE id = $1 AND role = 'operator' AND operator_by = $2`,
);

export function* findIdentity({
  provider,
  subject,
}: Parameters<Storage['findIdentity']>[0]): Script<{ identity: KnownIdentity; user: User } | undefined> {
  const row = yield* one(selectIdentity, provider, subject);
  const user = row && (yield* findUser(row.user_id));
  return row && user && { identity: identityOf(row), user };
}

export function* listIdentities(userId?: string): Script<readonly KnownIdentity[]> {
  const rows = userId === undefined ? yield* all(selectAll) : yield* all(selectOfUser, userId);
  return rows.map(identityOf);
}

type WithIdentity = Parameters<Storage['addUserWithIdentity']>[0];
type NotAdded = 'email_taken' | 'identity_taken' | 'not_first';

export function* addUserWithIdentity({
  user,
  identity,
  isFirst = false,
}: WithIdentity): Script<'added' | NotAdded | Undone<NotAdded>> {
  const added = yield* insertedUser(user, isFirst);
  if (!added && isFirst) return 'not_first';
  // Whoever comes twice at once has the same address, too; which of the two is in the way makes a difference.
  if (!added) return (yield* one(selectIdentity, ...keyOf(identity))) ? 'identity_taken' : 'email_taken';
  const kept = yield* run(insertIdentity, ...valuesOf({ ...identity, userId: user.id }));
  return kept === 1 ? 'added' : new Undone('identity_taken');
}

type Linked = 'linked' | 'identity_taken' | 'user_gone' | 'not_invited';

export function* linkIdentity({
  identity,
  isInvited = false,
}: Parameters<Storage['linkIdentity']>[0]): Script<Linked> {
  if (isInvited && !(yield* hasNoWay(identity.userId))) return 'not_invited';
  if ((yield* run(insertIdentity, ...valuesOf(identity))) === 1) return 'linked';
  const there = yield* one(selectIdentity, ...keyOf(identity));
  if (there === undefined) return 'user_gone';
  return there.user_id === identity.userId ? 'linked' : 'identity_taken';
}

/** Nobody has ever signed in to such an account: it waits for whom it was made for. */
function* hasNoWay(userId: string): Script<boolean> {
  const user = yield* findUser(userId);
  if (user === undefined || user.passwordHash !== undefined) return false;
  return (yield* one(selectOfUser, userId)) === undefined;
}

type Unlinked = 'unlinked' | 'not_found' | 'last_way';

export function* unlinkIdentity(unlinked: Parameters<Storage['unlinkIdentity']>[0]): Script<Unlinked> {
  const { userId, provider, subject, ways, keepSession = '', now } = unlinked;
  const identities = yield* all(selectOfUser, userId);
  const isThis = (one: IdentityRow) => one.provider === provider && one.subject === subject;
  if (!identities.some(isThis)) return 'not_found';
  const hasPassword = (yield* findUser(userId))?.passwordHash !== undefined && ways.includes('password');
  const hasAnother = identities.some((one) => !isThis(one) && ways.includes(one.provider));
  if (!hasPassword && !hasAnother) return 'last_way';
  yield* run(deleteIdentity, provider, subject);
  yield* forgetEntriesOfIdentity(userId, { provider, subject });
  yield* send(deleteSessions, userId, provider, subject, keepSession);
  // No rule would ever take it back.
  if (!identities.some((one) => !isThis(one) && one.provider === provider))
    yield* setOperatorByRule({ userId, provider, isOperator: false, now });
  return 'unlinked';
}

export function* endAccessOfIdentity({
  userId,
  provider,
  subject,
  now,
}: Parameters<Storage['endAccessOfIdentity']>[0]): Script<EndedAccess> {
  const sessions = yield* run(deleteSessions, userId, provider, subject, '');
  const grants = yield* revoke(endGrants, userId, provider, subject, now);
  return {
    sessions,
    grants: grants.map(({ id, client_id, trace_id }) => ({ id, clientId: client_id, traceId: trace_id })),
  };
}

export function* noteIdentitySignIn(
  noted: Parameters<Storage['noteIdentitySignIn']>[0],
): Script<'noted' | 'not_found'> {
  const { provider, subject, email = null, emailVerified, name = null, username = null, now } = noted;
  const verified = emailVerified ? 1 : 0;
  const changed = yield* run(updateIdentity, provider, subject, email, verified, name, username, now);
  return changed === 1 ? 'noted' : 'not_found';
}

export function* setOperatorByRule(change: Parameters<Storage['setOperatorByRule']>[0]): Script<RoleByRule> {
  const { userId, provider, isOperator, now } = change;
  if (isOperator) return (yield* run(makeOperator, userId, provider, now)) === 1 ? 'promoted' : 'unchanged';
  const user = yield* findUser(userId);
  if (user?.role !== 'operator' || user.operatorBy !== provider) return 'unchanged';
  if (yield* isLastOperator(userId)) return 'last_operator';
  return (yield* run(makeMember, userId, provider, now)) === 1 ? 'demoted' : 'unchanged';
}

const keyOf = ({ provider, subject }: Pick<KnownIdentity, 'provider' | 'subject'>) =>
  [provider, subject] as const;

const valuesOf = (identity: KnownIdentity) =>
  [
    identity.provider,
    identity.subject,
    identity.issuer,
    identity.userId,
    identity.email ?? null,
    identity.emailVerified ? 1 : 0,
    identity.name ?? null,
    identity.username ?? null,
    identity.createdAt,
    identity.signedInAt,
  ] as const;

const identityOf = (row: IdentityRow): KnownIdentity => ({
  provider: row.provider,
  subject: row.subject,
  issuer: row.issuer,
  userId: row.user_id,
  ...(row.email === null ? {} : { email: row.email }),
  emailVerified: row.email_verified === 1,
  ...(row.name === null ? {} : { name: row.name }),
  ...(row.username === null ? {} : { username: row.username }),
  createdAt: row.created_at,
  signedInAt: row.signed_in_at,
});
