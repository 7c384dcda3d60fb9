// Our packages as somebody else gets them: built, packed, and installed from their tarballs.

import { execFile } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
export const tsc = join(root, 'node_modules/typescript/bin/tsc');
/** Names of all packages, in order. */
export const packageNames = globSync('packages/*/package.json', { cwd: root })
  .map((path) => (JSON.parse(readFileSync(join(root, path), 'utf8')) as { name: string }).name)
  .sort();
/** A registry that does not answer makes this fail, not wait; a busy machine takes two minutes to build a Next app. */
const commandTimeoutMilliseconds = 240_000;

export interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/**
 * Builds and packs some of our packages. Tests that run beside this one wait, so that nobody packs what is being built.
 * @param folder receives the tarballs
 */
export async function pack(names: readonly string[], folder: string): Promise<readonly Packed[]> {
  const release = await takeTurn();
  try {
    await node([tsc, '-b', ...names.map((name) => join('packages', name.replace('@sallyport/', '')))], root);
    const workspaces = names.flatMap((name) => ['--workspace', name]);
    const { stdout } = await npm(['pack', '--json', ...workspaces, '--pack-destination', folder], root);
    return Object.values(JSON.parse(stdout) as Record<string, Packed>);
  } finally {
    release();
  }
}

/** `dependencies` of a package.json that lies beside the tarballs. */
export function fromTarballs(packed: readonly Packed[]): Readonly<Record<string, string>> {
  return Object.fromEntries(packed.map(({ name, filename }) => [name, `file:${filename}`]));
}

/** Installs what the folder's package.json says. */
export async function install(folder: string): Promise<void> {
  await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder);
}

export function node(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  return execute(process.execPath, args, cwd, env);
}

function npm(args: readonly string[], cwd: string) {
  return execute('npm', args, cwd);
}

export function execute(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ stdout: string }> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...outsideEnvironment(), ...env }, timeout: commandTimeoutMilliseconds };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout });
      else reject(new Error(`${error.message}\n${stdout}${stderr}`.trim()));
    });
  });
}

/** Ours, without what an npm script or the launcher of the tests put into it. */
export function outsideEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^NODE$|^NODE_(OPTIONS|TEST|ENV)/i.test(name),
  );
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  return { ...Object.fromEntries(kept), PATH: path };
}

/** One packs at a time, across processes: a folder can be made once. Whoever died with it has left his process id. */
async function takeTurn(): Promise<() => void> {
  const turn = join(root, 'node_modules/.cache/packing');
  const holder = join(turn, 'pid');
  mkdirSync(dirname(turn), { recursive: true });
  for (;;) {
    try {
      mkdirSync(turn);
      writeFileSync(holder, String(process.pid));
      return () => rmSync(turn, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isGone(holder)) rmSync(turn, { recursive: true, force: true });
    await wait(200);
  }
}

function isGone(holder: string): boolean {
  try {
    const pid = Number(readFileSync(holder, 'utf8'));
    // Empty between being made and being written.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
