// A Redis of a test's own, which may be killed, frozen and started again; everything of it goes when the test ends.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../../sallyport/test/program/free-port.ts';

export interface OwnRedis {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** As hard as it can be: nothing is flushed, nobody is told. */
  kill(): Promise<void>;
  /** After `kill`; with what it had written to its folder. */
  start(): Promise<void>;
  /** Asks it something beside what is tested, and leaves. */
  readonly ask: <Answer>(what: (client: Redis) => Promise<Answer>) => Promise<Answer>;
}

/** For `test` and `suite`. */
export const withOwnRedis = { skip: whyNot('redis-server', '--version') };

/** For tests that need a certificate. */
export const withOpenssl = { skip: whyNot('openssl', 'version') };

/** A machine under load takes seconds to start a process; one that took longer has failed. */
const startMilliseconds = 60_000;

/**
 * @param args settings as on its command line; it keeps nothing on disk unless told
 * @param login what `ask` needs: `:password@` or `user:password@`
 */
export async function ownRedis(
  t: Pick<TestContext, 'after'>,
  args: readonly string[] = [],
  login = '',
): Promise<OwnRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-redis-'));
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...args];
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const redis: OwnRedis = {
    url,
    port,
    folder,
    kill,
    start,
    async ask(what) {
      const client = new Redis(url.replace('//', `//${login}`), {
        lazyConnect: true,
        retryStrategy: null,
        // It may still be loading, and a user of few rights may not ask.
        enableReadyCheck: false,
      }).on('error', () => {});
      try {
        await client.connect();
        return await what(client);
      } finally {
        client.disconnect();
      }
    },
  };
  t.after(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await start();
  return redis;

  async function start(): Promise<void> {
    const started = spawn('redis-server', own, { stdio: 'ignore' });
    child = started;
    for (const deadline = performance.now() + startMilliseconds; ; await wait(20)) {
      if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}`);
      try {
        await redis.ask((client) => client.ping());
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

/** Where tests must be complete, its absence is a failure. */
function whyNot(program: string, version: string): string | false {
  if (spawnSync(program, [version]).status === 0) return false;
  const why = `there is no ${program} on the PATH`;
  if (process.env['CI'] !== undefined) throw new Error(why);
  return why;
}
