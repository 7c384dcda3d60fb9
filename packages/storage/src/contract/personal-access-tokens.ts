// Access tokens that people make themselves.

import type { Digest } from './digest.ts';

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

export interface PersonalAccessTokenStorage {
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
    /** Both as in `Grant`. */
    provider?: string;
    subject?: string;
  }): Promise<'added' | 'repeated' | 'too_many' | 'user_gone'>;
  /** Those that stand, the newest first: of one person, or of all. */
  listPersonalAccessTokens(of: { userId?: string; now: number }): Promise<readonly PersonalAccessToken[]>;
  removePersonalAccessToken(removed: {
    id: string;
    userId: string;
    now: number;
  }): Promise<'removed' | 'not_found'>;
}
