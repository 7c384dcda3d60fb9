// A Next.js app of examples/, somewhere else: installed with our packages from their tarballs, built, and started.

import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../packages/sallyport/test/program/free-port.ts';
import { execute, fromTarballs, install, node, outsideEnvironment, pack } from './packed.ts';

const root = join(import.meta.dirname, '..');
/** What @sallyport/resource-server is made of. */
const ours = ['@sallyport/crypto', '@sallyport/protocol', '@sallyport/resource-server'];
const startSeconds = 200;
const quiet = { NEXT_TELEMETRY_DISABLED: '1' };

export interface Running {
  readonly url: string;
  /** What it has printed so far. */
  log(): string;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Whether packages can be had; asked of npm, so that it is the registry that npm would use. */
export async function registryAnswers(): Promise<boolean> {
  return execute('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000'], tmpdir()).then(
    () => true,
    () => false,
  );
}

/**
 * @param from the app's folder, from the root of the repository
 * @returns a copy of it in an empty folder, where nothing is installed yet
 */
export function copyApp(from: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-next-'));
  const filter = (path: string): boolean => !/node_modules|\.next$/.test(path);
  cpSync(join(root, from), folder, { recursive: true, filter });
  return folder;
}

/** Packs what `npm install @sallyport/resource-server` brings along. @returns what to give to npm in its place */
export async function packGuard(folder: string): Promise<readonly string[]> {
  const packed = await pack(ours, folder);
  return Object.values(fromTarballs(packed));
}

/** Installs what the copy of an example asks for. */
export async function installExample(folder: string): Promise<void> {
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { dependencies: Record<string, string> };
  const dependencies = { ...manifest.dependencies, ...fromTarballs(await pack(ours, folder)) };
  writeFileSync(path, JSON.stringify({ ...manifest, dependencies }));
  await install(folder);
}

/** @param env what is there while it is built */
export async function buildNext(folder: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  await node([nextOf(folder), 'build'], folder, { ...quiet, ...env });
}

/**
 * @param how what was built, or, without building it, as its developer does
 * @param env gets where it is, as PUBLIC_URL and as Vercel would say it
 */
export async function startNext(
  folder: string,
  env: Readonly<Record<string, string>>,
  how: 'start' | 'dev' = 'start',
): Promise<Running> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const where = { PUBLIC_URL: url, VERCEL_URL: `localhost:${port}` };
  const args = [nextOf(folder), how, '--port', String(port), '--hostname', 'localhost'];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...outsideEnvironment(), ...quiet, ...where, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: its workers outlive it otherwise.
    detached: true,
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endGroup = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch (error) {
      // All of them have ended.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const stop = async (): Promise<void> => {
    endGroup('SIGTERM');
    await ended;
    endGroup('SIGKILL');
  };
  const document = `${url}/.well-known/oauth-protected-resource`;
  for (const deadline = Date.now() + startSeconds * 1000; ; await wait(100)) {
    if (
      await fetch(document).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    if (Date.now() < deadline && child.exitCode === null) continue;
    await stop();
    throw new Error(`The app did not start.\n${printed}`);
  }
  return { url, log: () => printed, stop };
}

const nextOf = (folder: string): string => join(folder, 'node_modules/next/dist/bin/next');
