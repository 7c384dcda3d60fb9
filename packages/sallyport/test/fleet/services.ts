// A PostgreSQL and a Redis of our own, which may be killed: the machine's are everybody's.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../program/free-port.ts';

export interface Service {
  readonly url: string;
  /** As hard as it can be: nothing is flushed, nobody is told. */
  readonly kill: () => Promise<void>;
  readonly restart: () => Promise<void>;
  /** Kills it and forgets what it kept. */
  readonly remove: () => Promise<void>;
}

/** A service that has not started by then never will. */
const START_MILLISECONDS = 60_000;

/** @returns the folder of PostgreSQL's programs; undefined when it is not installed */
export function postgresPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root)
    ? readdirSync(root).sort((one, other) => Number(other) - Number(one))
    : [];
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

/**
 * A new cluster, as durable as PostgreSQL is by default.
 * @param programs as `postgresPrograms` says
 */
export async function startPostgres(programs: string): Promise<Service> {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'sallyport-postgres-'));
  // PostgreSQL refuses to run as root.
  const as = process.getuid?.() === 0 ? { uid: idOf('postgres', '-u'), gid: idOf('postgres', '-g') } : {};
  if (as.uid !== undefined) chownSync(data, as.uid, as.gid);
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'sallyport', '-A', 'trust', '-E', 'UTF8', '--no-locale'],
    { ...as, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', data];
  const serve = () => spawn(join(programs, 'postgres'), args, { ...as, stdio: 'ignore' });
  const isUp = () =>
    spawnSync(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).status === 0;
  return serviceOf(`postgres://sallyport@127.0.0.1:${port}/postgres`, data, serve, isUp);
}

export async function startRedis(): Promise<Service> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-redis-'));
  const settings = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...settings];
  const serve = () => spawn('redis-server', args, { stdio: 'ignore' });
  const isUp = () =>
    spawnSync('redis-cli', ['-p', String(port), 'ping'])
      .stdout.toString()
      .includes('PONG');
  return serviceOf(`redis://127.0.0.1:${port}`, folder, serve, isUp);
}

async function serviceOf(
  url: string,
  folder: string,
  serve: () => ChildProcess,
  isUp: () => boolean,
): Promise<Service> {
  let child = await begin();
  return {
    url,
    kill,
    async restart() {
      child = await begin();
    },
    async remove() {
      await kill();
      // What served the connections of a killed PostgreSQL ends a moment after it.
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async function begin(): Promise<ChildProcess> {
    // A PostgreSQL whose first process was killed takes a moment to let go of its files.
    for (const deadline = performance.now() + START_MILLISECONDS; performance.now() < deadline;) {
      const started = serve();
      while (started.exitCode === null && performance.now() < deadline) {
        if (isUp()) return started;
        await wait(50);
      }
      await wait(200);
    }
    throw new Error(`${url} did not start`);
  }
}

function idOf(user: string, which: '-u' | '-g'): number {
  return Number(spawnSync('id', [which, user], { encoding: 'utf8' }).stdout);
}
