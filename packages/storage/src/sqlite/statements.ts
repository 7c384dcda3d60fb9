// The driver: performs one step of a script on a `node:sqlite` connection, with every statement prepared once.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Step, Value } from '../script.ts';

interface Prepared {
  readonly statement: StatementSync;
  /** Which of `$1 … $n` goes to each place; binding by place is a quarter faster than by name. */
  readonly places: readonly number[];
}

/** @returns what a step asks for: a number of changed rows, a row, or rows */
export function performerOn(database: DatabaseSync): (step: Step) => unknown {
  const prepared = new Map<string, Prepared>();

  return ({ verb, sql, values }) => {
    let known = prepared.get(sql);
    if (known === undefined) prepared.set(sql, (known = prepare(database, sql)));
    const bound = known.places.map((place) => storable(values[place]));
    if (verb === 'run') return Number(known.statement.run(...bound).changes);
    return verb === 'one' ? known.statement.get(...bound) : known.statement.all(...bound);
  };
}

function prepare(database: DatabaseSync, sql: string): Prepared {
  const places: number[] = [];
  const placed = sql.replace(/\$(\d+)/g, (_, number: string) => {
    places.push(Number(number) - 1);
    return '?';
  });
  return { statement: database.prepare(placed), places };
}

/**
 * What the types promise, checked: SQLite would keep 1.5 as it is, and PostgreSQL refuse it.
 * @throws TypeError for anything that the backends would not all keep in the same way
 */
function storable(value: unknown): Value {
  if (typeof value === 'string' || value === null || value instanceof Uint8Array) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TypeError(`a ${value instanceof Date ? 'Date' : typeof value} cannot be stored as it is`);
}
