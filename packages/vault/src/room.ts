// What the parts of this room share.
import type { Log } from '@sallyport/protocol';
import type { EndedAccess, RoleByRule, Storage } from '@sallyport/storage';
import type { Sealing } from './sealing.ts';
import type { TokenAnswer } from './token-answer.ts';

/** Who knows how this server is registered at a provider. */
export interface Refresher {
  /**
   * Asks once, and settles in well under half a minute. An answer about another `subject` is to be refused.
   * @param client_id whom it was issued to; absent where nobody wrote it down
   * @throws a refusal; `finalityOf` its reason says what becomes of the entry, and the fact `isSpent` that the provider has
   *   taken the refresh token for another one all the same: shown once more, it would look stolen (RFC 9700 §4.14.2)
   */
  readonly refresh: (
    refresh_token: string,
    now: number,
    subject: string,
    client_id?: string,
  ) => Promise<TokenAnswer>;
}

/** Tokens as the provider knows them. */
export interface RevokedTokens {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  /** Whom they were issued to, where that is known. */
  readonly client_id?: string | undefined;
}

/** `not_there`: it knows no such token, or not any more. `not_offered`: it has no way to be told. */
export type RevokedThere = 'revoked' | 'not_there' | 'not_offered';

/** Who can tell a provider that what it gave for a person is not wanted any more. */
export interface Revoker {
  /** Asks once. @throws a refusal: it may be asked again later */
  readonly revoke: (tokens: RevokedTokens, now: number) => Promise<RevokedThere>;
}

export interface Ending {
  /** Ids. */
  readonly providers: ReadonlySet<string>;
  /** Told after it is durable. */
  readonly tell: (
    ended: EndedAccess & { readonly role: RoleByRule },
    about: { readonly userId: string; readonly provider: string; readonly reason: string },
  ) => void;
}

export interface VaultOptions {
  readonly storage: VaultStorage;
  readonly sealing: Sealing;
  readonly log: Log;
  /** By the id of the provider. */
  readonly refreshers: Readonly<Record<string, Refresher>>;
  /** The same; what comes of a provider that is not here is only forgotten. */
  readonly revokers?: Readonly<Record<string, Revoker>> | undefined;
  /** Whose sessions and grants end when their provider says for good that it does not honour them any more. */
  readonly ending?: Ending | undefined;
  /** 300 unless told. */
  readonly refreshBeforeSeconds?: number | undefined;
  /** In place of the limits, where a test has less time. */
  readonly timing?: Partial<Timing> | undefined;
}

export type VaultStorage = Pick<
  Storage,
  | 'claim'
  | 'releaseClaim'
  | 'keepVaultEntry'
  | 'findVaultEntry'
  | 'listVaultEntries'
  | 'listDueVaultEntries'
  | 'replaceVaultTokens'
  | 'markVaultEntryDead'
  | 'noteVaultAsked'
  | 'endVaultEntryWithAccess'
  | 'postponeVaultEntry'
  | 'removeVaultEntry'
  | 'listDueRevocations'
  | 'beginRevocation'
  | 'endRevocation'
>;

export interface Timing {
  readonly leaseSeconds: number;
  readonly leaseLeftSeconds: number;
  readonly waitMilliseconds: number;
  readonly firstPauseMilliseconds: number;
  readonly closeMilliseconds: number;
}

export interface Room extends VaultOptions {
  readonly refreshBeforeSeconds: number;
  readonly timing: Timing;
  /** Aborted when the vault begins to close: no new refresh, no more pauses. */
  readonly closing: AbortController;
  /** Whether closing has waited for as long as it may. */
  readonly isOver: () => boolean;
}
