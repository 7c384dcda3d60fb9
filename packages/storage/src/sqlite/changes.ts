// Who must hear that a grant was revoked: caches in this process, whichever process revoked it.

import type { Storage } from '../contract.ts';
import { watchEveryMilliseconds } from '../limits.ts';

type Listener = Parameters<Storage['onChange']>[0];

export interface Changes {
  readonly listen: (listener: Listener) => () => void;
  /** For grants that ended here, as soon as that is durable. */
  readonly revoked: (grantIds: readonly string[]) => void;
  readonly stop: () => void;
}

/**
 * @param readVersion a number that changes when another connection has written (`PRAGMA data_version`); may throw
 */
export function changes(readVersion: () => unknown): Changes {
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;
  let seen: unknown;

  const tell = (grantId: string | undefined) => {
    for (const listener of listeners) {
      try {
        listener(grantId);
      } catch (error) {
        // A cache that cannot forget would let revoked tokens in; the process must not go on as if nothing happened.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };

  const look = () => {
    const version = safely(readVersion);
    // A store that does not answer may have been written to.
    if (version !== undefined && version === seen) return;
    seen = version;
    tell(undefined);
  };

  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    listen(listener) {
      // Each registration is its own, even of the same function.
      const own: Listener = (grantId) => listener(grantId);
      listeners.add(own);
      if (timer === undefined) {
        seen = safely(readVersion);
        timer = setInterval(look, watchEveryMilliseconds).unref();
      }
      return () => {
        listeners.delete(own);
        if (listeners.size === 0) stop();
      };
    },
    revoked: (grantIds) => grantIds.forEach(tell),
    stop() {
      listeners.clear();
      stop();
    },
  };
}

function safely(readVersion: () => unknown): unknown {
  try {
    return readVersion();
  } catch {
    return undefined;
  }
}
