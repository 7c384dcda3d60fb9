// Everything that a store holds at one moment, as one stream of bytes.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { StorageUnavailable } from '../contract.ts';
import { copiedChunkCharacters, copyCompression, maxCopiedRowCharacters } from '../limits.ts';
import { headOf } from './format.ts';
import type { End, Head, TableEnd } from './format.ts';
import { openSource } from './places.ts';
import type { Source } from './place.ts';
import { MisfitValue, printRow, Tally } from './rows.ts';
import type { Row } from './rows.ts';
import { tablesOf } from './schema.ts';
import type { Table } from './schema.ts';

/** How many rows are done, of how many in all tables, and in which table it is. */
export type OnProgress = (progress: {
  doing: 'copying' | 'comparing';
  table: string;
  rows: number;
  of: number;
}) => void;

export interface CopiedTable extends TableEnd {
  readonly name: string;
}

export interface Copied {
  readonly head: Head;
  /** What each table held; `digest` is equal exactly when two tables hold the same rows, in any order and backend. */
  readonly tables: readonly CopiedTable[];
}

export interface CopyOutOptions {
  /** Of the program that calls. */
  readonly program: string;
  /** Epoch seconds. */
  readonly now: number;
  /** Any JSON that shall lie beside the rows; asked for once the moment is fixed that the copy shows. */
  readonly secrets?: () => Promise<unknown>;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * Copies out of a store that may be in use. Nothing in it is changed, not even its schema.
 * @param url as for `openStorage`, with an absolute path
 * @throws StorageUnavailable, or the error of `destination`, which is destroyed then
 */
export async function copyOut(url: string, destination: Writable, options: CopyOutOptions): Promise<Copied> {
  const source = await openSource(url);
  try {
    const secrets = await options.secrets?.();
    const tables = [];
    for (const table of tablesOf(source.version)) {
      tables.push({ ...table, rows: await source.count(table) });
    }
    const { program, now } = options;
    const { backend, version: schema } = source;
    const about = { schema, program, made_at: now, backend, secrets: secrets !== undefined };
    const head = headOf(about, tables);
    const copied: CopiedTable[] = [];
    const lines = printLines(source, { head, tables, secrets, copied, onProgress: options.onProgress });
    const zipped = createGzip({ level: copyCompression });
    const { signal } = options;
    await pipeline(Readable.from(inChunks(lines)), zipped, destination, { ...(signal && { signal }) });
    return { head, tables: copied };
  } finally {
    await source.close();
  }
}

interface Printing {
  readonly head: Head;
  readonly tables: readonly Table[];
  readonly secrets: unknown;
  readonly copied: CopiedTable[];
  readonly onProgress: OnProgress | undefined;
}

async function* printLines(source: Source, printing: Printing): AsyncGenerator<string> {
  const { head, tables, secrets, copied, onProgress } = printing;
  const of = head.tables.reduce((sum, { rows }) => sum + rows, 0);
  yield JSON.stringify(head);
  if (secrets !== undefined) yield JSON.stringify({ secrets });
  let rows = 0;
  for (const table of tables) {
    const tally = new Tally();
    yield JSON.stringify({ table: table.name });
    for await (const some of source.rows(table)) {
      for (const row of some) {
        const line = printed(row, table);
        tally.add(line);
        yield line;
      }
      onProgress?.({ doing: 'copying', table: table.name, rows: (rows += some.length), of });
    }
    const end: TableEnd = { rows: tally.count, digest: tally.digest };
    yield JSON.stringify(end);
    copied.push({ name: table.name, ...end });
  }
}

/** @throws StorageUnavailable for what could not be read back from the copy */
function printed(row: Row, table: Table): string {
  try {
    const line = printRow(row, table);
    if (line.length <= maxCopiedRowCharacters) return line;
    throw new MisfitValue(`a row of ${table.name} is longer than any that Sallyport writes`);
  } catch (error) {
    if (!(error instanceof MisfitValue)) throw error;
    throw new StorageUnavailable(
      `The database cannot be copied: ${error.message}. Something else has written that; correct it by hand.`,
      { cause: error },
    );
  }
}

/** Some lines together, since a stream costs more than a line; and the end, with the digest of all. */
async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  const digest = createHash('sha256');
  let text = '';
  const take = (): Buffer => {
    const chunk = Buffer.from(text);
    digest.update(chunk);
    text = '';
    return chunk;
  };
  for await (const line of lines) {
    text += `${line}\n`;
    if (text.length >= copiedChunkCharacters) yield take();
  }
  yield take();
  const end: End = { sha256: digest.digest('base64url') };
  yield Buffer.from(`${JSON.stringify(end)}\n`);
}
