// What was copied, for a person and for a script.

import type { Copied } from '@sallyport/storage';
import { day } from '../commands/table.ts';
import { inThousands } from './progress.ts';

/** One JSON document; `digest` of a table is equal where two stores hold the same rows. */
export function asJson({ head, tables }: Copied, more: Readonly<Record<string, unknown>>): string {
  const { tables: _named, sallyport: _sallyport, ...about } = head;
  return JSON.stringify({ ...more, ...about, rows: rowsIn(tables), tables }, null, 2);
}

/** @returns for each table that is not empty a line with its number of rows */
export function asLines({ tables }: Copied): readonly string[] {
  const filled = tables.filter(({ rows }) => rows > 0);
  const width = Math.max(0, ...filled.map(({ name }) => name.length));
  const digits = Math.max(0, ...filled.map(({ rows }) => inThousands(rows).length));
  return filled.map(({ name, rows }) => `  ${name.padEnd(width)}  ${inThousands(rows).padStart(digits)}`);
}

export function rowsOf(copied: Copied): string {
  const rows = rowsIn(copied.tables);
  return rows === 1 ? 'one row' : `${inThousands(rows)} rows`;
}

/** "made 2026-11-21 08:49 UTC by Sallyport 0.1.0 from SQLite" */
export function origin({ head }: Copied): string {
  const backend = head.backend === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  return `made ${day(head.made_at)} UTC by Sallyport ${head.program} from ${backend}`;
}

export function inBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

function rowsIn(tables: Copied['tables']): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}
