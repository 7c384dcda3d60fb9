// What must be known again when the browser comes back, and must not lie about meanwhile: computed from the state, which
// only the browser and the provider hold, with a key that only this deployment has. Neither alone gives anything.
import { hmac, type Keychain, type NamedKey } from '@sallyport/crypto';
import { refuse } from '../refusals.ts';

export interface DerivedSecrets {
  /** Binds an ID token to this sign-in (OpenID Connect Core §3.1.2.1). */
  readonly nonce: string;
  /** 43 characters of the grammar of RFC 7636 §4.1. */
  readonly code_verifier: string;
}

/** The nonce goes through the browser and the verifier does not, so that one never tells the other. */
export function secretsOf(state: string, key: NamedKey): DerivedSecrets {
  return {
    nonce: hmac(key, `sign-in: upstream nonce\n${state}`),
    code_verifier: hmac(key, `sign-in: upstream code_verifier\n${state}`),
  };
}

/**
 * @param keyId of the key that was in use when the browser left
 * @throws {Refusal} `upstream_state_expired` when that key was retired meanwhile
 */
export async function secretsAgain(
  state: string,
  keyId: string,
  derivation: Keychain,
): Promise<DerivedSecrets> {
  const key = await derivation.find(keyId);
  if (key === undefined) throw refuse('upstream_state_expired', { why: 'key_retired' });
  return secretsOf(state, key);
}
