// What this room asks of whoever seals: a key service may stand behind it as well as keys in memory, so both may wait.
import { type Keychain, seal, sealedUnder, unseal } from '@sallyport/crypto';

export interface Sealing {
  /** @param identity what the value belongs to: it opens as nothing else */
  seal(identity: string, plaintext: string): Promise<Uint8Array>;
  /** @throws EnvelopeError when it is damaged, of something else, or of a key that is gone */
  unseal(identity: string, envelope: Uint8Array): Promise<string>;
}

/** Envelopes under the keys of this deployment (AES-256-GCM). */
export function sealingUnder(keychain: Keychain): Sealing {
  return {
    async seal(identity, plaintext) {
      return seal(keychain.current, identity, plaintext);
    },
    async unseal(identity, envelope) {
      const keyId = sealedUnder(envelope);
      const key = keyId === undefined ? undefined : await keychain.find(keyId);
      return unseal(key === undefined ? [] : [key], identity, envelope);
    },
  };
}
