// Whether a grant still stands, for every request through the gate: remembered, and forgotten the moment it changes.
import type { Grant, Storage } from '@sallyport/storage';

/** Grants in use at one time; an entry is under 100 bytes. */
const MAX_REMEMBERED = 50_000;

export interface LiveGrants {
  /** @throws StorageUnavailable when it cannot be known */
  isLive(grantId: string, now: number): boolean | Promise<boolean>;
  /** The trace of the login that a grant came from, when the grant has been looked at. */
  traceOf(grantId: string): string | undefined;
  /** How the person had signed in who allowed it, when the grant has been looked at and that is known. */
  providerOf(grantId: string): string | undefined;
  /**
   * Tells the id of a grant that ended, or undefined when any of them may have, but only once it is forgotten here: whoever then asks learns what holds now.
   * @returns a function that stops it
   */
  onChange(listener: (grantId: string | undefined) => void): () => void;
  close(): void;
}

export function liveGrants(storage: Storage): LiveGrants {
  const expiries = new Map<string, number>();
  // Never changes, so it is not forgotten with the rest.
  const origins = new Map<string, Pick<Grant, 'traceId' | 'provider'>>();
  const listeners = new Set<(grantId: string | undefined) => void>();
  let changes = 0;
  const stop = storage.onChange((change) => {
    if (change === 'keys') return;
    const grantId = change === 'anything' ? undefined : change.grantId;
    changes += 1;
    if (grantId === undefined) expiries.clear();
    else expiries.delete(grantId);
    for (const listener of listeners) listener(grantId);
  });
  return {
    isLive,
    traceOf: (grantId) => origins.get(grantId)?.traceId,
    providerOf: (grantId) => origins.get(grantId)?.provider,
    onChange,
    close: stop,
  };

  function onChange(listener: (grantId: string | undefined) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  function isLive(grantId: string, now: number): boolean | Promise<boolean> {
    const expiresAt = expiries.get(grantId);
    return expiresAt !== undefined && expiresAt > now ? true : look(grantId, now);
  }

  async function look(grantId: string, now: number): Promise<boolean> {
    const before = changes;
    const grant = await storage.findGrant(grantId);
    if (grant !== undefined) remember(origins, grantId, originOf(grant));
    if (grant === undefined || grant.revokedAt !== undefined || grant.expiresAt <= now) return false;
    // Not remembered, so that it counts again as soon as its client is back.
    if (grant.clientWithdrawn) return false;
    // What was read while something changed may be old already: true for this request, but not to be remembered.
    if (before === changes) {
      remember(expiries, grantId, grant.expiresAt);
    }
    return true;
  }
}

/** No more of it than is asked for. */
function originOf({ traceId, provider }: Grant): Pick<Grant, 'traceId' | 'provider'> {
  return { traceId, ...(provider !== undefined && { provider }) };
}

function remember<Value>(known: Map<string, Value>, grantId: string, value: Value): void {
  known.set(grantId, value);
  const [oldest] = known.keys();
  if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
}
