// Signing keys, and every value that is sealed.

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

/** Kinds of rows that hold a sealed value; `<kind>:<id>` is what it is sealed for, a revocation as the vault entry that it was. */
export type SealedKind = 'signing_key' | 'vault_entry' | 'outbound_registration' | 'revocation';

export interface SealedValue {
  readonly id: string;
  readonly sealed: Uint8Array;
}

export interface KeyStorage {
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
}
