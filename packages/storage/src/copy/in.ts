// A copy put into an empty store: in one transaction, and only after every row was read back from it.

import type { Readable } from 'node:stream';
import type { SigningKey } from '../contract.ts';
import { copiedRowsAtOnce } from '../limits.ts';
import { listSigningKeys } from '../operations/keys.ts';
import { agreeOnTables, memberOf, readHead } from './format.ts';
import type { Head } from './format.ts';
import { readLines } from './lines.ts';
import type { Lines } from './lines.ts';
import type { Copied, CopiedTable, OnProgress } from './out.ts';
import { openTarget } from './places.ts';
import type { Target } from './place.ts';
import { altered } from './refused.ts';
import { revokeAll } from './revoke-all.ts';
import { printRow, readRow, Tally } from './rows.ts';
import type { Row } from './rows.ts';
import { tablesOf } from './schema.ts';
import type { Table } from './schema.ts';

export interface CopyInOptions {
  /** Judges the secrets of the file before any row is read; undefined when it has none. May throw. */
  readonly judgeSecrets: (secrets: unknown) => Promise<void>;
  /** The last before the rows are there for everybody: the secrets must be in place after it. May throw. */
  readonly placeSecrets: (secrets: unknown, keys: readonly SigningKey[]) => Promise<void>;
  /** When given (epoch seconds): everybody has to sign in and to agree again. */
  readonly revokeAllAt?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * Copies into a store that is empty or not there yet: everything, or nothing when this throws.
 * @param url as for `openStorage`, with an absolute path
 * @throws CopyRefused when the file is damaged or the store is not empty; StorageUnavailable; what the options throw
 */
export async function copyIn(url: string, file: Readable, options: CopyInOptions): Promise<Copied> {
  const lines = readLines(file);
  let target: Target | undefined;
  try {
    const head = readHead(await lines.next('in its head'));
    const tables = tablesOf(head.schema);
    agreeOnTables(head, tables);
    const secrets = head.secrets ? await readSecrets(lines) : undefined;
    await options.judgeSecrets(secrets);

    target = await openTarget(url);
    await target.begin(head.schema);
    const copied = await fill(target, { head, tables, lines, options });
    await readEnd(lines);
    await compare(target, tables, copied, options);
    await target.migrate();
    if (options.revokeAllAt !== undefined) await target.play(revokeAll(options.revokeAllAt));
    await options.placeSecrets(secrets, await target.play(listSigningKeys()));
    options.signal?.throwIfAborted();
    await target.commit();
    return { head, tables: copied };
  } finally {
    lines.close();
    await target?.close();
  }
}

async function readSecrets(lines: Lines): Promise<unknown> {
  const secrets = memberOf(await lines.next('before its secrets'), 'secrets');
  if (secrets === undefined) throw altered('its secrets are missing');
  return secrets;
}

interface Filling {
  readonly head: Head;
  readonly tables: readonly Table[];
  readonly lines: Lines;
  readonly options: CopyInOptions;
}

async function fill(target: Target, filling: Filling): Promise<readonly CopiedTable[]> {
  const { head, tables, lines, options } = filling;
  const of = head.tables.reduce((sum, { rows }) => sum + rows, 0);
  const copied: CopiedTable[] = [];
  let done = 0;
  for (const [index, table] of tables.entries()) {
    const { name } = table;
    if (memberOf(await lines.next(`before the table ${name}`), 'table') !== name) {
      throw altered(`the table ${name} is missing`);
    }
    const tally = await fillTable(target, table, lines, (rows) => {
      options.signal?.throwIfAborted();
      options.onProgress?.({ doing: 'copying', table: name, rows: (done += rows), of });
    });
    const announced = head.tables[index]?.rows;
    if (tally.count !== announced) {
      throw altered(`the table ${name} should have ${announced} rows, and has ${tally.count}`);
    }
    copied.push({ name, rows: tally.count, digest: tally.digest });
  }
  return copied;
}

/** @returns what was counted, once the table's own end has said the same */
async function fillTable(
  target: Target,
  table: Table,
  lines: Lines,
  inserted: (rows: number) => void,
): Promise<Tally> {
  const tally = new Tally();
  const waiting: Row[] = [];
  const flush = async (): Promise<void> => {
    const rows = waiting.splice(0);
    if (rows.length > 0) await target.insert(table, rows);
    inserted(rows.length);
  };
  const where = `in the table ${table.name}`;
  let line = await lines.next(where);
  for (; line.startsWith('['); line = await lines.next(where)) {
    tally.add(line);
    waiting.push(rowOf(line, table));
    if (waiting.length >= copiedRowsAtOnce) await flush();
  }
  await flush();
  if (memberOf(line, 'rows') !== tally.count || memberOf(line, 'digest') !== tally.digest) {
    throw altered(`the rows of the table ${table.name} are others`);
  }
  return tally;
}

function rowOf(line: string, table: Table): Row {
  try {
    return readRow(line, table);
  } catch (error) {
    throw altered(`a row of the table ${table.name} is unreadable`, error);
  }
}

async function readEnd(lines: Lines): Promise<void> {
  const sha256 = memberOf(await lines.next('before its end'), 'sha256');
  if (sha256 !== lines.digestBefore()) throw altered('its digest is another one');
  if (!(await lines.isOver('at its very end'))) throw altered('something stands behind its end');
}

/** What was written is read again, so that nothing is lost in a conversion that nobody thought of. */
async function compare(
  target: Target,
  tables: readonly Table[],
  copied: readonly CopiedTable[],
  { signal, onProgress }: CopyInOptions,
): Promise<void> {
  const of = copied.reduce((sum, { rows }) => sum + rows, 0);
  let done = 0;
  for (const [index, table] of tables.entries()) {
    const tally = new Tally();
    for await (const some of target.rows(table)) {
      signal?.throwIfAborted();
      for (const row of some) tally.add(printRow(row, table));
      onProgress?.({ doing: 'comparing', table: table.name, rows: (done += some.length), of });
    }
    const { rows, digest } = copied[index] ?? { rows: 0, digest: '' };
    if (tally.count !== rows || tally.digest !== digest) {
      throw new Error(
        `the table ${table.name} does not hold what was written to it, so nothing was restored`,
      );
    }
  }
}
