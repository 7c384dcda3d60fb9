// The play for a person at a terminal: 100 columns, one headline for each step, what was sent and what came below it.

import { paint, print } from '../commands/io.ts';
import type { Io } from '../commands/io.ts';
import type { Narrator } from './play.ts';
import type { Row } from './rows.ts';

const columns = 100;
/** The longest name of the metadata; a longer one pushes its own value to the right. */
const nameColumns = 46;
/** A value may go on for so many lines; more says nothing more. */
const valueLines = 3;

export function narrator(io: Io): Narrator {
  const styled = (style: Parameters<typeof paint>[1], text: string): string => paint(io.stdout, style, text);
  const rows = (all: readonly Row[]): void => {
    const width = Math.min(nameColumns, Math.max(0, ...all.map((row) => labelOf(row).length)));
    for (const row of all) {
      const label = labelOf(row).padEnd(width);
      const isWide = row.value.split(' ').some((word) => word.length > columns - 10 - label.length);
      // A word that does not fit beside the name, a URL mostly, would be torn apart; below it there is more room.
      const indent = isWide ? 10 : 10 + label.length;
      const lines = wrap(row.value, columns - indent);
      const first = isWide ? '' : lines.shift();
      print(io, `        ${styled('dim', label)}  ${first ?? ''}`.trimEnd());
      for (const line of lines) print(io, `${' '.repeat(indent)}${line}`);
    }
  };
  return {
    step(number, { headline, means }) {
      print(io);
      print(io, styled('bold', `${String(number).padStart(2)}  ${headline}`));
      for (const line of wrap(means, columns - 4)) print(io, `    ${styled('dim', line)}`);
      print(io);
    },
    exchange({ method, path, asked, status, reason, answered }) {
      print(io, `    ${styled('cyan', '→')} ${styled('bold', `${method} ${path}`)}`);
      rows(asked);
      print(io, `    ${styled('cyan', '←')} ${styled('bold', `${status} ${reason}`.trimEnd())}`);
      rows(answered);
    },
    checked: (what) => print(io, `    ${styled('green', '✓')} ${what}`),
  };
}

function labelOf({ kind, name }: Row): string {
  if (kind === 'header') return `${name}:`;
  return kind === 'query' ? `?${name}` : name;
}

/** Breaks at spaces, and a word that is longer than a line where the line ends. */
function wrap(text: string, width: number): string[] {
  const pattern = new RegExp(`.{1,${width}}(?:\\s+|$)|.{1,${width}}`, 'gsu');
  const lines = (text.match(pattern) ?? []).map((line) => line.trimEnd());
  const shown = lines.slice(0, valueLines);
  return lines.length > shown.length
    ? [...shown.slice(0, -1), `${shown.at(-1)?.slice(0, width - 1)}…`]
    : shown;
}
