// What may happen once, or be held by one.

/**
 * What may be claimed. `client_assertion`: the `jti` of a JWT by which a client authenticated (RFC 7523 §3).
 * `vault_refresh`: the refresh of a vault entry, by its id; given back when it is done. `outbound_registration`: registering
 * this deployment at another party, by the id of the registration; given back in the same way.
 */
export type ClaimKind = 'client_assertion' | 'vault_refresh' | 'outbound_registration';

export interface Claim {
  readonly kind: ClaimKind;
  /** A digest, or as short. */
  readonly id: string;
  readonly expiresAt: number;
}

export interface ClaimStorage {
  /**
   * Of all who claim the same `id` of a kind one is told `claimed`, and nobody else until `expiresAt`. Always durable: a
   * store that may forget what was claimed would let it in twice.
   */
  claim(claimed: Claim & { readonly now: number }): Promise<'claimed' | 'taken'>;
  /** Gives back what was claimed with this very `expiresAt`, by which no two holders are alike. */
  releaseClaim(released: Claim): Promise<'released' | 'not_held'>;
}
