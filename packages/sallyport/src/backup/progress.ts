// How far a copy is, on one line of a terminal, once it has taken longer than a second.

import { clearLine, cursorTo } from 'node:readline';
import type { OnProgress } from '@sallyport/storage';
import type { Io } from '../commands/io.ts';

const quietMilliseconds = 1_000;
const everyMilliseconds = 200;

export interface Progress {
  readonly onProgress: OnProgress;
  /** Takes the line away. */
  readonly wipe: () => void;
}

export function showProgress(io: Io): Progress {
  let next = performance.now() + quietMilliseconds;
  let shown = false;
  const wipe = (): void => {
    if (!shown) return;
    shown = false;
    cursorTo(io.stderr, 0);
    clearLine(io.stderr, 0);
  };
  return {
    onProgress({ doing, table, rows, of }) {
      if (io.stderr.isTTY !== true || performance.now() < next) return;
      next = performance.now() + everyMilliseconds;
      wipe();
      shown = true;
      const percent = of === 0 ? 100 : Math.floor((rows / of) * 100);
      io.stderr.write(`${doing}: ${inThousands(rows)} of ${inThousands(of)} rows (${percent} %), ${table}`);
    },
    wipe,
  };
}

export function inThousands(count: number): string {
  return count.toLocaleString('en');
}
