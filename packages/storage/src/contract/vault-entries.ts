// Other people's credentials.

import type { EndedAccess, RoleByRule } from './identities.ts';

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

/** A vault entry that was forgotten, and whose tokens are still to be revoked at its provider. */
export interface Revocation extends Pick<VaultEntry, 'id' | 'userId' | 'provider' | 'subject' | 'sealed'> {
  /** How often it has been begun. */
  readonly tries: number;
}

export interface VaultStorage {
  /**
   * Keeps what a provider has just given, in place of what was there, which counts as another generation and as alive.
   * @param kept.isOfIdentity whether it came of signing in: `user_gone` too when the identity is not theirs, or not any more
   * @param kept.generation of a new entry: one that no earlier entry of this id can have had
   */
  keepVaultEntry(
    kept: Omit<VaultEntry, 'dead' | 'createdAt' | 'updatedAt'> & {
      readonly isOfIdentity?: boolean;
      readonly now: number;
    },
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
  /**
   * Notes, before they are shown to the provider, that the tokens of this generation are. `again`: they were before, and
   * what the provider answered then may be lost.
   */
  noteVaultAsked(asked: {
    id: string;
    generation: number;
    now: number;
  }): Promise<'first' | 'again' | 'superseded' | 'gone'>;
  /** Only of this generation: whoever was too late must not end what another one brought. */
  markVaultEntryDead(dead: {
    id: string;
    generation: number;
    reason: string;
    now: number;
  }): Promise<'marked' | 'superseded' | 'gone'>;
  /**
   * As `markVaultEntryDead`, and ends in the same transaction what came by this identity: `endAccessOfIdentity`, and the
   * role that a rule of its provider gave.
   */
  endVaultEntryWithAccess(ended: {
    id: string;
    generation: number;
    reason: string;
    now: number;
  }): Promise<
    | ({ readonly outcome: 'ended'; readonly role: RoleByRule } & EndedAccess)
    | { readonly outcome: 'superseded' | 'gone' }
  >;
  /** Only of this generation, and while it is alive. @param postponed.isUnspent whether the provider has not used them up */
  postponeVaultEntry(postponed: {
    id: string;
    generation: number;
    refreshAt: number;
    isUnspent?: boolean;
    now: number;
  }): Promise<'postponed' | 'superseded' | 'gone'>;
  /**
   * Forgets it, to be revoked at its provider; as whatever else takes entries along does. What the provider gives anew for
   * the same identity (`keepVaultEntry`) cancels that.
   */
  removeVaultEntry(id: string): Promise<'removed' | 'not_found'>;
  /** The longest due first. */
  listDueRevocations(due: { now: number; limit: number }): Promise<readonly Revocation[]>;
  /** Of several who begin the same try one does; it is due again at `tryAt` unless it is ended. */
  beginRevocation(begun: { id: string; tries: number; tryAt: number }): Promise<'begun' | 'elsewhere'>;
  /** @param ended.tries as they are now: what was forgotten anew meanwhile stays */
  endRevocation(ended: { id: string; tries: number }): Promise<void>;
}
