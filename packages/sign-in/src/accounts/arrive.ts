// Somebody has come back from a provider, which said who they are: whose account is that here? The story of it, from
// what is known through the judgement to what is kept. What changes meanwhile is judged once more.
import { randomToken } from '@sallyport/crypto';
import { isEmail, type Log, readForeignEmail, type Refusal } from '@sallyport/protocol';
import type { Storage, User } from '@sallyport/storage';
import { limits } from '../limits.ts';
import { readLine, readName } from '../name.ts';
import type { Identity } from '../providers/provider.ts';
import { refuse } from '../refusals.ts';
import { tellEnded } from './ended.ts';
import { type Judgement, judge, type Situation } from './judge.ts';
import { type AccountPolicy, isOfPolicy, verifiedEmailOf } from './policy.ts';

export interface Arriving {
  readonly identity: Identity;
  /** Of the provider. */
  readonly policy: AccountPolicy;
  /** The account that asked, before it was left, for this way to sign in; and who is signed in at the browser now. */
  readonly linking?: { readonly userId: string; readonly signedIn: User | undefined } | undefined;
  /** Whether they had the link that makes the first account. */
  readonly hasSetupLink?: boolean | undefined;
  readonly traceId: string;
  /** Of the app whose login this is a step of. */
  readonly client_id?: string | undefined;
  /** Epoch seconds. */
  readonly now: number;
}

export interface Welcome {
  /** As it is kept now. */
  readonly user: User;
  /** `linked`: to an account that was there. */
  readonly outcome: 'signed_in' | 'linked' | 'created';
}

/** @throws {Refusal} as `judge`, or `busy` when others changed the same account over and over */
export type Arrive = (arriving: Arriving) => Promise<Welcome>;

export function arrival({ storage, log }: { readonly storage: Storage; readonly log: Log }): Arrive {
  return async (arriving) => {
    for (let turn = 0; turn < limits.arrivalTurns; turn += 1) {
      const judged = await judgeNow(arriving);
      const user = await carryOut(judged, arriving);
      if (user === undefined) continue;
      const role = await settleRole(user, judged.isOperator, arriving);
      return { user: { ...user, ...role }, outcome: outcomes[judged.do] };
    }
    throw refuse('busy', { retryAfterSeconds: limits.busyRetrySeconds });
  };

  async function judgeNow(arriving: Arriving): Promise<Judgement> {
    const { identity, policy, linking, hasSetupLink = false } = arriving;
    const known = await storage.findIdentity(identity);
    const namesake = known === undefined ? await findNamesake(identity) : undefined;
    const hasUsers = known !== undefined || (await storage.hasUsers());
    try {
      return judge({ identity, policy, known, linking, namesake, hasSetupLink, hasUsers });
    } catch (refusal) {
      if (known !== undefined && isOfPolicy(refusal)) await shutOut(known, refusal, arriving);
      throw refusal;
    }
  }

  async function findNamesake(identity: Identity): Promise<Situation['namesake']> {
    const email = verifiedEmailOf(identity);
    const user = email === undefined ? undefined : await storage.findUserByEmail(email);
    return user && { user, identities: await storage.listIdentities(user.id) };
  }

  /**
   * Who is known and not let in any more is not to go on with what began when they were, nor with the role, another way.
   * Nobody can do that to somebody else: it is this very identity that has just been proven.
   */
  async function shutOut(
    { identity, user }: NonNullable<Situation['known']>,
    { reason }: Refusal,
    arriving: Arriving,
  ): Promise<void> {
    const { userId, provider, subject } = identity;
    const { now, traceId, client_id } = arriving;
    const ended = await storage.endAccessOfIdentity({ userId, provider, subject, now });
    tellEnded(ended, { userId, provider, reason, traceId, client_id }, log);
    await settleRole(user, false, arriving);
  }

  /** @returns the account; undefined when the store no longer finds it as it was judged */
  async function carryOut(judged: Judgement, arriving: Arriving): Promise<User | undefined> {
    if (judged.do === 'create') return create(judged, arriving);
    const { identity, now, traceId } = arriving;
    const { user } = judged;
    if (judged.do === 'sign_in') {
      const noted = await storage.noteIdentitySignIn({ ...toldBy(identity), now });
      return noted === 'noted' ? user : undefined;
    }
    const { isInvited } = judged;
    const linked = await storage.linkIdentity({
      identity: { ...rowOf(identity, now), userId: user.id },
      isInvited,
    });
    if (linked !== 'linked') return undefined;
    const { provider } = identity;
    log('info', 'identity_linked', { userId: user.id, provider, isInvited, traceId });
    return user;
  }

  async function create(
    { email, isFirst, isOperator }: Judgement & { readonly do: 'create' },
    { identity, now, traceId, client_id }: Arriving,
  ): Promise<User | undefined> {
    const { provider } = identity;
    const id = randomToken(16);
    // Whoever unlinked this way is called by it still.
    const isFree = isEmail(email) || (await storage.findUserByEmail(email)) === undefined;
    const user: User = {
      id,
      email: isFree ? email : `${email}:${id}`,
      name: readName(identity.name ?? identity.username, `${verifiedEmailOf(identity) ?? provider}@`),
      role: isFirst || isOperator ? 'operator' : 'member',
      ...(isOperator && !isFirst && { operatorBy: provider }),
      createdAt: now,
      updatedAt: now,
    };
    const added = await storage.addUserWithIdentity({ user, identity: rowOf(identity, now), isFirst });
    if (added !== 'added') return undefined;
    log('info', 'signed_up', { userId: user.id, role: user.role, provider, client_id, traceId });
    return user;
  }

  /** What a rule gave, the same rule takes back; what the operator gave, no rule does (`setOperatorByRule`). */
  async function settleRole(user: User, isOperator: boolean, { identity, now, traceId }: Arriving) {
    const { provider } = identity;
    const isChange = isOperator ? user.role === 'member' : user.operatorBy === provider;
    if (!isChange) return {};
    const { id: userId } = user;
    const outcome = await storage.setOperatorByRule({ userId, provider, isOperator, now });
    log(outcome === 'last_operator' ? 'warn' : 'info', 'role_by_rule', {
      userId,
      provider,
      outcome,
      traceId,
    });
    const kept = await storage.findUser(userId);
    return kept === undefined ? {} : { role: kept.role };
  }
}

const outcomes = { sign_in: 'signed_in', link: 'linked', create: 'created' } as const;

/** What the provider says of a person, fit to be kept and shown. */
function toldBy({ provider, subject, ...said }: Identity) {
  const email = said.email === undefined ? undefined : readForeignEmail(said.email);
  const name = readLine(said.name);
  const username = readLine(said.username);
  return {
    provider,
    subject,
    emailVerified: said.emailVerified && email !== undefined,
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(username !== undefined && { username }),
  };
}

const rowOf = (identity: Identity, now: number) => ({
  ...toldBy(identity),
  issuer: identity.issuer,
  createdAt: now,
  signedInAt: now,
});
