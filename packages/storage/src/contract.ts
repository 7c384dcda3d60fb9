// The storage contract: everything Sallyport must remember. No operation takes a callback or stays open across an
// `await`; each is one atomic call, named for what it does. An answer is given only after it is durable.
// Secrets never arrive here in the clear: digests are SHA-256, hashes are argon2id, sealed values are envelopes.
// Times are epoch seconds. A refused write (foreign key gone, row spent) is a value of the result, not an error.

import type { ClientMetadata } from '@sallyport/protocol';
import type { OpenCounter } from './counting/counter.ts';

/** 32 bytes of SHA-256, in base64url. */
export type Digest = string;

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

/** A registered client: the RFC 7591 metadata that we honour, as registered, and what we know of it. */
export interface Client {
  readonly client_id: string;
  readonly metadata: ClientMetadata;
  /**
   * `document`: by nobody; it published its metadata at the URL that its client_id is. `configuration`: by the operator,
   * in the file that the server starts with.
   */
  readonly registeredBy: 'dynamic' | 'operator' | 'configuration' | 'document';
  /** Present when it is by `configuration` and not in it any more: it gets nothing until it is there again. */
  readonly withdrawn?: true;
  /** Present exactly when it is by `document`: when that was fetched, and until when it need not be again. */
  readonly document?: {
    readonly fetchedAt: number;
    readonly freshUntil: number;
    /** It could not be fetched then, and this is what a list says of it. */
    readonly isPinned?: true;
  };
  /** SHA-256 of the client secret; present exactly when the method uses one. */
  readonly secretDigest?: Digest;
  /** The secret before this one, which is good for a while longer. */
  readonly formerSecret?: { readonly digest: Digest; readonly validUntil: number };
  readonly createdAt: number;
  /** When it last completed an authorization, to the minute. */
  readonly usedAt?: number;
  /** How its access tokens are made; absent: as all others. */
  readonly accessTokenFormat?: 'jwt' | 'opaque';
  /** Resources whose access tokens it may ask about (RFC 7662), because it guards them; absent: none. */
  readonly introspects?: readonly string[];
  /** Whether the operator has let it in; absent: nobody had to. */
  readonly admission?: 'waiting' | 'refused';
  /** When the operator let it in, who had to; it is then never forgotten for not being used. */
  readonly approvedAt?: number;
  /** Name of the initial access token that it registered with (RFC 7591 §3). */
  readonly registeredWith?: string;
  /** SHA-256 of its registration access token (RFC 7592). */
  readonly registrationDigest?: Digest;
  /** Digest of what it registered, by which an identical registration is found again. */
  readonly metadataDigest?: Digest;
  /** Present when the operator, or an initial access token, let it do without PKCE: confidential clients only. */
  readonly requirePkce?: false;
  /** Scopes that it may have for itself, by exact resource identifier (RFC 6749 §4.4); absent: none. */
  readonly ownScope?: Readonly<Record<string, readonly string[]>>;
  /** The login that its registration began. */
  readonly traceId: string;
}

/** Lets whoever presents it register clients (RFC 7591 §3). */
export interface InitialAccessToken {
  /** Unique. */
  readonly name: string;
  readonly digest: Digest;
  readonly createdAt: number;
  /** Absent: never. */
  readonly expiresAt?: number;
  /** Absent: as often as one likes. */
  readonly maxUses?: number;
  readonly uses: number;
  readonly lastUsedAt?: number;
}

/** An authorization that waits for the browser: the typed value it had reached, as JSON. */
export interface PausedAuthorization {
  /** Digest of the id in the URL. */
  readonly id: Digest;
  readonly clientId: string;
  /** Digest of the browser's own cookie. */
  readonly browser: Digest;
  readonly value: string;
  readonly traceId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Set once by `grantAuthorization` or `denyAuthorization`. */
  readonly decision?: 'allowed' | 'denied';
  /** Who decided. */
  readonly decidedBy?: string;
}

/** A browser that is away at a provider to sign in. */
export interface UpstreamSignIn {
  /** Of the `state` that the provider gives back. */
  readonly state: Digest;
  /** Its id; the only one at whose callback the state counts. */
  readonly provider: string;
  /** Digest of the browser's own cookie. */
  readonly browser: Digest;
  /** What is to be done afterwards, as JSON. */
  readonly value: string;
  /** Of the key that nonce and PKCE verifier are computed with. */
  readonly keyId: string;
  readonly traceId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly spentAt?: number;
}

/** `spent`: it came back before. Only `taken` changes anything. */
export type TakenUpstreamSignIn =
  | {
      readonly outcome: 'taken' | 'spent' | 'expired' | 'of_another_browser' | 'of_another_provider';
      readonly signIn: UpstreamSignIn;
    }
  | { readonly outcome: 'unknown' };

export interface Consent {
  readonly userId: string;
  readonly clientId: string;
  /** Scheme, host and port of the redirect URI. */
  readonly redirectOrigin: string;
  readonly resource: string;
  readonly scope: readonly string[];
  readonly updatedAt: number;
}

/** One completed authorization: the family that its code, refresh tokens and access tokens share. */
export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly clientId: string;
  readonly resource: string;
  readonly scope: readonly string[];
  /** With what the client asked for it, where that was not with the scopes themselves. */
  readonly scopeWords?: readonly string[];
  readonly traceId: string;
  readonly createdAt: number;
  /** Nothing of this grant can be alive after this; the sweep may forget it then. Extended by rotation. */
  readonly expiresAt: number;
  readonly revokedAt?: number;
  /** How the client authenticated when it redeemed the code; absent: not yet, or before that was kept. */
  readonly authMethod?: string;
  /** How the person had signed in who allowed it; absent: it acts for nobody, or is older than that was kept. */
  readonly provider?: string;
}

/** What one client may do for one person at one server: its live grants and the remembered consent, together. */
export interface ClientAccess {
  readonly client: Client;
  readonly resource: string;
  /** What it may do now, and what it could get without asking again. */
  readonly scope: readonly string[];
  /** The beginning of the oldest of them. */
  readonly since: number;
  /** When a token was last issued for it, or used, to the minute; absent: never. */
  readonly lastUsedAt?: number;
}

export interface AuthorizationCode {
  readonly digest: Digest;
  readonly grantId: string;
  readonly redirect_uri: string;
  /** Absent: it was asked for without PKCE. */
  readonly code_challenge?: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Set by `redeemCode`. */
  readonly spentAt?: number;
}

export interface RefreshToken {
  readonly digest: Digest;
  readonly grantId: string;
  /** The key its successor is derived under. */
  readonly keyId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Set by `rotateRefreshToken`. */
  readonly rotatedAt?: number;
}

/** An access token that means nothing by itself: what it may do is kept here and in its grant. */
export interface AccessToken {
  readonly digest: Digest;
  readonly grantId: string;
  readonly scope: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
}

/**
 * An access token that a person made for a program that cannot ask for one. It is a grant to a client that is there for
 * these alone: nobody finds it, and nothing else is granted to it.
 */
export interface PersonalAccessToken {
  /** Of its grant. */
  readonly id: string;
  readonly userId: string;
  /** What the person called it. */
  readonly name: string;
  readonly resource: string;
  readonly scope: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
  /** To the minute; absent: never. */
  readonly lastUsedAt?: number;
}

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  /** Public JWK as JSON. */
  readonly publicJwk: string;
  /** Private JWK in a sealed envelope. */
  readonly sealedPrivateJwk: Uint8Array;
  /** The store moves it on when it is not later than that of every key before, so that the order is never in doubt. */
  readonly createdAt: number;
  /** It is published before, and signs only from then on. */
  readonly signsFromAt: number;
}

/** Kinds of rows that hold a sealed value; `<kind>:<id>` is what it is sealed for. */
export type SealedKind = 'signing_key' | 'vault_entry';

export interface SealedValue {
  readonly id: string;
  readonly sealed: Uint8Array;
}

/**
 * What may be claimed. `client_assertion`: the `jti` of a JWT by which a client authenticated (RFC 7523 §3).
 * `vault_refresh`: the refresh of a vault entry, by its id; given back when it is done.
 */
export type ClaimKind = 'client_assertion' | 'vault_refresh';

export interface Claim {
  readonly kind: ClaimKind;
  /** A digest, or as short. */
  readonly id: string;
  readonly expiresAt: number;
}

/** What a provider gave for a person: tokens, sealed for `vault_entry:<id>`. One for each (person, provider, subject). */
export interface VaultEntry {
  readonly id: string;
  readonly userId: string;
  readonly provider: string;
  /** Who the person is there. */
  readonly subject: string;
  readonly sealed: Uint8Array;
  /** Another one with each new value of what is sealed; not when that is only sealed anew. */
  readonly generation: number;
  /** Of the access token; absent: the provider did not say. */
  readonly expiresAt?: number;
  /** When to get new tokens; absent: not by itself. */
  readonly refreshAt?: number;
  /** The provider honours it no more. `reason`: a word of a table of refusals. */
  readonly dead?: { readonly at: number; readonly reason: string };
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One step of a login, for the operator. */
export interface LoginEvent {
  /** Sorts by when it was noted. */
  readonly id: string;
  readonly traceId: string;
  readonly at: number;
  readonly event:
    | 'registered'
    | 'asked'
    | 'signed_up'
    | 'upstream_left'
    | 'signed_in'
    | 'sign_in_failed'
    | 'consented'
    | 'denied'
    | 'refused'
    | 'token_issued'
    | 'tool_called'
    | 'revoked';
  readonly clientId: string;
  /** Absent too when the person has been removed since. */
  readonly userId?: string;
  /** Why it failed: a word of a table of refusals. */
  readonly reason?: string;
}

/** What the records of the `records` toolset have in common. */
export interface OwnRecord {
  readonly id: string;
  /** Never changes. */
  readonly userId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** `records` toolset: a word that a person puts on items and clients. */
export type Tag = OwnRecord;

/** `records` toolset: a thing that a person keeps. */
export interface Item extends OwnRecord {
  readonly content: string;
  /** Of the same person, in the order they were put on it. */
  readonly tags: readonly Tag[];
}

/** `records` toolset: whom a person works for; not a `Client`, which is a program. */
export interface RecordsClient extends OwnRecord {
  readonly tags: readonly Tag[];
}

/** A part of a person's records, newest first. */
export interface RecordsPage {
  readonly userId: string;
  readonly limit: number;
  readonly offset: number;
}

/** Why a record was not changed or removed. */
export type RecordRefusal = 'not_found' | 'not_owner';

/** Why nothing was written: a tag does not exist, or is another person's. */
export type TagRefusal = 'tag_not_found' | 'tag_not_owner';

export interface Storage {
  // ---- people and sessions
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
  /** Takes everything of the person along: sessions, consents, grants (revoked, then gone), records. */
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

  // ---- who people are at the providers that they sign in with
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
  /** Ends every session of the person that began with it. */
  endSessionsOfIdentity(ended: { userId: string; provider: string; subject: string }): Promise<void>;
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
  }): Promise<'promoted' | 'demoted' | 'last_operator' | 'unchanged'>;

  // ---- clients
  addClient(client: Client): Promise<'added' | 'taken'>;
  findClient(client_id: string): Promise<Client | undefined>;
  /** Newest first. */
  listClients(): Promise<readonly Client[]>;
  /**
   * Keeps what a client's metadata document says, in place of an older one; a newer one, and a client that others
   * registered under this id, stay. Only `maxUnused` clients of documents are kept that nobody has used.
   * @returns the client as it is kept now; `full` when it is one too many
   */
  keepDocumentClient(kept: {
    client: Client & Required<Pick<Client, 'document'>>;
    maxUnused: number;
    /** Clients that wait for approval, of any kind; absent: any number. */
    maxWaiting?: number | undefined;
  }): Promise<Client | 'full'>;
  /** The secret before this one is good until `formerUntil` as well, if given; no other one is from now on. */
  replaceClientSecret(change: {
    client_id: string;
    secretDigest: Digest;
    formerUntil?: number;
  }): Promise<'replaced' | 'not_found'>;
  /** From now on only the newest secret is good. Idempotent. */
  endFormerSecret(client_id: string): Promise<'ended' | 'not_found'>;
  /**
   * Makes the clients by `configuration` these, and withdraws the others of that kind; when they were added and used
   * stays as it was, and so does what the operator decided about them.
   * @returns the client_ids that belong to clients of another kind: nothing is written then; and which are withdrawn now
   */
  keepConfiguredClients(
    clients: readonly Client[],
  ): Promise<{ readonly taken: readonly string[]; readonly withdrawn: readonly string[] }>;
  /**
   * The client that an identical registration of strangers finds: one that the operator refused; otherwise a public one
   * that nobody can manage, and that is used, approved, or registered after `unusedSince`. One that waits only for
   * `isWaiting`.
   */
  findIdenticalClient(asked: {
    metadataDigest: Digest;
    isWaiting: boolean;
    unusedSince: number;
  }): Promise<Client | undefined>;
  /**
   * Keeps a client that registered itself; simultaneous calls have the effect of one after the other. What a stranger
   * (without `initialAccessToken`) asks for gives what `findIdenticalClient` finds, if `identical` is given.
   * `token_spent`: the initial access token has been revoked, has expired or was used up. `full`: as many as `most`
   * says are there that nobody has used; of those that strangers registered before `evictBefore` the oldest goes.
   */
  registerClient(registration: {
    client: Client;
    initialAccessToken?: Digest | undefined;
    identical?: { metadataDigest: Digest; unusedSince: number } | undefined;
    most: { unused: number; unusedOfToken: number; waiting: number };
    evictBefore: number;
    now: number;
  }): Promise<{ outcome: 'registered' | 'found'; client: Client } | 'token_spent' | 'full'>;
  /**
   * Changes what a client registered, if this is the digest of its registration access token (RFC 7592 §2.2), and unless
   * it waits or was refused: an operator decides on what they have seen.
   */
  changeRegistration(change: {
    client_id: string;
    registrationDigest: Digest;
    metadata: ClientMetadata;
    metadataDigest: Digest;
    /** From now on it waits for the operator's approval, as a new one. */
    mustWait: boolean;
  }): Promise<'changed' | 'unchanged'>;
  /**
   * What the operator says of a client. A refused one's grants end, and its consents and paused authorizations go;
   * nothing is granted to it.
   */
  decideClient(decided: {
    client_id: string;
    decision: 'approved' | 'refused';
    now: number;
  }): Promise<'decided' | 'not_found'>;
  addInitialAccessToken(token: InitialAccessToken): Promise<'added' | 'taken'>;
  /** Spent and expired ones too, until swept. */
  findInitialAccessToken(digest: Digest): Promise<InitialAccessToken | undefined>;
  /** By name. */
  listInitialAccessTokens(): Promise<readonly InitialAccessToken[]>;
  /** The clients that registered with it stay. */
  removeInitialAccessToken(name: string): Promise<'removed' | 'not_found'>;
  /** The live grant that stands for these scopes of the client itself, in whatever order. */
  findOwnGrant(asked: {
    clientId: string;
    resource: string;
    scope: readonly string[];
    now: number;
  }): Promise<Grant | undefined>;
  /**
   * Makes the grant that stands for these scopes of the client itself, or extends the one that does, and its service
   * account where there is none yet. Of simultaneous ones, all get the same.
   * @param kept.client as it was judged by; with other scopes of its own it is `gone`
   * @param kept.accessToken becomes one of the grant that is answered
   */
  keepOwnGrant(kept: {
    client: Client;
    grant: Grant;
    accessToken?: AccessToken;
    now: number;
  }): Promise<Grant | 'gone'>;
  /** Of a client that the operator added. Grants that exceed what it may have from now on are revoked. */
  setOwnScope(change: {
    client_id: string;
    ownScope: Client['ownScope'];
    now: number;
  }): Promise<'changed' | 'not_found'>;
  /** Takes its paused authorizations, consents, grants (revoked, then gone) and its service account along. */
  removeClient(client_id: string): Promise<'removed' | 'not_found'>;

  // ---- authorize
  keepPausedAuthorization(paused: PausedAuthorization): Promise<'kept' | 'client_gone'>;
  /** Decided ones too, so that a repeated submit gets the same answer. Not when expired. */
  findPausedAuthorization(id: Digest, now: number): Promise<PausedAuthorization | undefined>;
  findConsent(
    key: Pick<Consent, 'userId' | 'clientId' | 'redirectOrigin' | 'resource'>,
  ): Promise<Consent | undefined>;
  /**
   * Decides `pausedId` (when given) as allowed, and keeps grant, code and consent (merged with the scopes already
   * consented to), marks the client used: all or nothing.
   * `repeated`: this paused authorization was allowed before by the same person; nothing is written.
   * `decided_otherwise`: it was denied, or decided by another person. `gone`: paused row, user or client no longer exists, or the client is not let in.
   */
  grantAuthorization(granted: {
    pausedId?: Digest;
    grant: Grant;
    code: AuthorizationCode;
    consent?: Consent;
    now: number;
  }): Promise<'granted' | 'repeated' | 'decided_otherwise' | 'gone'>;
  denyAuthorization(denied: {
    pausedId: Digest;
    userId: string;
    now: number;
  }): Promise<'denied' | 'repeated' | 'decided_otherwise' | 'gone'>;

  // ---- token
  /** Spent and expired ones too, until swept. */
  findCode(digest: Digest): Promise<{ code: AuthorizationCode; grant: Grant } | undefined>;
  /**
   * Takes a code whose client, redirect URI and PKCE have been judged good; one caller wins and its tokens are kept.
   * `replayed`: it was spent before; its grant is revoked by this very call. `dead`: expired or grant revoked.
   */
  redeemCode(redeemed: {
    digest: Digest;
    refreshToken?: RefreshToken;
    /** Only of opaque ones is anything kept. */
    accessToken?: AccessToken;
    /** Kept with the grant. */
    authMethod?: string;
    /** New `expiresAt` of the grant. */
    grantExpiresAt: number;
    now: number;
  }): Promise<'redeemed' | 'replayed' | 'dead'>;
  /** Rotated and expired ones too, until swept. */
  findRefreshToken(digest: Digest): Promise<{ token: RefreshToken; grant: Grant } | undefined>;
  /**
   * `rotated`: first use; the successor is kept. `repeated`: rotated before to this same successor, which has not been
   * used, within `graceSeconds`, with the same `asked`; nothing is written but the access token.
   * `differs`: as repeated, but `asked` (or the successor) is not what the rotation was asked with. `replayed`: the
   * successor was used or the grace is over; the grant is revoked by this very call. `dead`: unknown, expired, or its
   * grant is revoked.
   */
  rotateRefreshToken(rotation: {
    digest: Digest;
    successor: RefreshToken;
    accessToken?: AccessToken;
    /** Canonical text of the scope and resource that this refresh asked for. */
    asked: string;
    graceSeconds: number;
    grantExpiresAt: number;
    now: number;
  }): Promise<'rotated' | 'repeated' | 'differs' | 'replayed' | 'dead'>;
  /** Expired ones too, until swept. */
  findAccessToken(digest: Digest): Promise<{ token: AccessToken; grant: Grant } | undefined>;
  findGrant(id: string): Promise<Grant | undefined>;
  /** Idempotent. */
  revokeGrant(id: string, now: number): Promise<void>;
  /** Forgets what is older than what is known. */
  markGrantsUsed(uses: readonly { grantId: string; at: number }[]): Promise<void>;

  // ---- what a person has allowed
  /** The latest used or allowed first. */
  listClientAccess(userId: string, now: number): Promise<readonly ClientAccess[]>;
  /**
   * Revokes every grant and forgets every consent of the person: those for one client at one server, or all, personal
   * access tokens among them.
   * Idempotent.
   */
  removeClientAccess(removed: {
    userId: string;
    of: { clientId: string; resource: string } | 'everything';
    now: number;
  }): Promise<void>;

  // ---- personal access tokens
  /**
   * Keeps the token as an opaque one, and its grant. `repeated`: this very one was added before, whether or not it still
   * stands. `too_many`: the person has `maxOfPerson` that do.
   */
  addPersonalAccessToken(added: {
    token: PersonalAccessToken;
    /** Of the token itself. */
    digest: Digest;
    maxOfPerson: number;
    traceId: string;
    /** As in `Grant`. */
    provider?: string;
  }): Promise<'added' | 'repeated' | 'too_many' | 'user_gone'>;
  /** Those that stand, the newest first: of one person, or of all. */
  listPersonalAccessTokens(of: { userId?: string; now: number }): Promise<readonly PersonalAccessToken[]>;
  removePersonalAccessToken(removed: {
    id: string;
    userId: string;
    now: number;
  }): Promise<'removed' | 'not_found'>;

  // ---- keys
  /**
   * Keeps the key only while `after` is still the newest (undefined: while there is none), so that of several who found
   * that a new one is needed one adds it. `taken`: this very key is there.
   */
  addSigningKey(added: {
    key: SigningKey;
    after: string | undefined;
  }): Promise<'added' | 'taken' | 'overtaken'>;
  /** Newest first. */
  listSigningKeys(): Promise<readonly SigningKey[]>;
  /** `signs`: it is the one that signs now, and stays. */
  removeSigningKey(removed: { kid: string; now: number }): Promise<'removed' | 'signs' | 'not_found'>;
  /** Of every kind of row that holds one; in the order of their ids, those after `after`. */
  listSealedValues(page: {
    kind: SealedKind;
    after?: string;
    limit: number;
  }): Promise<readonly SealedValue[]>;
  /** Puts `to` in the place of `from`; `changed` when that is not what is there. */
  replaceSealedValue(replaced: {
    kind: SealedKind;
    id: string;
    from: Uint8Array;
    to: Uint8Array;
  }): Promise<'replaced' | 'changed'>;
  /** How many refresh tokens can still be used, by the key that their successor is derived under. */
  countRefreshTokensByKey(now: number): Promise<ReadonlyMap<string, number>>;

  // ---- records toolset. Whose a found record is, the caller judges; a change or a removal of another's is refused here.
  // A record and its tags are written together or not at all; a tag that is named twice is on it once.
  addItem(item: Omit<Item, 'tags'>, tagIds?: readonly string[]): Promise<Item | 'user_gone' | TagRefusal>;
  findItem(id: string): Promise<Item | undefined>;
  listItems(page: RecordsPage): Promise<readonly Item[]>;
  /** What is undefined stays as it is; `tagIds` replaces all of them. */
  changeItem(change: {
    id: string;
    userId: string;
    name?: string | undefined;
    content?: string | undefined;
    tagIds?: readonly string[] | undefined;
    now: number;
  }): Promise<Item | RecordRefusal | TagRefusal>;
  removeItem(removed: { id: string; userId: string }): Promise<'removed' | RecordRefusal>;
  addRecordsClient(
    client: Omit<RecordsClient, 'tags'>,
    tagIds?: readonly string[],
  ): Promise<RecordsClient | 'user_gone' | TagRefusal>;
  findRecordsClient(id: string): Promise<RecordsClient | undefined>;
  listRecordsClients(page: RecordsPage): Promise<readonly RecordsClient[]>;
  /** As `changeItem`. */
  changeRecordsClient(change: {
    id: string;
    userId: string;
    name?: string | undefined;
    tagIds?: readonly string[] | undefined;
    now: number;
  }): Promise<RecordsClient | RecordRefusal | TagRefusal>;
  removeRecordsClient(removed: { id: string; userId: string }): Promise<'removed' | RecordRefusal>;
  addTag(tag: Tag): Promise<Tag | 'user_gone'>;
  findTag(id: string): Promise<Tag | undefined>;
  listTags(page: RecordsPage): Promise<readonly Tag[]>;
  changeTag(change: {
    id: string;
    userId: string;
    name?: string | undefined;
    now: number;
  }): Promise<Tag | RecordRefusal>;
  /** Takes it off every item and client. */
  removeTag(removed: { id: string; userId: string }): Promise<'removed' | RecordRefusal>;

  // ---- signing in at a provider
  keepUpstreamSignIn(signIn: UpstreamSignIn): Promise<void>;
  /** Of all who come with it, in the right browser to the right provider, one is told `taken`. */
  takeUpstreamSignIn(taking: {
    state: Digest;
    provider: string;
    browser: Digest;
    now: number;
  }): Promise<TakenUpstreamSignIn>;

  // ---- once
  /**
   * Of all who claim the same `id` of a kind one is told `claimed`, and nobody else until `expiresAt`. Always durable: a
   * store that may forget what was claimed would let it in twice.
   */
  claim(claimed: Claim & { readonly now: number }): Promise<'claimed' | 'taken'>;
  /** Gives back what was claimed with this very `expiresAt`, by which no two holders are alike. */
  releaseClaim(released: Claim): Promise<'released' | 'not_held'>;

  // ---- vault
  /**
   * Keeps what a provider has just given, in place of what was there, which counts as another generation and as alive.
   * @param kept.generation of a new entry: one that no earlier entry of this id can have had
   */
  keepVaultEntry(
    kept: Omit<VaultEntry, 'dead' | 'createdAt' | 'updatedAt'> & { readonly now: number },
  ): Promise<'kept' | 'user_gone'>;
  findVaultEntry(id: string): Promise<VaultEntry | undefined>;
  /** In the order of their subjects. */
  listVaultEntries(of: { userId: string; provider: string }): Promise<readonly VaultEntry[]>;
  /** Those whose `refreshAt` has come, the longest due first. */
  listDueVaultEntries(due: { now: number; limit: number }): Promise<readonly VaultEntry[]>;
  /**
   * Keeps refreshed tokens as the next generation, alive, in the place of `generation`. `superseded`: that is not what is
   * there, and nothing is written. The same call again is `replaced` too.
   */
  replaceVaultTokens(
    replaced: Pick<VaultEntry, 'id' | 'generation' | 'sealed' | 'expiresAt' | 'refreshAt'> & {
      readonly now: number;
    },
  ): Promise<'replaced' | 'superseded' | 'gone'>;
  /** Only of this generation: whoever was too late must not end what another one brought. */
  markVaultEntryDead(dead: {
    id: string;
    generation: number;
    reason: string;
    now: number;
  }): Promise<'marked' | 'superseded' | 'gone'>;
  /** Only of this generation, and while it is alive. */
  postponeVaultEntry(postponed: {
    id: string;
    generation: number;
    refreshAt: number;
    now: number;
  }): Promise<'postponed' | 'superseded' | 'gone'>;
  removeVaultEntry(id: string): Promise<'removed' | 'not_found'>;

  // ---- login events
  /**
   * Keeps those whose client exists, or whose client_id is the https URL of a document that could not be used, up to a hundred of a login. `tool_called` is kept once, and only after the
   * `token_issued` of its login.
   */
  keepLoginEvents(events: readonly LoginEvent[]): Promise<void>;
  /** Oldest first. */
  findLoginEvents(traceId: string): Promise<readonly LoginEvent[]>;
  /** Of the `logins` whose last step is newest; oldest first. */
  listLoginEvents(logins: number): Promise<readonly LoginEvent[]>;

  // ---- housekeeping
  /**
   * Tells what others may have remembered and must look at again. A grant that ended in this process is told as soon as
   * that is durable, before the call is answered; what another process changed, within a second. While the store cannot
   * say what changed, `anything` is told again and again, so that nothing is remembered for more than a few seconds.
   * @returns a function that stops it
   */
  onChange(listener: (change: Change) => void): () => void;
  /** Opens a counter that all instances on this store share; on SQLite it is this process's own. Costs nothing yet. */
  readonly openCounter: OpenCounter;
  /**
   * Deletes up to `limit` rows of each kind that expired before `now`: sessions, paused authorizations, browsers away at a provider, codes, tokens,
   * grants, claims, signing keys that nothing can be alive of that they signed, clients registered dynamically before `unusedClientsBefore` that never completed an authorization, clients of documents that were fetched more than an hour ago and never completed one, clients that came a week ago and still wait, initial access tokens a month after they expired, and login
   * events of more than a week ago or beyond the newest 50,000. Clients that the operator decided on stay.
   * @returns how many rows it deleted
   */
  sweep(work: { now: number; unusedClientsBefore: number; limit: number }): Promise<number>;
  /** Resolves when the store answers; otherwise throws `StorageUnavailable`, the durable part's first. */
  ping(): Promise<void>;
  /** Waits for queued writes, then closes. */
  close(): Promise<void>;
}

/** A grant that ended; the keys, in the store or beside it; or whatever was remembered. */
export type Change = { readonly grantId: string } | 'keys' | 'anything';

/** Hears of a transaction, or of one that failed, once it is over: for those who watch how the store keeps up. */
export type OnCommit = (commit: {
  /** Writes that shared it. */
  readonly calls: number;
  /** Writes that wait for the next one. */
  readonly waiting: number;
  /** From its first statement, waiting for another process's lock included, until it was durable. */
  readonly seconds: number;
}) => void;

/** The store cannot be read or written now, or refuses to be opened; `message` says what to do. */
export class StorageUnavailable extends Error {
  override readonly name: string = 'StorageUnavailable';
}

/** Only the store of what is short-lived is away: nobody can log in, and everybody's tokens work and are refreshed. */
export class EphemeralUnavailable extends StorageUnavailable {
  override readonly name: string = 'EphemeralUnavailable';
}
