// What is published works where it is installed: every package is packed, the tarballs are installed in an empty
// folder, and used there without the source condition.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { execute, fromTarballs, install, node, pack, packageNames, tsc, type Packed } from '../packed.ts';

const root = join(import.meta.dirname, '../..');
const libraries = packageNames.filter((name) => name !== 'sallyport');

test('what is published works where it is installed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-packages-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const packed = await packAndInstall(folder);

  await t.test('every package is packed, with its output and types and nothing of its workshop', () => {
    assert.deepEqual(packed.map(({ name }) => name).sort(), packageNames);
    for (const { name, files } of packed) {
      const paths = files.map(({ path }) => path);
      assert.ok(paths.includes('dist/index.js') && paths.includes('dist/index.d.ts'), `${name}: no dist`);
      const workshop = paths.filter((path) => /(^|\/)(test|\.tsbuildinfo|tsconfig.*)(\/|$)/.test(path));
      assert.deepEqual(workshop, [], name);
    }
  });

  await t.test('the linter of packages has nothing to say', async () => {
    for (const { name } of packed) {
      const { messages, pkg } = await publint({ pkgDir: join(folder, 'node_modules', name), pack: false });
      const said = messages
        .filter(({ type }) => type !== 'suggestion')
        .map((message) => formatMessage(message, pkg ?? {}, { color: false }));
      assert.deepEqual(said, [], name);
    }
  });

  await t.test('every library can be imported, and strict TypeScript finds its types', async () => {
    const lines: string[] = [];
    for (const [index, name] of libraries.entries()) {
      const code = `console.log(import.meta.resolve('${name}'), Object.keys(await import('${name}')).join())`;
      const { stdout } = await node(['--input-type=module', '--eval', code], folder);
      const [where, exported] = stdout.trim().split(' ');
      assert.match(where ?? '', /\/node_modules\/@sallyport\/[a-z-]+\/dist\/index\.js$/, name);
      assert.ok(exported, `${name} exports nothing`);
      const aliases = exported.split(',').map((one) => `${one} as _${index}_${one}`);
      lines.push(`export { ${aliases.join(', ')} } from '${name}';`);
    }
    writeFileSync(join(folder, 'consumer.ts'), `${lines.join('\n')}\n`);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024'];
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    await node([tsc, ...options, ...types, 'consumer.ts'], folder);
  });

  const sallyport = join(folder, 'node_modules/.bin/sallyport');

  await t.test('the installed command says how it is used', async () => {
    const { stdout } = await execute(sallyport, ['--help'], folder);
    assert.match(stdout, /^Usage: sallyport/m);
    assert.match(stdout, /\bserve\b/);
  });

  await t.test('the installed command plays the whole job', async () => {
    await execute(sallyport, ['demo'], folder);
  });
});

async function packAndInstall(folder: string): Promise<readonly Packed[]> {
  const packed = await pack(packageNames, folder);
  const manifest = { private: true, type: 'module', dependencies: fromTarballs(packed) };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  await install(folder);
  return packed;
}
