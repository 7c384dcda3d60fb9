// The job that forgets expired rows; it really runs, in batches small enough for nobody to notice.

import type { Log } from '@sallyport/protocol';
import type { Storage } from './contract.ts';
import { sweepBatchesPerRun, sweepBatchRows, unusedClientSeconds } from './limits.ts';

interface Sweeper {
  /** Pause between two runs. */
  readonly everySeconds: number;
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
}

/**
 * Sweeps now and then every `everySeconds`. A run that fails is logged, and the next one tries again.
 * Does not keep the process alive.
 * @returns stops it, and resolves when the batch under way is done
 */
export function startSweeper(storage: Storage, { everySeconds, log, now }: Sweeper): () => Promise<void> {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    let deleted = 0;
    try {
      for (let batch = 0; batch < sweepBatchesPerRun && !stopping.signal.aborted; batch++) {
        const at = now();
        const work = { now: at, unusedClientsBefore: at - unusedClientSeconds, limit: sweepBatchRows };
        const more = await storage.sweep(work);
        deleted += more;
        if (more === 0) break;
      }
      if (deleted > 0) log('debug', 'storage_swept', { deleted });
    } catch (error) {
      log('error', 'storage_sweep_failed', {
        deleted,
        message: error instanceof Error ? error.message : String(error),
        retryInSeconds: everySeconds,
      });
    }
  }

  async function runThenWait(): Promise<void> {
    await run();
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      underWay = runThenWait();
    }, everySeconds * 1000).unref();
  }

  let underWay = runThenWait();

  return async () => {
    stopping.abort();
    clearTimeout(timer);
    await underWay;
  };
}
