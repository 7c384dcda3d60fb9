// A copy under way: its progress on the terminal, and an end when somebody wants it to stop.

import type { OnProgress } from '@sallyport/storage';
import { Failure } from '../commands/failure.ts';
import type { Io } from '../commands/io.ts';
import { stopSignal } from '../commands/stop.ts';
import { showProgress } from './progress.ts';

export interface Showing {
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
  /** Takes the line of the progress away, before something else is said. */
  readonly wipe: () => void;
}

/** @param stopped what is true when it was stopped */
export async function whileShowing<Result>(
  io: Io,
  stopped: string,
  work: (showing: Showing) => Promise<Result>,
): Promise<Result> {
  const stop = stopSignal();
  const stopping = new AbortController();
  void stop.asked.then(() => stopping.abort());
  const { onProgress, wipe } = showProgress(io);
  try {
    return await work({ onProgress, signal: stopping.signal, wipe });
  } catch (error) {
    throw stopping.signal.aborted ? new Failure(stopped, { exitCode: 130 }) : error;
  } finally {
    wipe();
    stop.release();
  }
}
