// Who people are at the providers that they sign in with.

import type { Digest } from './digest.ts';
import type { Grant } from './grants.ts';
import type { User } from './people.ts';

/** Who somebody is at a provider that they sign in with: (provider, subject), never an e-mail address. */
export interface KnownIdentity {
  readonly provider: string;
  /** Stable and never reused at the issuer. */
  readonly subject: string;
  /** Who vouched for it first; the same provider with another issuer is another one. */
  readonly issuer: string;
  readonly userId: string;
  /** These four as the provider said at the last sign-in. */
  readonly email?: string;
  readonly emailVerified: boolean;
  readonly name?: string;
  readonly username?: string;
  readonly createdAt: number;
  readonly signedInAt: number;
}

export type RoleByRule = 'promoted' | 'demoted' | 'last_operator' | 'unchanged';

/** What ended together with the identity that it came by. */
export interface EndedAccess {
  readonly sessions: number;
  readonly grants: readonly Pick<Grant, 'id' | 'clientId' | 'traceId'>[];
}

export interface IdentityStorage {
  findIdentity(key: {
    provider: string;
    subject: string;
  }): Promise<{ identity: KnownIdentity; user: User } | undefined>;
  /** Oldest first; without `userId` those of everybody. */
  listIdentities(userId?: string): Promise<readonly KnownIdentity[]>;
  /** Both or neither. With `isFirst` only while there is no user at all. */
  addUserWithIdentity(added: {
    user: User;
    identity: Omit<KnownIdentity, 'userId'>;
    isFirst?: boolean;
  }): Promise<'added' | 'email_taken' | 'identity_taken' | 'not_first'>;
  /**
   * Another way to sign in to an account that is there; `linked` too when it was already. With `isInvited` only while
   * the account has no way at all: it waits for the person whom the operator invited.
   */
  linkIdentity(linked: {
    identity: KnownIdentity;
    isInvited?: boolean;
  }): Promise<'linked' | 'identity_taken' | 'user_gone' | 'not_invited'>;
  /**
   * Also ends the sessions that began with it, but the one that is named, and forgets what its provider gave; with the last
   * identity of its provider goes the role that a rule of it gave, unless that of the last operator. Never the last way to
   * sign in: `ways` are the providers that people can sign in with at present, `password` among them where there is that.
   */
  unlinkIdentity(unlinked: {
    userId: string;
    provider: string;
    subject: string;
    ways: readonly string[];
    keepSession?: Digest;
    now: number;
  }): Promise<'unlinked' | 'not_found' | 'last_way'>;
  /**
   * Ends every session of the person that began with it, and every grant that was given in one; of a grant that is older
   * than its subject was kept, the provider is enough.
   * @returns what was ended by it
   */
  endAccessOfIdentity(ended: {
    userId: string;
    provider: string;
    subject: string;
    now: number;
  }): Promise<EndedAccess>;
  /** What the provider says of the person now; a member that is absent is forgotten. */
  noteIdentitySignIn(
    noted: Pick<KnownIdentity, 'provider' | 'subject' | 'email' | 'emailVerified' | 'name' | 'username'> & {
      now: number;
    },
  ): Promise<'noted' | 'not_found'>;
  /**
   * Makes a member an operator because a provider's rule says so, or takes back what a rule of the same provider gave,
   * unless that would leave members without any operator. Whom the operator made one stays one.
   */
  setOperatorByRule(change: {
    userId: string;
    provider: string;
    isOperator: boolean;
    now: number;
  }): Promise<RoleByRule>;
}
