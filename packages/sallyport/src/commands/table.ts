// Rows for a terminal: columns as wide as their widest cell.

import { paint } from './io.ts';
import type { Io } from './io.ts';

/** @returns the lines, the head first */
export function table(io: Io, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(printable));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...shown.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [paint(io.stdout, 'bold', line(head)), ...shown.map(line)].join('\n');
}

/** `2026-11-21 08:49` in UTC. */
export function day(epochSeconds: number | undefined): string {
  if (epochSeconds === undefined) return 'never';
  return new Date(epochSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}

/** Names come from strangers: nothing in them may steer the terminal or change the order of reading. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
