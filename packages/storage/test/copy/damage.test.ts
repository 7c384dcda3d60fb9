// A file that is not as it was written is refused as a whole, wherever the damage is, and says what is the matter.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CopyRefused } from '@sallyport/storage';
import { newestVersion } from '../../src/migrations/index.ts';
import { contentOf, copiedIn, copiedOut, livedIn, sqliteUrls } from './stores.ts';

async function aCopy(t: TestContext) {
  const newUrl = sqliteUrls(t);
  const url = await livedIn(newUrl);
  const { file } = await copiedOut(url, { secrets: async () => ({ key: 'k' }) });
  const text = gunzipSync(file).toString('utf8');
  return { newUrl, url, file, text };
}

async function refusal(to: string, file: Uint8Array, what = 'it'): Promise<CopyRefused> {
  try {
    await copiedIn(to, file);
  } catch (error) {
    assert.ok(error instanceof CopyRefused, String(error));
    assert.match(error.message, /[Nn]othing was restored\.$|nothing was restored\.$|this version knows/);
    assert.match(error.next, /\.$/);
    return error;
  }
  return assert.fail(`${what} was restored`);
}

/** The places that matter, and some others. */
function places(length: number): readonly number[] {
  const ends = Array.from({ length: 24 }, (_, at) => [at, length - 1 - at]).flat();
  return [...ends, ...Array.from({ length: 120 }, () => randomInt(length))];
}

test('a copy that was cut off anywhere is refused, and the store stays empty', async (t) => {
  const { newUrl, url, file } = await aCopy(t);
  const to = await newUrl();
  for (const length of places(file.length)) {
    const { message } = await refusal(to, file.subarray(0, length));
    assert.match(message, /ends too early|not a backup/, `${length} of ${file.length} bytes`);
  }
  await copiedIn(to, file);
  assert.deepEqual(await contentOf(to), await contentOf(url));
});

test('a copy with a changed byte is refused, unless nothing that it says was changed', async (t) => {
  const { newUrl, file, text } = await aCopy(t);
  const to = await newUrl();
  let refused = 0;
  for (const at of places(file.length)) {
    const changed = Buffer.from(file);
    const bit = randomInt(8);
    changed[at] = (changed[at] ?? 0) ^ (1 << bit);
    // Bytes 3 to 9 of a gzip are notes about the file that was compressed.
    if (isSame(changed, text)) continue;
    await refusal(to, changed, `with bit ${bit} of byte ${at} changed, it`);
    refused += 1;
  }
  assert.ok(refused > 100, `only ${refused} were refused`);
});

test('a copy whose text was changed is refused, also where every number in it still fits', async (t) => {
  const { newUrl, text } = await aCopy(t);
  const to = await newUrl();
  const changes: readonly [string, (text: string) => string, RegExp][] = [
    [
      'a row changed',
      (it) => it.replace('user-1@example.com', 'user-2@example.com'),
      /the rows of the table users are others/,
    ],
    ['a row twice', (it) => it.replace(/^\["item-1".*\n/m, '$&$&'), /the rows of the table items are others/],
    ['a row less', (it) => it.replace(/^\["item-1".*\n/m, ''), /the rows of the table items are others/],
    [
      'another order of tables',
      (it) => it.replace(/(\{"table":"items"\})([^]*)(\{"table":"tags"\})/, '$3$2$1'),
      /the table \w+ is missing/,
    ],
    [
      'the end of another',
      (it) => it.replace(/\{"sha256":"."/, '{"sha256":"_"').replace(/("sha256":")./, '$1~'),
      /its digest is another one/,
    ],
    ['secrets changed', (it) => it.replace('{"key":"k"}', '{"key":"j"}'), /its digest is another one/],
    ['secrets taken out', (it) => it.replace(/\{"secrets":\{.*\n/, ''), /its secrets are missing/],
    ['something behind its end', (it) => `${it}["more"]\n`, /something stands behind its end/],
    ['no line break at its end', (it) => it.trimEnd(), /ends too early/],
    ['columns of another schema', (it) => it.replace('"email",', ''), /its tables are not those of schema/],
    ['a table less', (it) => it.replace(/\{"name":"tags"[^}]*\},/, ''), /its tables are not those of schema/],
    ['a number of rows that is none', (it) => it.replace('"rows":1', '"rows":"1"'), /no numbers of rows/],
    [
      'a schema that never was',
      (it) => it.replace(`"schema":${newestVersion}`, '"schema":-1'),
      /its head is unreadable/,
    ],
    [
      'a row that is no JSON',
      (it) => it.replace('["item-1"', '["item-1'),
      /a row of the table items is unreadable/,
    ],
    [
      'a value of another kind',
      (it) => it.replace('["item-1"', '[1'),
      /a row of the table items is unreadable/,
    ],
    [
      'a value more',
      (it) => it.replace('["item-1"', '["item-1",null'),
      /a row of the table items is unreadable/,
    ],
    [
      'another program',
      (it) => it.replace('"sallyport":"backup"', '"other":"backup"'),
      /not a backup of Sallyport/,
    ],
  ];
  for (const [what, change, message] of changes) {
    const changed = change(text);
    assert.notEqual(changed, text, what);
    assert.match((await refusal(to, gzipSync(changed))).message, message, what);
  }
});

test('what is no copy at all is refused', async (t) => {
  const to = await sqliteUrls(t)();
  for (const file of ['', 'notes', '{"sallyport":"backup"}\n', '\x1f\x8b', 'x'.repeat(100_000)]) {
    assert.match(
      (await refusal(to, Buffer.from(file))).message,
      /not a backup of Sallyport/,
      file.slice(0, 30),
    );
  }
  for (const text of ['', '\n', 'notes', 'notes\n', 'null\n', '[]\n', '{}\n']) {
    assert.match(
      (await refusal(to, gzipSync(text))).message,
      /not a backup of Sallyport|ends too early/,
      text,
    );
  }
});

test('bytes behind the gzip, and a second copy behind the first, are refused', async (t) => {
  const { newUrl, file } = await aCopy(t);
  const to = await newUrl();
  for (const more of [Buffer.from('x'), Buffer.alloc(5000), file]) {
    assert.match(
      (await refusal(to, Buffer.concat([file, more]))).message,
      /something stands behind its end|damaged|ends too early/,
    );
  }
});

test('a copy of a newer version is refused, and says which version reads it', async (t) => {
  const { newUrl, text } = await aCopy(t);
  for (const [from, to] of [
    [`"schema":${newestVersion}`, '"schema":99'],
    ['"format":1', '"format":2'],
  ] as const) {
    const { message, next } = await refusal(await newUrl(), gzipSync(text.replace(from, to)));
    assert.match(message, /made by a newer version of Sallyport/);
    assert.equal(next, 'Restore it with Sallyport 1.2.3 or newer.');
  }
});

test('a line without an end does not fill the memory', { timeout: 60_000 }, async (t) => {
  const { newUrl, text } = await aCopy(t);
  const [head = ''] = text.split('\n');
  const bomb = gzipSync(Buffer.concat([Buffer.from(`${head}\n`), Buffer.alloc(60 * 1024 * 1024, 'x')]));
  assert.match((await refusal(await newUrl(), bomb)).message, /a line that no row is as long as/);
});

test('a file that cannot be read says so in the words of the file system', async (t) => {
  const to = await sqliteUrls(t)();
  const folder = createReadStream(import.meta.dirname);
  await assert.rejects(copiedIn(to, folder), { code: 'EISDIR' });
  const nowhere = createReadStream('/nowhere/at-all');
  await assert.rejects(copiedIn(to, nowhere), { code: 'ENOENT' });
});

function isSame(file: Uint8Array, text: string): boolean {
  try {
    return gunzipSync(file).toString('utf8') === text;
  } catch {
    return false;
  }
}
