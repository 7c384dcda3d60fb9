// What a copy needs of a backend: one transaction that sees one moment, to read from or to fill.

import type { Script } from '../script.ts';
import type { Row } from './rows.ts';
import type { Table } from './schema.ts';

/** A store as it was at one moment, whatever others write meanwhile. */
export interface Source {
  readonly backend: 'sqlite' | 'postgres';
  /** Version of its schema, which may be an older one. */
  readonly version: number;
  readonly count: (table: Table) => Promise<number>;
  /** All rows, some at a time. */
  readonly rows: (table: Table) => AsyncIterable<readonly Row[]>;
  readonly close: () => Promise<void>;
}

/** A store that is being filled; nothing of it is there for others until `commit`. */
export interface Target extends Pick<Source, 'count' | 'rows'> {
  /** Makes the empty schema of this version, in place of the one that is there. */
  readonly begin: (version: number) => Promise<void>;
  readonly insert: (table: Table, rows: readonly Row[]) => Promise<void>;
  /** Brings the schema up to this program's version. */
  readonly migrate: () => Promise<void>;
  readonly play: <Answer>(script: Script<Answer>) => Promise<Answer>;
  readonly commit: () => Promise<void>;
  /** Takes back what was not committed. */
  readonly close: () => Promise<void>;
}
