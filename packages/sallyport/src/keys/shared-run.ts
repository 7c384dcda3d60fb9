// Many ask for the same look at the world; each gets one that began after it asked, and no two go on at once.

import { setTimeout as wait } from 'node:timers/promises';

/**
 * @param pauseMilliseconds from the beginning of one run to that of the next
 * @returns waits for a run that begins after the call; rejects as that run does
 */
export function sharedRun(work: () => Promise<void>, pauseMilliseconds = 0): () => Promise<void> {
  let waiting: Promise<void> | undefined;
  let running: Promise<void> = Promise.resolve();
  let beganAt = -Infinity;

  async function next(after: Promise<void>): Promise<void> {
    await after.catch(() => {});
    const rest = beganAt + pauseMilliseconds - performance.now();
    if (rest > 0) await wait(rest);
    // Whoever asks from now on may have seen what this run will not.
    waiting = undefined;
    beganAt = performance.now();
    await work();
  }

  return () => {
    if (waiting !== undefined) return waiting;
    running = waiting = next(running);
    return waiting;
  };
}
