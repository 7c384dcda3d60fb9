// A store that is slow, and a store that fails: the two things that a test of any room wants to do to its storage.

import { setTimeout as wait } from 'node:timers/promises';
import { StorageUnavailable } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';

/** Every contract call waits this long before it runs, so that calls which raced by luck race for certain. */
export function slowly(storage: Storage, milliseconds: number): Storage {
  return rigged(storage, () => wait(milliseconds));
}

/**
 * The n-th contract call (the first is 1) throws `StorageUnavailable` and does nothing; all others work.
 * `calls()` tells how many there were: when it is less than n, nothing has failed.
 */
export function failingAt(storage: Storage, n: number): Storage & { calls: () => number } {
  let calls = 0;
  const failing = rigged(storage, async () => {
    calls += 1;
    if (calls === n) throw new StorageUnavailable(`Call ${n} was rigged to fail.`);
  });
  return Object.assign(Object.create(failing) as Storage, { calls: () => calls });
}

/** These stay as they are: they are no requests. */
const untouched: readonly unknown[] = ['onChange', 'openCounter', 'close'];

function rigged(storage: Storage, before: () => Promise<unknown>): Storage {
  return new Proxy(storage, {
    get(target, name, receiver) {
      const operation: unknown = Reflect.get(target, name, receiver);
      if (typeof operation !== 'function' || untouched.includes(name)) return operation;
      return async (...args: unknown[]): Promise<unknown> => {
        await before();
        return Reflect.apply(operation, target, args);
      };
    },
  });
}
