// A store of which one call fails, whichever a test wants.
import { StorageUnavailable, type Storage } from '@sallyport/storage';

/** How a call fails: before anything happened, or after it was durable and only the answer was lost. */
export type Fault = 'before' | 'after';

export interface Rig {
  readonly rig: (storage: Storage) => Storage;
  /** From now on, the n-th call fails. */
  arm(n: number, fault: Fault): void;
  /** Calls since it was armed; afterwards nothing fails. */
  disarm(): number;
}

/** They ask nothing of the store themselves. */
const notRigged: ReadonlySet<string | symbol> = new Set(['onChange', 'openCounter', 'close']);

export function faultRig(): Rig {
  let calls = 0;
  let failAt = 0;
  let how: Fault = 'before';
  const rig = (storage: Storage): Storage =>
    new Proxy(storage, {
      get(target, name, receiver) {
        const operation: unknown = Reflect.get(target, name, receiver);
        if (typeof operation !== 'function' || notRigged.has(name)) return operation;
        return async (...args: unknown[]): Promise<unknown> => {
          const isRigged = ++calls === failAt;
          if (isRigged && how === 'before') throw new StorageUnavailable('rigged before the call');
          const answer: unknown = await Reflect.apply(operation, target, args);
          if (isRigged) throw new StorageUnavailable('rigged after the call');
          return answer;
        };
      },
    });
  return {
    rig,
    arm(n, fault) {
      [calls, failAt, how] = [0, n, fault];
    },
    disarm() {
      failAt = 0;
      return calls;
    },
  };
}
