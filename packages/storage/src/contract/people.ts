// Who has an account here, and their sessions.

import type { Digest } from './digest.ts';

export interface User {
  readonly id: string;
  /**
   * Lower case; unique. Of a service account, and of a person whose provider knows no address that it has checked, a
   * text that is no address (`isEmail` of the protocol tells).
   */
  readonly email: string;
  readonly name: string;
  /** PHC string of argon2id; absent for a person who signs in elsewhere. */
  readonly passwordHash?: string;
  readonly role: 'operator' | 'member';
  /** The provider whose rule made them an operator, and may take that back; absent: nobody but the operator did. */
  readonly operatorBy?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /**
   * Present for a service account: whom this client acts as for itself, by the same id. Nobody signs in as it, it is
   * found by no e-mail address and removed with its client alone.
   */
  readonly clientId?: string;
}

export interface Session {
  readonly digest: Digest;
  readonly userId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When it was last seen, coarsely; absent: not since it began. */
  readonly seenAt?: number;
  /** What its owner recognises it by: the kind of browser, from a closed list of names. */
  readonly browser?: string;
  /** The part of the address that many people share; never a whole address. */
  readonly network?: string;
  /** When its person proved who they are; absent: when it began. 0: at a provider that does not say when, although it was asked. */
  readonly provenAt?: number;
  /** Id of the provider that said who it is; absent: older than that was kept. */
  readonly provider?: string;
  /** Of the identity at that provider; absent for a password. */
  readonly subject?: string;
}

export interface PeopleStorage {
  /** Only while there is no user at all. */
  addFirstUser(user: User): Promise<'added' | 'not_first'>;
  addUser(user: User): Promise<'added' | 'email_taken'>;
  /** As everything here, of people: service accounts are found by their id, listed, and otherwise none of them. */
  hasUsers(): Promise<boolean>;
  findUser(id: string): Promise<User | undefined>;
  findUserByEmail(email: string): Promise<User | undefined>;
  listUsers(): Promise<readonly User[]>;
  /** Replaces the password and ends every session of the person, but the one that is named. */
  setPassword(change: {
    userId: string;
    passwordHash: string;
    keepSession?: Digest;
    now: number;
  }): Promise<'changed' | 'not_found'>;
  /** Takes everything of the person along: sessions, consents, grants (revoked, then gone), records, vault entries. */
  removeUser(id: string): Promise<'removed' | 'not_found'>;
  /** Whether there are members, and no other operator. */
  isLastOperator(id: string): Promise<boolean>;
  /** As `removeUser`, unless it would leave members without any operator. */
  removeUserUnlessNeeded(id: string): Promise<'removed' | 'not_found' | 'last_operator'>;
  /** `user_gone`: or the identity that it begins with is not theirs, or not any more. */
  keepSession(session: Session): Promise<'kept' | 'user_gone'>;
  /** Not when expired. */
  findSession(digest: Digest, now: number): Promise<{ session: Session; user: User } | undefined>;
  /** Newest first, 100 at most; not the expired ones. */
  listSessions(userId: string, now: number): Promise<readonly Session[]>;
  markSessionSeen(digest: Digest, now: number): Promise<void>;
  endSession(digest: Digest): Promise<void>;
  /** Ends every session of the person but the one that is named. */
  endOtherSessions(others: { userId: string; keep: Digest }): Promise<void>;
}
