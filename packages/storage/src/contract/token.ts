// What the token endpoint takes and gives: codes, refresh tokens, access tokens.

import type { Digest } from './digest.ts';
import type { Grant } from './grants.ts';

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

export interface TokenStorage {
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
  /** How many refresh tokens can still be used, by the key that their successor is derived under. */
  countRefreshTokensByKey(now: number): Promise<ReadonlyMap<string, number>>;
}
