// What happens is told once, to the log; whoever counts it or keeps it listens there, so that no room knows of them.

import type { Log } from '@sallyport/protocol';

/** Hears an event with its facts, whatever the level of the log; must be quick and must not throw. */
export type Hear = (event: string, facts: Readonly<Record<string, unknown>>) => void;

/** @returns the log itself when nobody listens */
export function heardBy(log: Log, ears: readonly (Hear | undefined)[]): Log {
  const listening = ears.filter((hear) => hear !== undefined);
  if (listening.length === 0) return log;
  return (level, event, facts = {}, kind) => {
    log(level, event, facts, kind);
    for (const hear of listening) hear(event, facts);
  };
}
