// So many at once, so many waiting, and the rest are refused before they cost anything.
import { limits } from './limits.ts';
import { refuse } from './refusals.ts';

export interface Turnstile {
  /** @throws {Refusal} `busy` when the waiting line is full */
  readonly pass: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Whether the next one would be refused. */
  readonly isFull: () => boolean;
}

export function turnstile(atOnce: number, waitingMax: number): Turnstile {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const isFull = () => inside >= atOnce && waiting.length >= waitingMax;
  return { pass, isFull };

  async function pass<Result>(work: () => Promise<Result>): Promise<Result> {
    if (isFull()) throw busy();
    if (inside >= atOnce) await new Promise<void>((enter) => waiting.push(enter));
    else inside += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // A place that is handed on stays taken, so nobody slips in between.
      if (next) next();
      else inside -= 1;
    }
  }
}

export const busy = () => refuse('busy', { retryAfterSeconds: limits.busyRetrySeconds });
