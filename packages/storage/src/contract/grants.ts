// What a person has allowed, and what a client may do for itself.

import type { Client } from './clients.ts';
import type { AccessToken } from './token.ts';

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
  /** Its client is withdrawn from the configuration: nothing of it counts until that is there again. */
  readonly clientWithdrawn?: true;
  /** How the client authenticated when it redeemed the code; absent: not yet, or before that was kept. */
  readonly authMethod?: string;
  /** How the person had signed in who allowed it; absent: it acts for nobody, or is older than that was kept. */
  readonly provider?: string;
  /** Of the identity at that provider; absent for a password, and where it is older than that was kept. */
  readonly subject?: string;
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

export interface GrantStorage {
  findGrant(id: string): Promise<Grant | undefined>;
  /** Idempotent. */
  revokeGrant(id: string, now: number): Promise<void>;
  /** Forgets what is older than what is known. */
  markGrantsUsed(uses: readonly { grantId: string; at: number }[]): Promise<void>;
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
}
