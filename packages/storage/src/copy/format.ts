// The lines of a copy, one JSON value each: a head, the secrets where they are in it, each table (its name, its rows,
// their number), and an end with the digest of everything before it.

import { altered, CopyRefused, foreign } from './refused.ts';
import { newestVersion } from '../migrations/index.ts';
import type { Table } from './schema.ts';

/** Raised when an older program could misread a file. */
const format = 1;

export interface Head {
  readonly sallyport: 'backup';
  readonly format: number;
  /** Version of the schema that the rows are of. */
  readonly schema: number;
  /** Of the program that wrote it. */
  readonly program: string;
  /** Epoch seconds. */
  readonly made_at: number;
  readonly backend: 'sqlite' | 'postgres';
  /** Whether the next line has the secrets. */
  readonly secrets: boolean;
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly rows: number;
  }[];
}

export interface TableEnd {
  readonly rows: number;
  readonly digest: string;
}

export interface End {
  /** Of all bytes before this line, in base64url. */
  readonly sha256: string;
}

export function headOf(
  about: Omit<Head, 'sallyport' | 'format' | 'tables'>,
  tables: readonly (Table & { rows: number })[],
): Head {
  return {
    sallyport: 'backup',
    format,
    ...about,
    tables: tables.map(({ name, columns, rows }) => ({
      name,
      columns: columns.map((column) => column.name),
      rows,
    })),
  };
}

/** @throws CopyRefused when it is no head, or of a version that this program does not know */
export function readHead(line: string): Head {
  const head = parsed(line);
  if (!isMap(head) || head['sallyport'] !== 'backup') throw foreign();
  const { format: written, schema, tables } = head;
  if (!isCount(written) || !isCount(schema) || schema === 0 || !Array.isArray(tables))
    throw altered('its head is unreadable');
  if (written > format || schema > newestVersion) {
    throw new CopyRefused(
      `The backup was made by a newer version of Sallyport (format ${written}, schema ${schema}; this version knows ${format} and ${newestVersion}).`,
      `Restore it with Sallyport ${String(head['program'])} or newer.`,
    );
  }
  return head as unknown as Head;
}

/** @throws CopyRefused when the head does not name exactly these tables and columns */
export function agreeOnTables(head: Head, tables: readonly Table[]): void {
  const known = tables.map(({ name, columns }) => [name, ...columns.map((column) => column.name)]);
  const named = head.tables.map(({ name, columns }) => [name, ...columns]);
  if (JSON.stringify(known) !== JSON.stringify(named)) {
    throw altered(`its tables are not those of schema ${head.schema}`);
  }
  if (!head.tables.every(({ rows }) => isCount(rows))) throw altered('its head has no numbers of rows');
}

/** @returns the member, or undefined where the line is something else, such as a row */
export function memberOf(line: string, name: string): unknown {
  const value = line.startsWith('{') ? parsed(line) : undefined;
  return isMap(value) ? value[name] : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
