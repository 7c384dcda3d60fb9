// The table of rooms in docs/architecture.md is law: every import and every dependency is held to it.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, test } from 'node:test';
import { findImports } from '../imports.ts';
import { differences, type Manifest, type Package, readTable } from '../rooms.ts';

const root = join(import.meta.dirname, '../..');

test('the rooms import each other as docs/architecture.md says', () => {
  const table = readTable(readFileSync(join(root, 'docs/architecture.md'), 'utf8'));
  const packages = readPackages();
  assert.ok(packages.length >= 10, 'the packages were not found');
  assert.ok(packages.flatMap(({ sources }) => sources).length >= 20, 'the sources were not found');
  assert.equal(differences(table, packages).join('\n'), '');
});

describe('the table', () => {
  const page = (rows: string) =>
    `# Title\n\n## The rooms\n\n| package | for | may import |\n|---|---|---|\n${rows}`;

  test('gives each room the rooms it may import, "all" included', () => {
    const table = readTable(page('| `low` | x | – |\n| `mid` | x | low |\n| `sallyport` | x | all |\n'));
    assert.deepEqual(
      [...table],
      [
        ['low', []],
        ['mid', ['low']],
        ['sallyport', ['low', 'mid']],
      ],
    );
  });

  test('is refused when it is not there or names a room without a row', () => {
    assert.throws(() => readTable('# Title\n\n## Flows\n\n| `low` | x | – |\n'), /has no table/);
    assert.throws(() => readTable(page('| `mid` | x | lwo |\n')), /row of mid names "lwo"/);
  });
});

describe('a difference is found', () => {
  const table = new Map([
    ['low', []],
    ['mid', ['low']],
    ['other', ['low']],
    ['sallyport', ['low', 'mid', 'other']],
  ]);

  /** The four rooms, in order, with `code` and `changes` in one of them. */
  function rooms(room: string, code: string, changes: Partial<Manifest> = {}, path = 'src/index.ts') {
    return [...table.keys()].map((name): Package => {
      const sources = name === room ? [{ path, text: code }] : [];
      const manifest: Manifest = {
        name: name === 'sallyport' ? name : `@sallyport/${name}`,
        exports: { '.': './src/index.ts' },
        ...(name === room ? changes : {}),
      };
      return { room: name, manifest, sources };
    });
  }
  const uses = (...names: string[]) => ({
    dependencies: Object.fromEntries(names.map((name) => [name, '0.1.0'])),
  });

  test('not in good code', () => {
    const code =
      "import { readFileSync } from 'node:fs';\nimport { low } from '@sallyport/low';\nimport { a } from './a.ts';\nimport { z } from 'zod';";
    assert.deepEqual(differences(table, rooms('mid', code, uses('@sallyport/low', 'zod'))), []);
  });

  const bad: readonly [string, RegExp, readonly Package[]][] = [
    [
      'a forbidden import, multi-line',
      /^low\/src\/index\.ts: import of "@sallyport\/mid": the table does not let low import mid$/,
      rooms('low', "import {\n  mid,\n  type Mid,\n} from '@sallyport/mid';"),
    ],
    [
      'a forbidden import of a type only',
      /does not let other import mid/,
      rooms('other', "import type { Mid } from '@sallyport/mid';"),
    ],
    [
      'a forbidden re-export',
      /does not let other import mid/,
      rooms('other', "export * from '@sallyport/mid';"),
    ],
    [
      'a forbidden dynamic import',
      /does not let other import mid/,
      rooms('other', "const mid = await import('@sallyport/mid');"),
    ],
    [
      'a forbidden import() type',
      /does not let other import mid/,
      rooms('other', "let m: import('@sallyport/mid').Mid;"),
    ],
    ['an import of the product', /does not let mid import sallyport/, rooms('mid', "import 'sallyport';")],
    [
      'a computed import',
      /^mid\/src\/index\.ts: import of "\(computed\) name"/,
      rooms('mid', 'await import(name);'),
    ],
    ['an unknown room', /there is no such room/, rooms('sallyport', "import { x } from '@sallyport/vualt';")],
    [
      'a path into another room',
      /leaves the src of its room/,
      rooms('mid', "import { low } from '../../low/src/index.ts';"),
    ],
    [
      'a path into its own tests',
      /leaves the src of its room/,
      rooms('mid', "import { x } from '../../test/x.ts';", {}, 'src/deep/x.ts'),
    ],
    [
      'the internals of another room',
      /goes past the exports of that room/,
      rooms('mid', "import { x } from '@sallyport/low/src/secret.ts';", uses('@sallyport/low')),
    ],
    [
      'a missing dependency',
      /import of "@sallyport\/low": not among the dependencies/,
      rooms('mid', "import { low } from '@sallyport/low';"),
    ],
    [
      'a package that only tests may use',
      /import of "fast-check": not among the dependencies/,
      rooms('mid', "import fc from 'fast-check';"),
    ],
    ['an unused dependency', /^mid: dependency zod is imported nowhere/, rooms('mid', '', uses('zod'))],
    [
      'a forbidden dependency, even unused',
      /^low: dependency @sallyport\/mid: the table does not let/,
      rooms('low', '', uses('@sallyport/mid')),
    ],
    [
      'a range instead of a version',
      /has the range "\^4\.0\.0"/,
      rooms('mid', "import { z } from 'zod';", { dependencies: { zod: '^4.0.0' } }),
    ],
    ['a built-in module without node:', /without "node:"/, rooms('mid', "import { join } from 'path';")],
    [
      'routes outside the product',
      /only sallyport has routes/,
      rooms('mid', "import { Hono } from 'hono';", uses('hono')),
    ],
    ['a wrong name', /its package\.json calls it "low"/, rooms('low', '', { name: 'low' })],
    [
      'a package without a row',
      /^extra: a package without a row/,
      [...rooms('', ''), { room: 'extra', manifest: { name: 'extra' }, sources: [] }],
    ],
    [
      'a row without a package',
      /^other: a row without a package/,
      rooms('', '').filter(({ room }) => room !== 'other'),
    ],
  ];
  for (const [what, complaint, packages] of bad) {
    test(what, () => {
      const found = differences(table, packages);
      assert.ok(
        found.some((line) => complaint.test(line)),
        found.join('\n'),
      );
    });
  }

  test('node:http in two files', () => {
    const source = (path: string) => ({ path, text: "import { createServer } from 'node:http';" });
    const [low, ...rest] = rooms('', '') as [Package, ...Package[]];
    assert.deepEqual(differences(table, [{ ...low, sources: [source('src/a.ts')] }, ...rest]), []);
    const twice = [{ ...low, sources: [source('src/a.ts'), source('src/b.ts')] }, ...rest];
    assert.deepEqual(differences(table, twice), [
      'node:http is imported in more than one file: low/src/a.ts, low/src/b.ts',
    ]);
    const types = { path: 'src/b.ts', text: "import type { IncomingMessage } from 'node:http';" };
    const typed = [{ ...low, sources: [source('src/a.ts'), types] }, ...rest];
    assert.deepEqual(differences(table, typed), []);
  });

  test('a table that goes in circles', () => {
    const circle = new Map([
      ['low', ['mid']],
      ['mid', ['low']],
    ]);
    const packages = rooms('', '').filter(({ room }) => circle.has(room));
    assert.match(differences(circle, packages).join('\n'), /^low: the table lets it import itself/m);
  });

  test("not in Hono's templates and cookies", () => {
    const code = "import { html } from 'hono/html';\nimport { serialize } from 'hono/utils/cookie';";
    assert.deepEqual(differences(table, rooms('mid', code, uses('hono'))), []);
  });
});

test('an import in a comment line is no import', () => {
  assert.deepEqual(findImports("// import 'a';\n/** import('b') */\n * import('c')\nimport 'd';"), ['d']);
});

function readPackages(): readonly Package[] {
  return globSync('packages/*/package.json', { cwd: root }).map((path) => {
    const folder = join(root, path, '..');
    const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
    const sources = globSync('src/**/*.{ts,mts,cts,js}', { cwd: folder }).map((file) => ({
      path: file.split(sep).join('/'),
      text: readFileSync(join(folder, file), 'utf8'),
    }));
    return { room: path.split(sep)[1] ?? '', manifest, sources };
  });
}
