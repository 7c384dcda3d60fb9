// Builds the image without an engine: the same files, the same commands in the same order, into a folder that is its
// root. What the base images would bring comes from this machine: Node itself, and the libraries that it is linked to.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { all, execForm, readDockerfile, readPairs, type Stage } from './dockerfile.ts';

export const repository = join(import.meta.dirname, '../../../..');
const run = promisify(execFile);
/** A registry that does not answer makes this fail, not wait. */
const commandTimeoutMilliseconds = 120_000;

export interface Image {
  /** The folder that is its `/`. */
  readonly root: string;
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  /** What it takes from the base image: names of shared libraries. */
  readonly libraries: readonly string[];
}

export function readStages(): { build: Stage; final: Stage } {
  const [build, final, ...more] = readDockerfile(readFileSync(join(repository, 'deploy/Dockerfile'), 'utf8'));
  assert.ok(build !== undefined && final !== undefined && more.length === 0, 'two stages');
  return { build, final };
}

/** @param folder empty; must outlive the image */
export async function buildImage(folder: string): Promise<Image> {
  const { build, final } = readStages();
  const context = join(folder, 'context');
  copyContext(repository, context, readIgnored());
  const built = join(folder, 'build');
  await runStage(build, built, context);
  const root = join(folder, 'root');
  assemble(final, root, built);
  const libraries = await bringLibraries(root);
  for (const path of ['proc', 'dev']) mkdirSync(join(root, path));
  return {
    root,
    user: last(final, 'USER'),
    environment: Object.assign({}, ...all(final, 'ENV').map(readPairs)) as Record<string, string>,
    workdir: last(final, 'WORKDIR'),
    entrypoint: execForm(last(final, 'ENTRYPOINT')),
    command: execForm(last(final, 'CMD')),
    healthcheck: execForm(last(final, 'HEALTHCHECK')),
    libraries,
  };
}

function last(stage: Stage, word: string): string {
  const found = all(stage, word).at(-1);
  assert.ok(found !== undefined, `no ${word}`);
  return found;
}

/** Rules of .dockerignore, in order; the last one that matches a path or a folder above it decides. */
type Ignored = readonly { readonly pattern: RegExp; readonly isException: boolean }[];

export function readIgnored(): Ignored {
  return readFileSync(join(repository, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ pattern: patternOf(line.replace(/^!/, '')), isException: line.startsWith('!') }));
}

/** As Docker reads it: `*` matches hidden files too. */
function patternOf(glob: string): RegExp {
  const escaped = glob.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `^${escaped.replaceAll('**/', '\0').replaceAll('*', '[^/]*').replaceAll('\0', '(?:.*/)?')}$`,
  );
}

export function isIgnored(path: string, rules: Ignored): boolean {
  const steps = path.split('/');
  const above = steps.map((_, index) => steps.slice(0, index + 1).join('/'));
  const rule = rules.findLast(({ pattern }) => above.some((one) => pattern.test(one)));
  return rule !== undefined && !rule.isException;
}

function copyContext(from: string, to: string, rules: Ignored): void {
  for (const name of readdirSync(from).filter((one) => !isIgnored(one, rules))) {
    cpSync(join(from, name), join(to, name), {
      recursive: true,
      filter: (source) => !isIgnored(source.slice(from.length + 1), rules),
    });
  }
}

async function runStage(stage: Stage, root: string, context: string): Promise<void> {
  let cwd = root;
  for (const { word, rest } of stage.instructions) {
    if (word === 'WORKDIR') {
      cwd = join(root, rest);
      mkdirSync(cwd, { recursive: true });
    } else if (word === 'COPY') {
      const paths = rest.split(/\s+/);
      copy(
        paths.slice(0, -1).map((path) => join(context, path)),
        join(cwd, paths.at(-1) ?? ''),
        rest.endsWith('/'),
      );
    } else {
      assert.equal(word, 'RUN');
      await run('sh', ['-ec', rest], {
        cwd,
        env: environmentOfBuild(),
        timeout: commandTimeoutMilliseconds,
      });
    }
  }
}

/** Without what an npm script or the launcher of the tests put into the environment. */
function environmentOfBuild(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^NODE$|^NODE_(OPTIONS|TEST)/i.test(name),
  );
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  return { ...Object.fromEntries(kept), PATH: path };
}

/** What a folder holds, or a file under the name of the target, or in it. */
function copy(sources: readonly string[], target: string, isFolder: boolean): void {
  for (const source of sources) {
    const to = isFolder && statSync(source).isFile() ? join(target, basename(source)) : target;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(source, to, { recursive: true, verbatimSymlinks: true });
  }
}

function assemble(stage: Stage, root: string, built: string): void {
  for (const { word, flags, rest } of stage.instructions) {
    if (word === 'WORKDIR') mkdirSync(join(root, rest), { recursive: true });
    if (word !== 'COPY') continue;
    assert.equal(flags['from'], 'build');
    const [source = '', target = ''] = rest.split(/\s+/);
    // The image of Node has it where this machine may not.
    const from = source === '/usr/local/bin/node' ? process.execPath : join(built, source);
    copy([from], join(root, target), false);
    const [uid, gid] = (flags['chown'] ?? '').split(':').map(Number);
    if (flags['chown'] !== undefined && process.getuid?.() === 0) {
      chownSync(join(root, target), uid ?? 0, gid ?? 0);
    }
  }
}

async function bringLibraries(root: string): Promise<readonly string[]> {
  const linked = [join(root, 'usr/local/bin/node'), ...globSync(join(root, 'app/node_modules/**/*.node'))];
  const names = new Set<string>();
  for (const file of linked) {
    // One for another C library is there too, and never loaded.
    const { stdout } = await run('ldd', [file]).catch(() => ({ stdout: '' }));
    for (const [, path = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) {
      names.add(basename(path));
      if (!existsSync(join(root, path))) copy([realpathSync(path)], join(root, path), false);
    }
  }
  return [...names].sort();
}
