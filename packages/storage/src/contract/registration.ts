// Clients that register themselves (RFC 7591, RFC 7592), and the initial access tokens that they do it with.

import type { ClientMetadata } from '@sallyport/protocol';
import type { Client } from './clients.ts';
import type { Digest } from './digest.ts';

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

export interface RegistrationStorage {
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
  addInitialAccessToken(token: InitialAccessToken): Promise<'added' | 'taken'>;
  /** Spent and expired ones too, until swept. */
  findInitialAccessToken(digest: Digest): Promise<InitialAccessToken | undefined>;
  /** By name. */
  listInitialAccessTokens(): Promise<readonly InitialAccessToken[]>;
  /** The clients that registered with it stay. */
  removeInitialAccessToken(name: string): Promise<'removed' | 'not_found'>;
}
