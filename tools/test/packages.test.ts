// What is published works where it is installed: every package is packed, the tarballs are installed in an empty
// folder, and used there without the source condition.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = join(import.meta.dirname, '../..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const names = globSync('packages/*/package.json', { cwd: root })
  .map((path) => (JSON.parse(readFileSync(join(root, path), 'utf8')) as { name: string }).name)
  .sort();
/** A registry that does not answer makes this fail, not wait. */
const commandTimeoutMilliseconds = 120_000;
const libraries = names.filter((name) => name !== 'sallyport');

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

test('what is published works where it is installed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-packages-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const packed = await packAndInstall(folder);

  await t.test('every package is packed, with its output and types and nothing of its workshop', () => {
    assert.deepEqual(packed.map(({ name }) => name).sort(), names);
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
  const folders = names.map((name) => join('packages', name.replace('@sallyport/', '')));
  await node([tsc, '-b', ...folders], root);
  const { stdout } = await npm(['pack', '--json', '--workspaces', '--pack-destination', folder], root);
  const packed = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  const dependencies = Object.fromEntries(packed.map(({ name, filename }) => [name, `file:${filename}`]));
  const manifest = JSON.stringify({ private: true, type: 'module', dependencies });
  writeFileSync(join(folder, 'package.json'), manifest);
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  return packed;
}

function node(args: readonly string[], cwd: string) {
  return execute(process.execPath, args, cwd);
}

function npm(args: readonly string[], cwd: string) {
  return execute('npm', args, cwd);
}

/** Without what an npm script or the launcher of the tests put into the environment. */
function execute(command: string, args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^NODE$|^NODE_(OPTIONS|TEST)/i.test(name),
  );
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  return new Promise((resolve, reject) => {
    const env = { ...Object.fromEntries(kept), PATH: path };
    execFile(command, args, { cwd, env, timeout: commandTimeoutMilliseconds }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout });
      else reject(new Error(`${error.message}\n${stdout}${stderr}`.trim()));
    });
  });
}
