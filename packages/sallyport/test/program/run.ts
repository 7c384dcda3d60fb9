// The program as a person runs it: a process of its own, in a folder of its own, without our environment.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  /** What it has written so far. */
  readonly output: () => Ended;
  /** Resolves when stdout or stderr has what is looked for; rejects when the process ends before. */
  readonly says: (what: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

export interface How {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-program-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function start(args: readonly string[], how: How): Running {
  return startNode(['--conditions=@sallyport/source', main, ...args], how);
}

/** Any program of Node's, with its options before it. */
export function startNode(args: readonly string[], { cwd, environment = {}, input = '' }: How): Running {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }), ...environment },
    stdio: 'pipe',
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    for (const listener of listeners) listener();
  });
  // A command that ends without reading its input closes the pipe.
  child.stdin.on('error', () => undefined).end(input);
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return {
    pid: child.pid ?? 0,
    output: () => ({ code: child.exitCode, stdout, stderr }),
    says: (what) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = what.exec(stdout) ?? what.exec(stderr);
          if (found === null) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
        void ended.then((end) => reject(new Error(`ended without ${String(what)}: ${JSON.stringify(end)}`)));
      }),
    ended,
    kill: (signal) => void child.kill(signal),
  };
}

export function run(args: readonly string[], how: How): Promise<Ended> {
  return start(args, how).ended;
}
