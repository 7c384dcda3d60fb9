// What the documents claim is held to the code: their examples run, and their links, commands, flags, keys and paths exist.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, normalize } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { connectInstructions } from '@sallyport/pages';
import { commands } from '../../packages/sallyport/src/commands/index.ts';
import { greet } from '../../packages/sallyport/src/commands/greeting.ts';
import { configJsonSchema, loadConfig } from '../../packages/sallyport/src/config/index.ts';
import { fileVariables } from '../../packages/sallyport/src/config/given.ts';
import { variables } from '../../packages/sallyport/src/config/keys.ts';
import { ownVariables } from '../../packages/sallyport/src/config/layers.ts';
import { main } from '../../packages/sallyport/src/main.ts';
import { endpoints } from '../../packages/sallyport/src/rest/endpoints.ts';
import { type Document, readDocument, readDocuments } from '../docs.ts';

const root = join(import.meta.dirname, '../..');
const documents = readDocuments(root);
const all = documents.map(({ path }) => path);
const namedFile = /^(packages|tools|docs|bench|deploy|\.ci)\/[^*<]+(\.\w+|\/|\/run|\/(Docker|Caddy)file)$/;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

test('the documents are there', () => {
  for (const path of [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'SECURITY.md',
    'docs/architecture.md',
  ]) {
    assert.ok(all.includes(path), `${path} is missing`);
  }
});

describe('examples', () => {
  for (const { path, fences } of documents) {
    for (const [index, { language, isRun, text }] of fences.entries()) {
      const name = `${path}, example ${index + 1} (${language})`;
      if (language === 'yaml') test(`${name} is a configuration`, () => void configurationOf(text));
      if (language === 'json') test(`${name} is JSON`, () => void JSON.parse(text));
      if (language === 'sh' && isRun) test(`${name} runs`, () => runShell(text));
    }
  }
});

test('links lead to files and headings that exist', () => {
  const broken = documents.flatMap((document) =>
    document.links
      .filter((link) => !leadsSomewhere(document, link))
      .map((link) => `${document.path}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test('every command and flag exists', async () => {
  const used = documents.flatMap(({ path, spans, fences }) => {
    const shell = fences.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
    return [...spans, ...shell].flatMap((line) => callsIn(line).map((call) => ({ path, ...call })));
  });
  assert.ok(used.length >= 15, 'the commands were not found');
  const helps = new Map<string, string>();
  for (const { path, words, flags } of used) {
    const command = words.join(' ');
    if (!helps.has(command)) helps.set(command, await sallyport([...words, '--help']));
    const help = helps.get(command) ?? '';
    // The help of an unknown second word is that of the first.
    assert.match(
      help,
      new RegExp(`^Usage: sallyport ${command} `, 'm'),
      `${path}: there is no "sallyport ${command}"`,
    );
    for (const flag of flags)
      assert.ok(help.includes(flag), `${path}: "sallyport ${command}" has no ${flag}`);
  }
});

test('command-line.md has a heading for every command, and no other', () => {
  const document = documents.find(({ path }) => path === 'docs/command-line.md');
  const [, ...headings] = document?.anchors ?? [];
  assert.deepEqual(
    headings,
    commands.map(({ name }) => name),
  );
});

test('every npm script exists', () => {
  for (const { path, spans, fences } of documents) {
    const texts = [...spans, ...fences.filter(({ language }) => language === 'sh').map(({ text }) => text)];
    for (const [, run, short] of texts
      .join('\n')
      .matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(start|test)\b)/g)) {
      const script = run ?? short ?? '';
      assert.ok(manifest.scripts[script] !== undefined, `${path}: there is no npm script "${script}"`);
    }
  }
});

test('configuration.md names every key and its variable, and no other', () => {
  const rows = readFileSync(join(root, 'docs/configuration.md'), 'utf8').matchAll(
    /^\| `([^`]+)`\s*\| (?:`(\w+)`|–)\s*\|/gm,
  );
  const documented = [...rows].map(([, key, variable]) => [key, variable]);
  const variableOf = new Map(variables.map(({ path, variable }) => [path.join('.'), variable]));
  assert.deepEqual(
    documented,
    keysOf(configJsonSchema()).map((key) => [key, variableOf.get(key)]),
  );
});

test('every environment variable exists', () => {
  const keys = variables.map(({ variable }) => variable);
  const known = new Set([...keys, ...fileVariables, ...Object.values(ownVariables)]);
  for (const { path, prose } of documents) {
    for (const [name] of prose.matchAll(/\bSALLYPORT_[A-Z_]+/g)) {
      assert.ok(known.has(name), `${path}: there is no ${name}`);
    }
  }
});

test('every file that is named exists', () => {
  for (const { path, spans } of documents) {
    for (const span of spans.filter((text) => namedFile.test(text))) {
      assert.ok(existsSync(join(root, span)), `${path}: there is no ${span}`);
    }
  }
});

test('every document that the code names exists', () => {
  for (const path of globSync('{packages/*/{src,test},tools,bench}/**/*.ts', { cwd: root })) {
    const text = readFileSync(join(root, path), 'utf8');
    for (const [document] of text.matchAll(/(?<!https:\/\/\S*)\bdocs\/[\w/-]+(\.md|\b)/g)) {
      assert.ok(
        existsSync(join(root, document)) || path.startsWith('tools/'),
        `${path}: there is no ${document}`,
      );
    }
  }
});

test('records.md names every tool with its permission, method and path, and no other', () => {
  const rows = readFileSync(join(root, 'docs/records.md'), 'utf8').matchAll(
    /^\| `(\w+)`\s*\|.*\| `(\w+)`\s*\| `(\w+) (\S+)`\s*\|$/gm,
  );
  assert.deepEqual(
    [...rows].map(([, ...cells]) => cells),
    endpoints.map(({ operation, method, path }) => [operation.name, operation.scope, method, path]),
  );
});

test('connect-a-client.md says what the server prints', () => {
  const document = documents.find(({ path }) => path === 'docs/connect-a-client.md');
  const examples = (document?.fences ?? []).map(({ text }) => text.trim());
  const printed = connectInstructions({ name: 'records', url: 'http://localhost:8000/mcp' });
  for (const { command } of printed) {
    if (command !== undefined) assert.ok(examples.includes(command), `not there:\n${command}`);
  }
});

test('getting-started.md shows what the server prints when it starts', () => {
  const stdout = new PassThrough();
  const servers = [{ name: 'records', title: 'Records', url: 'http://localhost:8000/mcp' }];
  const registration = { mode: 'open' } as const;
  const greeting = {
    publicUrl: 'http://localhost:8000',
    servers,
    setupPath: '/sign-up?setup=…',
    registration,
  };
  greet(greeting, terminal(stdout));
  const document = documents.find(({ path }) => path === 'docs/getting-started.md');
  const shown = document?.fences.find(({ language }) => language === 'text')?.text ?? 'nothing';
  assert.equal(String(stdout.read()).slice(0, shown.length), shown);
});

test('troubleshooting.md quotes what people are told', async () => {
  const tables = globSync('packages/*/src/**/refusals.ts', { cwd: root });
  const modules = await Promise.all(tables.map((path) => import(join(root, path)) as Promise<object>));
  const told = JSON.stringify(modules);
  const prose = documents.find(({ path }) => path === 'docs/troubleshooting.md')?.prose ?? '';
  const quotes = [...prose.matchAll(/"([^"]+)"/g)].map(([, quote]) => quote ?? '');
  assert.ok(quotes.length >= 3, 'the quotes were not found');
  for (const quote of quotes) assert.ok(told.includes(quote), `nobody is told "${quote}"`);
});

test('providers.md names reasons that somebody may really read in the log', async () => {
  const { refusals } = (await import('../../packages/sign-in/src/refusals.ts')) as { refusals: object };
  const spans = documents.find(({ path }) => path === 'docs/providers.md')?.spans ?? [];
  const reasons = spans.filter((span) => /^(?:upstream|id_token)_\w*[a-z]$/.test(span));
  assert.ok(reasons.length >= 5, 'the reasons were not found');
  for (const reason of reasons) assert.ok(Object.hasOwn(refusals, reason), `nobody is refused for ${reason}`);
});

describe('a false claim is found', () => {
  test('in a link', () => {
    const document = readDocument(
      'docs/x.md',
      '# A b\n\n[x](nowhere.md) [y](#a-c) [z](#a-b) [w](../README.md)',
    );
    assert.deepEqual(
      document.links.filter((link) => !leadsSomewhere(document, link)),
      ['nowhere.md', '#a-c'],
    );
  });

  test('in a command', () => {
    assert.deepEqual(callsIn("echo x | sallyport users add a@b.c --name 'A' && sallyport lst"), [
      { words: ['users', 'add'], flags: ['--name'] },
      { words: ['lst'], flags: [] },
    ]);
    assert.deepEqual(callsIn('npm run -s sallyport -- users list'), [
      { words: ['users', 'list'], flags: [] },
    ]);
  });

  test('in a configuration', () => {
    assert.throws(() => configurationOf('lissten: { port: 8000 }\n'));
  });

  test('in a script', async () => {
    await assert.rejects(runShell('sallyport lst\n'), /There is no command "lst"/);
  });
});

function leadsSomewhere(from: Document, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  if (file === '') return from.anchors.includes(anchor ?? '');
  const path = normalize(join(dirname(from.path), file));
  if (anchor === undefined) return existsSync(join(root, path));
  return documents.some((document) => document.path === path && document.anchors.includes(anchor));
}

interface Call {
  /** The command and, where it has some, its subcommand. */
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/** Calls of `sallyport <command>` in a line of shell or a code span. */
function callsIn(line: string): readonly Call[] {
  return line.split(/&&|[|;>]/).flatMap((part) => {
    const call = /^\s*(?:npm run (?:-s )?sallyport --|sallyport)\s+([a-z].*)$/.exec(part);
    if (call === null) return [];
    const rest = (call[1] ?? '').split(/\s+/);
    const [command = '', sub = '', third = ''] = rest;
    const isSub = /^[a-z-]+$/.test(sub);
    const words =
      command === 'registration' && sub === 'tokens'
        ? [command, sub, third].filter((word) => word !== '')
        : /^(users|clients|keys|known-clients|providers|registration)$/.test(command) && isSub
          ? [command, sub]
          : [command];
    return [{ words, flags: rest.filter((word) => word.startsWith('--') && word !== '--help') }];
  });
}

/** The one kind of secret-like value that has a form of its own. */
const publishableKey = `pk_test_${Buffer.from('clerk.example.com$').toString('base64')}`;

function configurationOf(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-docs-'));
  try {
    writeFileSync(join(folder, 'sallyport.yaml'), text);
    // What an example takes from variables is a secret.
    const names = Array.from(text.matchAll(/\$\{(\w+)\}/g), ([, name = '']) => name);
    const valueOf = (name: string) =>
      name.endsWith('_PUBLISHABLE_KEY') ? publishableKey : randomBytes(24).toString('hex');
    const environment = Object.fromEntries(names.map((name) => [name, valueOf(name)]));
    return loadConfig({ environment, cwd: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In an empty folder, on a port of its own, with `sallyport` on the PATH; every line must succeed. */
async function runShell(script: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-docs-'));
  try {
    const command = join(folder, 'sallyport');
    const program = join(root, 'packages/sallyport/src/main.ts');
    writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    chmodSync(command, 0o755);
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
    await execute('sh', ['-e', '-c', script], {
      cwd: folder,
      env: { ...env, SALLYPORT_LISTEN_PORT: '18099' },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What it prints, in this process. */
async function sallyport(args: readonly string[]): Promise<string> {
  const stdout = new PassThrough();
  await main(args, terminal(stdout));
  return String(stdout.read());
}

function terminal(stdout: PassThrough) {
  const io = { stdin: new PassThrough(), stdout, stderr: stdout, environment: {}, cwd: tmpdir() };
  return { ...io, program: 'sallyport', now: () => 0 };
}

function execute(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...options, timeout: 200_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stdout}${stderr}`));
    });
  });
}

/**
 * Dotted paths of a JSON schema's leaves, in its order; `[]` stands for the items of a list of maps. Each once, also where
 * several shapes of one thing have it.
 */
function keysOf(schema: Record<string, unknown>, path = ''): readonly string[] {
  const { properties, items, oneOf } = schema as {
    properties?: Record<string, Record<string, unknown>>;
    items?: Record<string, unknown>;
    oneOf?: readonly Record<string, unknown>[];
  };
  if (oneOf !== undefined) return [...new Set(oneOf.flatMap((shape) => keysOf(shape, path)))];
  if (items?.['properties'] !== undefined || items?.['oneOf'] !== undefined)
    return keysOf(items, `${path}[]`);
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([key, value]) =>
    keysOf(value, path === '' ? key : `${path}.${key}`),
  );
}
