// From the figures of all rounds to medians with their spread, and to the tables of the terminal.

import { cpus } from 'node:os';
import type { Aim, DerivedRow } from './aims.ts';
import type { Figures } from './measure.ts';

/** Over the rounds of one run. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Summary {
  readonly machine: { readonly processors: number; readonly model: string; readonly node: string };
  readonly unit: 'CPU microseconds per operation';
  readonly rounds: number;
  /** By row, then by server. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, Spread>>>>;
  readonly aims: readonly Judged[];
}

type Judged = Aim & { readonly measured: Spread; readonly isMet: boolean };

export function summarize(measured: Figures, derived: readonly DerivedRow[], aims: readonly Aim[]): Summary {
  const figures = new Map(measured);
  for (const { name, of, minus } of derived) {
    const [whole, part] = [measured.get(of), measured.get(minus)];
    if (whole && part)
      figures.set(
        name,
        combine(whole, part, (one, other) => one - other),
      );
  }
  const [rounds = 0] = [...measured.values()].flatMap((row) => [...row.values()].map(({ length }) => length));
  const processors = cpus();
  return {
    machine: {
      processors: processors.length,
      model: processors[0]?.model ?? 'unknown',
      node: process.versions.node,
    },
    unit: 'CPU microseconds per operation',
    rounds,
    rows: Object.fromEntries([...figures].map(([name, row]) => [name, spreadsOf(row)])),
    aims: aims.flatMap((aim) => judge(aim, figures)),
  };
}

function combine(
  whole: ReadonlyMap<string, readonly number[]>,
  part: ReadonlyMap<string, readonly number[]>,
  how: (one: number, other: number) => number,
): ReadonlyMap<string, readonly number[]> {
  const named = [...whole].map(([server, costs]) => {
    const others = part.get(server) ?? [];
    return [server, costs.map((cost, round) => how(cost, others[round] ?? Number.NaN))] as const;
  });
  return new Map(named);
}

function spreadsOf(row: ReadonlyMap<string, readonly number[]>): Record<string, Spread> {
  return Object.fromEntries([...row].map(([server, costs]) => [server, spreadOf(costs)]));
}

/** The ratio of each round, then the median of those: neighbours in time are compared, not medians of an hour. */
function judge(aim: Aim, figures: Figures): readonly Judged[] {
  const ours = figures.get(aim.row)?.get('Sallyport');
  if (ours === undefined) return [];
  if ('atMostMicroseconds' in aim) {
    const spread = spreadOf(ours);
    return [{ ...aim, measured: spread, isMet: spread.median <= aim.atMostMicroseconds }];
  }
  const theirs = figures.get(aim.row)?.get(aim.beside) ?? [];
  const spread = spreadOf(ours.map((cost, round) => cost / (theirs[round] ?? Number.NaN)));
  return [{ ...aim, measured: spread, isMet: spread.median <= aim.atMostTimes }];
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median: round(median), least: round(sorted[0]!), most: round(sorted.at(-1)!) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function printTables({ machine, rounds, rows, aims }: Summary): void {
  const servers = [...new Set(Object.values(rows).flatMap((row) => Object.keys(row)))];
  console.log(`CPU microseconds per operation, median of ${rounds} rounds (least–most)`);
  console.log(`${machine.processors} × ${machine.model}, Node ${machine.node}\n`);
  printTable([
    ['', ...servers],
    ...Object.entries(rows).map(([name, row]) => [name, ...servers.map((server) => print(row[server]))]),
  ]);
  console.log();
  printTable([
    ['aim', 'at most', 'measured', ''],
    ...aims.map((aim) => [
      'beside' in aim ? `${aim.row} / ${aim.beside}` : aim.row,
      'beside' in aim ? `${aim.atMostTimes}×` : `${aim.atMostMicroseconds} µs`,
      'beside' in aim ? print(aim.measured, 2) : print(aim.measured, 1),
      aim.isMet ? 'met' : 'missed',
    ]),
  ]);
}

function print(spread: Spread | undefined, digits = 0): string {
  if (spread === undefined) return '–';
  const [median, least, most] = [spread.median, spread.least, spread.most].map((value) =>
    value.toFixed(digits),
  );
  return `${median} (${least}–${most})`;
}

/** As Markdown, so that it can be pasted into a document. */
function printTable(lines: readonly (readonly string[])[]): void {
  const [head = [], ...rest] = lines;
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const printLine = (line: readonly string[]) =>
    console.log(`| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  printLine(head);
  printLine(widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  for (const line of rest) printLine(line);
}
