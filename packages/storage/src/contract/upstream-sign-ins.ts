// Browsers that are away at a provider to sign in.

import type { Digest } from './digest.ts';

/** A browser that is away at a provider to sign in. */
export interface UpstreamSignIn {
  /** Of the `state` that the provider gives back. */
  readonly state: Digest;
  /** Its id; the only one at whose callback the state counts. */
  readonly provider: string;
  /** Digest of the browser's own cookie. */
  readonly browser: Digest;
  /** What is to be done afterwards, as JSON. */
  readonly value: string;
  /** Of the key that nonce and PKCE verifier are computed with. */
  readonly keyId: string;
  readonly traceId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly spentAt?: number;
}

/** `spent`: it came back before. Only `taken` changes anything. */
export type TakenUpstreamSignIn =
  | {
      readonly outcome: 'taken' | 'spent' | 'expired' | 'of_another_browser' | 'of_another_provider';
      readonly signIn: UpstreamSignIn;
    }
  | { readonly outcome: 'unknown' };

export interface UpstreamSignInStorage {
  keepUpstreamSignIn(signIn: UpstreamSignIn): Promise<void>;
  /** Of all who come with it, in the right browser to the right provider, one is told `taken`. */
  takeUpstreamSignIn(taking: {
    state: Digest;
    provider: string;
    browser: Digest;
    now: number;
  }): Promise<TakenUpstreamSignIn>;
}
