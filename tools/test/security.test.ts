// docs/security.md is held to the code: every attack names a test that there is, and no section of RFC 9700 is left out.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const page = 'docs/security.md';

interface Row {
  readonly attack: string;
  readonly stoppedBy: readonly Link[];
  readonly triedBy: readonly Link[];
}

interface Link {
  readonly text: string;
  readonly path: string;
}

/** The rows of every table that has an attack in its first column. */
function rowsOf(markdown: string): readonly Row[] {
  return markdown
    .split(/^## /m)
    .filter((section) => /^\| Attack\s*\|/m.test(section))
    .flatMap((section) => [...section.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)].slice(1))
    .filter(([, attack = '']) => !/^-+$/.test(attack))
    .map(([, attack = '', stopped = '', tried = '']) => ({
      attack,
      stoppedBy: linksIn(stopped),
      triedBy: linksIn(tried),
    }));
}

const linksIn = (cell: string): readonly Link[] =>
  [...cell.matchAll(/\[((?:[^\]\\]|\\.)+)\]\(([^)\s]+)\)/g)].map(([, text = '', target = '']) => ({
    text: text.replaceAll('\\', ''),
    path: normalize(join(dirname(page), target)),
  }));

/** Names of tests and suites in a file, as they stand there: `${name}` included. */
function namesIn(path: string): ReadonlySet<string> {
  const source = readFileSync(join(root, path), 'utf8');
  const calls = source.matchAll(/\b(?:test|it|suite|describe)\(\s*(['"`])((?:\\.|(?!\1).)+)\1/gs);
  return new Set([...calls].map(([, , name = '']) => name.replaceAll(/\\(.)/g, '$1')));
}

const rows = rowsOf(readFileSync(join(root, page), 'utf8'));

describe(page, () => {
  test('has every attack of RFC 9700 §4, once', () => {
    const sections = rows.flatMap(({ attack }) => /^4\.\d+/.exec(attack) ?? []);
    assert.deepEqual(
      sections,
      Array.from({ length: 17 }, (_, index) => `4.${index + 1}`),
    );
  });

  test('names for each attack where it is stopped, and a test that there is', () => {
    assert.ok(rows.length > 30, 'the tables were not found');
    const faults = rows.flatMap(({ attack, stoppedBy, triedBy }) => [
      ...(stoppedBy.some(({ path }) => path.startsWith('packages/') && path.includes('/src/'))
        ? []
        : [`${attack}: no place in the code`]),
      ...(triedBy.length > 0 ? [] : [`${attack}: no test`]),
      ...triedBy
        .filter(({ text, path }) => !path.endsWith('.test.ts') || !namesIn(path).has(text))
        .map(({ text, path }) => `${attack}: ${path} has no test "${text}"`),
    ]);
    assert.deepEqual(faults, []);
  });
});

test('a row is read with its links, whatever stands in them', () => {
  const [row] = rowsOf(
    '## A\n\n| Attack | Where | By |\n| --- | --- | --- |\n| 4.1 X | y [a.ts](../packages/a/src/a.ts) | [says `${b}`, c](../packages/a/test/a.test.ts)<br>[d](e.test.ts) |\n',
  );
  assert.deepEqual(row, {
    attack: '4.1 X',
    stoppedBy: [{ text: 'a.ts', path: 'packages/a/src/a.ts' }],
    triedBy: [
      { text: 'says `${b}`, c', path: 'packages/a/test/a.test.ts' },
      { text: 'd', path: 'docs/e.test.ts' },
    ],
  });
});
