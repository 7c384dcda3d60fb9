// A PostgreSQL server of a test's own, which it may stop, start and fill: the machine's is everybody's.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../../sallyport/test/program/free-port.ts';

const programs = findPrograms();

/** For `test` and `suite`. */
export const withOwnServer = {
  skip: programs === undefined ? 'the programs of a PostgreSQL server are not installed here' : false,
};

export interface OwnServer {
  /** Of its superuser `sallyport` and the database `postgres`. */
  readonly url: string;
  /** `fast` as an administrator stops it; `immediate` as a crash does. */
  readonly stop: (how: 'fast' | 'immediate') => Promise<void>;
  /** @param settings in addition to those it was made with */
  readonly start: (settings?: Readonly<Record<string, string>>) => Promise<void>;
  /** Puts a line before all others of pg_hba.conf; it is read with the next start. */
  readonly allow: (line: string) => void;
  /** What it keeps. */
  readonly data: string;
  readonly remove: () => Promise<void>;
}

/** Started; whoever makes it removes it. */
export async function makeServer(given: Readonly<Record<string, string>> = {}): Promise<OwnServer> {
  assert.ok(programs !== undefined);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-own-postgres-'));
  const data = join(folder, 'data');
  // PostgreSQL refuses to run as root.
  const as = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (as.uid !== undefined && as.gid !== undefined) chownSync(folder, as.uid, as.gid);
  const made = ['-D', data, '-U', 'sallyport', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  execFileSync(join(programs, 'initdb'), made, { ...as, stdio: 'pipe', cwd: folder });
  const port = await freePort();
  const url = `postgres://sallyport@127.0.0.1:${port}/postgres`;
  const hba = join(data, 'pg_hba.conf');
  let child: ChildProcess | undefined;

  async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const settings = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      // Nothing here outlives the test.
      fsync: 'off',
      ...given,
      ...more,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    child = spawn(join(programs!, 'postgres'), ['-D', data, ...args], {
      ...as,
      stdio: 'ignore',
      cwd: folder,
    });
    await answering(url);
  }

  async function stop(how: 'fast' | 'immediate'): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  }

  await start();
  return {
    url,
    start,
    stop,
    data,
    allow: (line) => writeFileSync(hba, `${line}\n${readFileSync(hba, 'utf8')}`),
    async remove() {
      await stop('immediate');
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** Any answer will do, also one that lets nobody in. */
async function answering(url: string): Promise<void> {
  for (const deadline = performance.now() + 60_000; ; await wait(50)) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (/^(28|53)/.test(code)) return;
      if (performance.now() > deadline) throw error;
    }
  }
}

function findPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root)
    ? readdirSync(root)
        .map(Number)
        .sort((one, other) => other - one)
    : [];
  return versions
    .map((version) => join(root, String(version), 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

function idOf(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
}
