// Every room's refusals.ts, joined: one reason means one thing, and what a stranger reads is a sentence.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { faults, type RefusalTable } from '../refusals.ts';

const root = join(import.meta.dirname, '../..');

test('the refusals of all rooms are unique, produced and said in sentences', async () => {
  const files = globSync('packages/*/src/**/refusals.ts', { cwd: root });
  const tables = (await Promise.all(files.map(readRoom))).flat();
  assert.ok(tables.length >= 4, 'the tables were not found');
  assert.equal(faults(tables).join('\n'), '');
});

describe('a fault is found', () => {
  const good = { error: 'invalid_request', status: 400, sentence: 'The request could not be read.' };
  const table = (rows: RefusalTable['rows'], code = "throw refuse('unreadable')"): RefusalTable => ({
    file: 'refusals.ts',
    rows,
    sources: [code],
  });

  test('not in a good table', () => assert.deepEqual(faults([table({ unreadable: good })]), []));

  const bad: readonly [string, RegExp, RefusalTable['rows']][] = [
    ['a row that nothing produces', /unread is never produced/, { unread: good }],
    ['a sentence without its full stop', /full stop/, { unreadable: { ...good, sentence: 'No' } }],
    ['no sentence at all', /full stop/, { unreadable: { ...good, sentence: undefined } }],
    ['a status of success', /no status of a refusal/, { unreadable: { ...good, status: 200 } }],
    ['an error that is no code', /no registered error code/, { unreadable: { ...good, error: 'Bad' } }],
    ['a reason in another case', /is not in snake_case/, { unReadable: good }],
  ];
  for (const [what, complaint, rows] of bad) {
    test(what, () => assert.match(faults([table(rows)]).join('\n'), complaint));
  }

  test("a fixed text of MCP's that nothing produces", () => {
    assert.match(faults([table({ unread: () => ({ status: 400 }) })]).join(), /unread is never produced/);
  });

  test('one reason in two tables', () => {
    const twice = faults([table({ unreadable: good }), table({ unreadable: good })]);
    assert.deepEqual(twice, ['unreadable is in more than one table: refusals.ts, refusals.ts']);
  });
});

/** A room's table, or the parts in the folder beside it, of which it then is to have every row. */
async function readRoom(path: string): Promise<readonly RefusalTable[]> {
  const whole = await readTables(path);
  const files = globSync(join(dirname(path), 'refusals/*.ts'), { cwd: root });
  if (files.length === 0) return whole;
  const parts = (await Promise.all(files.map(readTables))).flat();
  assert.deepEqual(reasonsOf(whole), reasonsOf(parts), `${path} does not join its parts`);
  return parts;
}

function reasonsOf(tables: readonly RefusalTable[]): readonly string[] {
  return tables.flatMap(({ rows }) => Object.keys(rows)).toSorted();
}

/** Every export of the module that is a table: an object of rows, each with a sentence. */
async function readTables(path: string): Promise<readonly RefusalTable[]> {
  const others = globSync('packages/*/src/**/*.ts', { cwd: root }).filter((file) => file !== path);
  const sources = others.map((file) => readFileSync(join(root, file), 'utf8'));
  const exported = Object.values((await import(join(root, path))) as Record<string, unknown>);
  const tables = exported.filter((value) => isTable(value));
  assert.ok(tables.length > 0, `${path} exports no table`);
  return tables.map((rows) => ({ file: path, rows, sources }));
}

function isTable(value: unknown): value is RefusalTable['rows'] {
  if (typeof value !== 'object' || value === null) return false;
  const rows = Object.values(value);
  const hasSentences = rows.some((row) => typeof row === 'object' && row !== null && 'sentence' in row);
  return hasSentences || (rows.length > 0 && rows.every((row) => typeof row === 'function'));
}
