// Who must hear that a grant was revoked: caches in this process, whichever process revoked it.

import type { Change } from '../contract.ts';
import { watchEveryMilliseconds } from '../limits.ts';
import { listeners } from '../listeners.ts';
import type { Listener } from '../listeners.ts';

export interface Changes {
  readonly listen: (listener: Listener) => () => void;
  /** For what changed here, as soon as that is durable. */
  readonly tell: (changes: readonly Change[]) => void;
  readonly stop: () => void;
}

/**
 * @param readVersion a number that changes when another connection has written (`PRAGMA data_version`); may throw
 */
export function changes(readVersion: () => unknown): Changes {
  let timer: NodeJS.Timeout | undefined;
  let seen: unknown;

  const { add, tell, clear } = listeners((count) => {
    if (count === 0) {
      clearInterval(timer);
      timer = undefined;
    } else if (timer === undefined) {
      seen = safely(readVersion);
      timer = setInterval(look, watchEveryMilliseconds).unref();
    }
  });

  function look(): void {
    const version = safely(readVersion);
    // A store that does not answer may have been written to.
    if (version !== undefined && version === seen) return;
    seen = version;
    tell('anything');
  }

  return { listen: add, tell: (told) => told.forEach(tell), stop: clear };
}

function safely(readVersion: () => unknown): unknown {
  try {
    return readVersion();
  } catch {
    return undefined;
  }
}
