// One row as one line of JSON, the same line for the same row on every backend, and a number that tells whether two
// tables hold the same rows, in whatever order.

import { hash } from 'node:crypto';
import type { Value } from '../script.ts';
import type { Column, Table } from './schema.ts';

/** Values in the order of the table's columns. */
export type Row = readonly Value[];

/**
 * Text as JSON has it, integers as they are, bytes as `{"base64": …}`.
 * @throws MisfitValue for one that its column must not hold, which only a hand can have put there
 */
export function printRow(row: Row, table: Table): string {
  let hasBytes = false;
  for (let at = 0; at < table.columns.length; at++) {
    const value = row[at];
    const column = table.columns[at];
    if (column === undefined || !fits(value, column)) throw misfit(table, column);
    if (column.holds === 'bytes' && value !== null) hasBytes = true;
  }
  if (!hasBytes) return JSON.stringify(row);
  return JSON.stringify(
    row.map((value) =>
      value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
    ),
  );
}

/** @throws MisfitValue or SyntaxError for a line that `printRow` did not print */
export function readRow(line: string, table: Table): Row {
  const values: unknown = JSON.parse(line);
  if (!Array.isArray(values) || values.length !== table.columns.length) throw misfit(table, undefined);
  return table.columns.map((column, at) => {
    const printed: unknown = values[at];
    const value = column.holds === 'bytes' && printed !== null ? bytesOf(printed) : printed;
    if (!fits(value, column)) throw misfit(table, column);
    return value;
  });
}

function fits(value: unknown, { holds }: Column): value is Value {
  if (value === null) return true;
  if (holds === 'text') return typeof value === 'string';
  if (holds === 'integer') return Number.isSafeInteger(value);
  return value instanceof Uint8Array;
}

function bytesOf(printed: unknown): Uint8Array | undefined {
  const { base64 } = (printed ?? {}) as { base64?: unknown };
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined;
}

export class MisfitValue extends Error {
  override readonly name = 'MisfitValue';
}

function misfit(table: Table, column: Column | undefined): MisfitValue {
  if (column === undefined) return new MisfitValue(`a row of ${table.name} has other columns`);
  return new MisfitValue(`${table.name}.${column.name} has something in it that is no ${column.holds}`);
}

/** Counts rows and adds up their digests. Equal for equal rows in any order; made against slips, not against forgers. */
export class Tally {
  count = 0;
  /** Eight sums, each modulo 2^32. */
  readonly #sum = new Uint32Array(8);

  add(line: string): void {
    this.count += 1;
    const digest = hash('sha256', line, 'buffer');
    for (let lane = 0; lane < 8; lane++) {
      this.#sum[lane] = (this.#sum[lane] ?? 0) + digest.readUInt32LE(lane * 4);
    }
  }

  /** In base64url. */
  get digest(): string {
    const printed = Buffer.alloc(32);
    this.#sum.forEach((sum, lane) => printed.writeUInt32LE(sum, lane * 4));
    return printed.toString('base64url');
  }
}
