// The signing keys while the server runs: read again when they changed, so that every instance publishes a key before one
// of them signs with it, and refuses what a key signed that was taken away.

import { openKeyRing, readSignedJwt } from '@sallyport/crypto';
import type { KeyRing, OpenedKeyRing, SealedSigningKey } from '@sallyport/crypto';
import type { Log } from '@sallyport/protocol';
import type { Storage } from '@sallyport/storage';
import { errors } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { limits } from './limits.ts';
import type { LiveSecrets } from './live-secrets.ts';
import { sharedRun } from './shared-run.ts';

export interface LiveKeyRing extends KeyRing {
  /** Tells that a key is gone: what was believed because of it must be judged anew. @returns a function that stops it */
  onRemoved(listener: () => void): () => void;
  close(): void;
}

interface Sources {
  readonly storage: Pick<Storage, 'listSigningKeys' | 'onChange'>;
  readonly secrets: LiveSecrets;
  readonly log: Log;
}

export function liveKeyRing(first: OpenedKeyRing, { storage, secrets, log }: Sources): LiveKeyRing {
  let ring = first;
  let openedWith = idsOf(secrets);
  let isUnread = false;
  let isClosed = false;
  const listeners = new Set<() => void>();
  const refresh = sharedRun(readAgain, limits.lookAtSigningKeysPauseMilliseconds);
  const stops = [
    storage.onChange((change) => {
      if (change === 'keys' || change === 'anything') refreshLater();
    }),
    secrets.onChange(refreshLater),
  ];
  // What changed since the first was opened, before anybody listened.
  refreshLater();
  return {
    signJwt: (typ, claims, now) => ring.signJwt(typ, claims, now),
    readSignedJwt: (typ, jwt) => readSignedJwt(verifyKey, typ, jwt),
    get jwks() {
      return ring.jwks;
    },
    verifyKey,
    onRemoved(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      isClosed = true;
      stops.forEach((stop) => stop());
    },
  };

  /** A key that another instance has just begun to sign with may not have been heard of here. */
  async function verifyKey(...asked: Parameters<JWTVerifyGetKey>) {
    try {
      return await ring.verifyKey(...asked);
    } catch (error) {
      const { kid } = asked[0] ?? {};
      if (!(error instanceof errors.JWKSNoMatchingKey) || !isThumbprint(kid)) throw error;
      if (ring.stored.some((key) => key.kid === kid)) throw error;
      await refresh();
      return ring.verifyKey(...asked);
    }
  }

  function refreshLater(): void {
    refresh().catch((error: unknown) => {
      // A store that is away tells so every second, and then that it is back: said once, asked again each time.
      if (isUnread || isClosed) return;
      isUnread = true;
      log('warn', 'signing_keys_unread', { message: error instanceof Error ? error.message : String(error) });
    });
  }

  async function readAgain(): Promise<void> {
    const stored = await storage.listSigningKeys();
    isUnread = false;
    if (isSame(stored, ring.stored) && openedWith === idsOf(secrets)) return;
    if (stored.length === 0) {
      log('error', 'signing_keys_gone', {
        next: 'The store has no signing keys any more; the earlier ones go on until this instance is started again.',
      });
      return;
    }
    let next = openKeyRing(stored, secrets.sealing.known, ring);
    if (next.missingSealing.length > 0) {
      await secrets.look();
      next = openKeyRing(stored, secrets.sealing.known, ring);
    }
    openedWith = idsOf(secrets);
    for (const keyId of next.missingSealing) {
      log('error', 'secrets_outdated', {
        keyId,
        next: 'Give this instance the secrets.json of the others. It goes on with the keys that it has, and would not start again.',
      });
    }
    const before = ring;
    ring = next;
    const kids = new Set(stored.map(({ kid }) => kid));
    if (before.stored.some(({ kid }) => !kids.has(kid))) for (const listener of listeners) listener();
  }
}

/** As every kid that is made here: SHA-256 in base64url (RFC 7638). */
function isThumbprint(kid: unknown): boolean {
  return typeof kid === 'string' && /^[\w-]{43}$/.test(kid);
}

function idsOf({ sealing }: LiveSecrets): string {
  return sealing.known.map(({ id }) => id).join(' ');
}

function isSame(one: readonly SealedSigningKey[], other: readonly SealedSigningKey[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ kid, signsFromAt, sealedPrivateJwk }, index) => {
      const against = other[index];
      return (
        kid === against?.kid &&
        signsFromAt === against.signsFromAt &&
        Buffer.compare(sealedPrivateJwk, against.sealedPrivateJwk) === 0
      );
    })
  );
}
