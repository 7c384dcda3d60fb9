// Stores with anything in them: rows for every table of a schema, made from the schema itself, so that a table or a
// column that somebody adds is filled from the day it is there.

import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { migrations, newestVersion } from '../../src/migrations/index.ts';
import type { Row } from '../../src/copy/rows.ts';
import { tablesOf } from '../../src/copy/schema.ts';
import type { Column } from '../../src/copy/schema.ts';
import type { Value } from '../../src/script.ts';

/** Rows by table, in the order in which they may be inserted. */
export type Rows = ReadonlyMap<string, readonly Row[]>;

interface Rule {
  readonly column: Column;
  readonly mayBeNull: boolean;
  /** `CHECK (column IN (…))`. */
  readonly oneOf: readonly string[];
  readonly refersTo?: { readonly table: string; readonly column: string };
}

const nastyText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  fc.constantFrom(
    '',
    '\0',
    'a\0b\0\0',
    '\u0000\u0001\u001f\u007f\u0080',
    '\n\r\t\u2028\u2029',
    '\\',
    '\\0 \\x00 \\u0000 \\N \\.',
    '\\\0\\',
    '{"a":[1,2],"b":null}',
    '["row"]',
    'NULL',
    "'; DROP TABLE users; --",
    '\ufeff\ufffd\ufffe\uffff',
    '\u{1f600}\u{10ffff}\ue000\uf8ff',
    'é e\u0301 ﷽ ﬀ',
    'x'.repeat(70_000),
  ),
);
const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 1_800_000_000, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const bytes = fc.uint8Array({ maxLength: 60 });

/** @param version of the schema; default the newest */
export function anyRows(version: number = newestVersion): fc.Arbitrary<Rows> {
  const rules = rulesOf(version);
  const draws = [...rules].map(([table, columns]) =>
    fc
      .array(fc.tuple(...columns.map((rule) => anyValue(rule))), { maxLength: 6 })
      .map((drawn) => ({ table, columns, drawn })),
  );
  return fc.tuple(...draws).map((tables) => {
    const rows = new Map<string, Row[]>();
    const database = databaseOf(version);
    for (const { table, columns, drawn } of tables) {
      const places = columns.map(() => '?').join(', ');
      const insert = database.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${places})`);
      const kept: Row[] = [];
      for (const values of drawn) {
        const row = columns.map((rule, at) => resolve(rule, values[at], rows));
        // What is against a constraint is no row of a store.
        if (!row.includes(undefined) && insert.run(...(row as Value[])).changes === 1) kept.push(row as Row);
      }
      rows.set(table, kept);
    }
    database.close();
    return rows;
  });
}

/** A whole number stands for "one of the rows that the column may refer to". */
function anyValue({ column, mayBeNull, oneOf, refersTo }: Rule): fc.Arbitrary<Value> {
  const value: fc.Arbitrary<Value> =
    refersTo !== undefined
      ? fc.nat()
      : oneOf.length > 0
        ? fc.constantFrom(...oneOf)
        : { text: nastyText, integer, bytes }[column.holds];
  return mayBeNull ? fc.option(value, { freq: 4 }) : value;
}

function resolve(
  { refersTo }: Rule,
  value: Value | undefined,
  rows: ReadonlyMap<string, readonly Row[]>,
): Value | undefined {
  if (refersTo === undefined || value === null) return value;
  const others = rows.get(refersTo.table) ?? [];
  const at = tablesOf(newestVersion)
    .find(({ name }) => name === refersTo.table)!
    .columns.findIndex(({ name }) => name === refersTo.column);
  return others.length === 0 ? undefined : others[Number(value) % others.length]![at];
}

function rulesOf(version: number): ReadonlyMap<string, readonly Rule[]> {
  const database = databaseOf(version);
  const rules = tablesOf(version).map(({ name, columns }) => {
    const sql = String(
      database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').get(name)?.['sql'],
    ).replaceAll(/\s+/g, ' ');
    const info = new Map(
      database
        .prepare(`SELECT name, "notnull" AS must FROM pragma_table_info('${name}')`)
        .all()
        .map((row) => [row['name'], row['must'] === 0]),
    );
    const keys = database
      .prepare(`SELECT "from", "table", "to" FROM pragma_foreign_key_list('${name}')`)
      .all();
    const of = columns.map((column): Rule => {
      const check = new RegExp(`\\b${column.name} IN \\(([^)]*)\\)`).exec(sql)?.[1] ?? '';
      const key = keys.find((row) => row['from'] === column.name);
      return {
        column,
        mayBeNull: info.get(column.name) === true,
        oneOf: [...check.matchAll(/'([^']*)'/g)].map(([, word]) => word!),
        ...(key && { refersTo: { table: String(key['table']), column: String(key['to']) } }),
      };
    });
    return [name, of] as const;
  });
  database.close();
  return new Map(rules);
}

/** An empty database in memory with the schema of a version. */
function databaseOf(version: number): DatabaseSync {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  for (const migration of migrations.filter((one) => one.version <= version)) {
    for (const sql of migration.statements('BLOB')) database.exec(sql);
  }
  return database;
}
