// Which tables and columns a schema of each version has. Read from the migrations themselves, played on an empty
// database in memory: what a new migration adds is copied from the day it is there, on every backend.

import { DatabaseSync } from 'node:sqlite';
import { migrations } from '../migrations/index.ts';

export interface Column {
  readonly name: string;
  readonly holds: 'text' | 'integer' | 'bytes';
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

/**
 * What is no content: a copy says its schema's version at its top, and what was counted to slow somebody down is of
 * minutes. Some of these are there on one backend only.
 */
export const leftOut: readonly string[] = ['sallyport_migrations', 'rate_counters'];

/** A version's tables never change. */
const known = new Map<number, readonly Table[]>();

/** @returns the tables in an order in which no row comes before another that it refers to */
export function tablesOf(version: number): readonly Table[] {
  let tables = known.get(version);
  if (tables === undefined) known.set(version, (tables = readTables(version)));
  return tables;
}

function readTables(version: number): readonly Table[] {
  const database = new DatabaseSync(':memory:');
  try {
    for (const { statements } of migrations.filter((migration) => migration.version <= version)) {
      for (const sql of statements('BLOB')) database.exec(sql);
    }
    const names = strings(database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    const tables = names.map((name) => ({
      name,
      columns: columnsOf(database, name),
      needs: new Set(strings(database, `SELECT "table" FROM pragma_foreign_key_list('${name}')`)),
    }));
    return inOrder(tables.filter(({ name }) => !leftOut.includes(name) && !name.startsWith('sqlite_')));
  } finally {
    database.close();
  }
}

function columnsOf(database: DatabaseSync, table: string): readonly Column[] {
  return database
    .prepare(`SELECT name, type FROM pragma_table_info('${table}') ORDER BY cid`)
    .all()
    .map(({ name, type }) => ({ name: String(name), holds: kindOf(String(type)) }));
}

function kindOf(type: string): Column['holds'] {
  const kinds: Readonly<Record<string, Column['holds']>> = {
    TEXT: 'text',
    BIGINT: 'integer',
    INTEGER: 'integer',
    BLOB: 'bytes',
  };
  const kind = kinds[type.toUpperCase()];
  if (kind === undefined) throw new Error(`a copy knows no columns of type ${type}`);
  return kind;
}

function inOrder(tables: readonly (Table & { needs: ReadonlySet<string> })[]): readonly Table[] {
  const ordered: Table[] = [];
  for (let left = tables; left.length > 0;) {
    const ready = left.filter(({ needs }) => !left.some(({ name }) => needs.has(name)));
    if (ready.length === 0) {
      throw new Error(`these tables refer to each other: ${left.map(({ name }) => name).join(', ')}`);
    }
    ordered.push(...ready.map(({ name, columns }) => ({ name, columns })));
    left = left.filter((table) => !ready.includes(table));
  }
  return ordered;
}

function strings(database: DatabaseSync, sql: string): readonly string[] {
  return database
    .prepare(sql)
    .all()
    .map((row) => String(Object.values(row)[0]));
}
