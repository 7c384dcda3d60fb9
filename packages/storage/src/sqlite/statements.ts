// The driver: performs one step of a script on a `node:sqlite` connection, with every statement prepared once.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Step, Value } from '../script.ts';
import { storable } from '../values.ts';

interface Prepared {
  readonly statement: StatementSync;
  /** How many of `$1 … $n` there are. */
  readonly parameters: number;
  readonly rowOf: (cells: Cells) => Row;
}

/** What a statement returns after `setReturnArrays`, of which its type knows nothing. */
type Cells = readonly Value[];
type Row = Record<string, Value>;

/** @returns what a step asks for: a number of changed rows, a row, or rows */
export function performerOn(database: DatabaseSync): (step: Step) => unknown {
  const prepared = new Map<string, Prepared>();

  return (step) => {
    if (step.verb === 'tell') return undefined;
    const { verb, sql } = step;
    let known = prepared.get(sql);
    if (known === undefined) prepared.set(sql, (known = prepare(database, sql)));
    const { statement, parameters, rowOf } = known;
    // SQLite would take NULL for what is missing.
    if (step.values.length !== parameters) throw new TypeError(`not ${parameters} values for: ${sql}`);
    const values = step.values.map(storable);
    if (verb === 'run' || verb === 'send') return Number(statement.run(...values).changes);
    if (verb === 'one') {
      const cells = statement.get(...values) as Cells | undefined;
      return cells && rowOf(cells);
    }
    return (statement.all(...values) as unknown as readonly Cells[]).map(rowOf);
  };
}

function prepare(database: DatabaseSync, sql: string): Prepared {
  // Numbered places are bound by place, a quarter faster than by name.
  const statement = database.prepare(sql.replaceAll(/\$(\d+)/g, '?$1'));
  statement.setReturnArrays(true);
  const parameters = Math.max(0, ...Array.from(sql.matchAll(/\$(\d+)/g), ([, number]) => Number(number)));
  return { statement, parameters, rowOf: rowMaker(statement.columns().map(({ name }) => name)) };
}

/**
 * A row by its columns. By itself node:sqlite would look up each name for every row anew, which takes as long as reading
 * the row does.
 */
function rowMaker(names: readonly string[]): Prepared['rowOf'] {
  // A copy has all its members from the start, and so keeps the one shape that is quick to make and to read.
  const blank: Row = Object.fromEntries(names.map((name) => [name, null]));
  return (cells) => {
    const row = { ...blank };
    names.forEach((name, place) => {
      row[name] = cells[place] ?? null;
    });
    return row;
  };
}
