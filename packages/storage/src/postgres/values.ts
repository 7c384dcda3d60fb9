// What goes to PostgreSQL and what comes back: the contract's types, and texts with U+0000.

import pg from 'pg';
import { storable } from '../values.ts';

// PostgreSQL's text cannot hold U+0000. It and U+0001 are kept as two characters each, so that no two texts become one
// and their order stays: U+0000 as U+0001 U+0001, U+0001 as U+0001 U+0002.
const needsEscape = /[\0\u0001]/;
const toEscape = /[\0\u0001]/g;
const escaped = /\u0001[\u0001\u0002]/g;

function keptText(text: string): string {
  if (!needsEscape.test(text)) return text;
  return text.replace(toEscape, (character) => (character === '\0' ? '\u0001\u0001' : '\u0001\u0002'));
}

function textOf(kept: string): string {
  if (!kept.includes('\u0001')) return kept;
  return kept.replace(escaped, (pair) => (pair === '\u0001\u0001' ? '\0' : '\u0001'));
}

/** As it is sent: text, or bytes as they are. */
export type Parameter = string | Buffer | null;

/** @throws TypeError for anything that the backends would not all keep in the same way */
export function parameter(value: unknown): Parameter {
  const kept = storable(value);
  if (typeof kept === 'string') return keptText(kept);
  if (typeof kept === 'number') return String(kept);
  return kept && Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength);
}

const { INT8, INT4, INT2, TEXT, BYTEA, BOOL } = pg.types.builtins;

const read: Readonly<Record<number, (text: string) => unknown>> = {
  [INT8]: safeInteger,
  [INT4]: Number,
  [INT2]: Number,
  [TEXT]: textOf,
  [BOOL]: (text) => text === 't',
  // `\x` and hexadecimal digits.
  [BYTEA]: (text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex')),
};

const asItIs = (text: string): unknown => text;

/** @param oid of the column's type */
export function readerOf(oid: number): (text: string) => unknown {
  return read[oid] ?? asItIs;
}

/** For pg's own queries. */
export const columnTypes = { getTypeParser: readerOf };

function safeInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError('PostgreSQL answered with a number beyond 2^53.');
  return number;
}
