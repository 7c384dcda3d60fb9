// The play for a program: everything that was said, kept for one JSON document at the end.

import type { Narrator } from './play.ts';
import type { Exchange } from './wire.ts';

export interface PlayedStep {
  readonly step: number;
  readonly headline: string;
  readonly means: string;
  readonly exchanges: Exchange[];
  /** What was found to be as it should. */
  readonly checks: string[];
}

export interface Transcript {
  readonly narrator: Narrator;
  readonly steps: readonly PlayedStep[];
}

/** @param also hears everything too */
export function keepTranscript(also?: Narrator): Transcript {
  const steps: PlayedStep[] = [];
  const narrator: Narrator = {
    step(number, { headline, means }) {
      steps.push({ step: number, headline, means, exchanges: [], checks: [] });
      also?.step(number, { headline, means });
    },
    exchange(exchange) {
      steps.at(-1)?.exchanges.push(exchange);
      also?.exchange(exchange);
    },
    checked(what) {
      steps.at(-1)?.checks.push(what);
      also?.checked(what);
    },
  };
  return { narrator, steps };
}
