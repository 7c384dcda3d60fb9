// Documents that are made from the program, whole or in part. A test holds each to what it is made from; `npm run docs` runs
// those tests so that they write it instead.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * @param path from the root of the repository
 * @param made the text as it should be, from the text as it is
 * @param bare what counts of a text; its padding is the formatter's
 */
export function holdGenerated(
  path: string,
  made: (text: string) => string,
  bare: (text: string) => unknown,
): void {
  const file = join(root, path);
  const text = readFileSync(file, 'utf8');
  if (process.env['WRITE_DOCS'] === '1') writeFileSync(file, made(text));
  else assert.deepEqual(bare(text), bare(made(text)), `${path}: npm run docs writes it anew`);
}
