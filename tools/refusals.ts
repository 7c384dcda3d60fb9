// Holds the tables of refusals together: what a stranger is told, and that each row is really said somewhere.

/** One table, and the source that may refuse with it. */
export interface RefusalTable {
  /** Its file, shown in complaints. */
  readonly file: string;
  /** Reason → row, as the module exports it; a function where MCP's own words are fixed and only facts are filled in. */
  readonly rows: Readonly<Record<string, unknown>>;
  /** Text of every other source file. */
  readonly sources: readonly string[];
}

/** @returns one sentence for each fault; empty when there is none */
export function faults(tables: readonly RefusalTable[]): readonly string[] {
  return [...tables.flatMap(faultsOfTable), ...repeatedReasons(tables)];
}

function faultsOfTable({ file, rows, sources }: RefusalTable): readonly string[] {
  return Object.entries(rows).flatMap(([reason, row]) => {
    const isProduced = sources.some((text) => text.includes(`'${reason}'`));
    return [...faultsOfRow(reason, row), ...(isProduced ? [] : ['is never produced'])].map(
      (fault) => `${file}: ${reason} ${fault}`,
    );
  });
}

function faultsOfRow(reason: string, row: unknown): readonly string[] {
  const found: string[] = [];
  if (!/^[a-z]+(_[a-z]+)*$/.test(reason)) found.push('is not in snake_case');
  if (typeof row === 'function') return found;
  const { error, status, sentence } = row as Record<string, unknown>;
  if (typeof error !== 'string' || !/^[a-z]+(_[a-z]+)*$/.test(error))
    found.push('has no registered error code');
  if (typeof status !== 'number' || status < 400 || status > 599) found.push('has no status of a refusal');
  if (typeof sentence !== 'string' || !/\S\.$/.test(sentence)) found.push('does not end with a full stop');
  return found;
}

function repeatedReasons(tables: readonly RefusalTable[]): readonly string[] {
  const owners = new Map<string, string[]>();
  for (const { file, rows } of tables) {
    for (const reason of Object.keys(rows).filter((name) => typeof rows[name] !== 'function'))
      owners.set(reason, [...(owners.get(reason) ?? []), file]);
  }
  return [...owners]
    .filter(([, files]) => files.length > 1)
    .map(([reason, files]) => `${reason} is in more than one table: ${files.join(', ')}`);
}
