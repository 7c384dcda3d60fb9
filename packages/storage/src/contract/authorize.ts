// An authorization on its way: paused for the browser, consented to or denied.

import type { Digest } from './digest.ts';
import type { Grant } from './grants.ts';
import type { AuthorizationCode } from './token.ts';

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

export interface Consent {
  readonly userId: string;
  readonly clientId: string;
  /** Scheme, host and port of the redirect URI. */
  readonly redirectOrigin: string;
  readonly resource: string;
  readonly scope: readonly string[];
  readonly updatedAt: number;
}

export interface AuthorizeStorage {
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
}
