// As whom this deployment is registered at other parties.

/** As whom this deployment registered itself at another party (RFC 7591), with one redirect URI. */
export interface OutboundRegistration {
  /** Follows from issuer and redirect URI. */
  readonly id: string;
  readonly issuer: string;
  readonly redirect_uri: string;
  readonly client_id: string;
  /** What the other party answered, for `outbound_registration:<id>`. */
  readonly sealed: Uint8Array;
  readonly registeredAt: number;
  /** Of the secret; absent: it lasts. */
  readonly expiresAt?: number;
}

export interface OutboundRegistrationStorage {
  /**
   * Keeps it where there is none, or in the place of the client `replaces`. `superseded`: another one is there, which counts.
   * The same call again is `kept` too.
   */
  keepOutboundRegistration(kept: {
    registration: OutboundRegistration;
    replaces?: string | undefined;
  }): Promise<'kept' | 'superseded'>;
  findOutboundRegistration(id: string): Promise<OutboundRegistration | undefined>;
  /** By issuer, then by redirect URI. */
  listOutboundRegistrations(): Promise<readonly OutboundRegistration[]>;
  /** Only while it is this client. */
  forgetOutboundRegistration(forgotten: {
    id: string;
    client_id: string;
  }): Promise<'forgotten' | 'not_found'>;
}
