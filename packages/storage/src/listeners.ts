// Who must hear what changed in the store: the caches of this process.

import type { Change, Storage } from './contract.ts';

export type Listener = Parameters<Storage['onChange']>[0];

export interface Listeners {
  /** @returns a function that stops it */
  readonly add: (listener: Listener) => () => void;
  readonly tell: (change: Change) => void;
  readonly clear: () => void;
}

/** @param onCount told how many listen, whenever that changes */
export function listeners(onCount: (count: number) => void): Listeners {
  const registered = new Set<Listener>();

  return {
    add(listener) {
      // Each registration is its own, even of the same function.
      const own: Listener = (change) => listener(change);
      registered.add(own);
      onCount(registered.size);
      return () => {
        if (registered.delete(own)) onCount(registered.size);
      };
    },
    tell(change) {
      for (const listener of registered) {
        try {
          listener(change);
        } catch (error) {
          // A cache that cannot forget would let revoked tokens in; the process must not go on as if nothing happened.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
    clear() {
      registered.clear();
      onCount(0);
    },
  };
}
