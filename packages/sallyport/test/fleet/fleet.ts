// Several processes of the program on one database, behind nginx, as a company runs them.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../program/free-port.ts';
import { run, start, type Running } from '../program/run.ts';
import type { Site } from '../house/browser.ts';
import { EMAIL, PASSWORD } from '../house/client.ts';
import { startNginx, type Balance, type Nginx } from './nginx.ts';

export interface Instance {
  /** This instance and no other. */
  readonly site: Site;
  readonly running: () => Running;
  /** `kill -9`. */
  readonly kill: () => Promise<void>;
  readonly restart: () => Promise<void>;
}

export interface Fleet {
  /** Through nginx: whichever instance it chooses. */
  readonly site: Site;
  readonly instances: readonly Instance[];
  /** The environment of every instance, for commands that are run beside them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Resolves when every instance says that it is ready: it serves those who have tokens, also while Redis is away. */
  readonly isReady: () => Promise<void>;
  /** Resolves when every instance reaches all that it needs, Redis too. */
  readonly isWhole: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface FleetOptions {
  /** For the secrets that all share, and for nginx; empty. */
  readonly folder: string;
  /** `storage.url`, and what else all instances have. */
  readonly environment: Readonly<Record<string, string>>;
  readonly size?: number;
  readonly balance?: Balance;
}

interface StartedInstance extends Instance {
  readonly port: number;
  /** Of nginx: leads to this instance alone. */
  readonly ownDoor: number;
}

/** A server that has not started by then never will. */
const START_MILLISECONDS = 90_000;
/** Whatever was away, every instance is ready again by then. */
const READY_MILLISECONDS = 60_000;

/** All start at once on a database that may be empty, with one account. */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { folder, size = 4, balance = 'at random' } = options;
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const environment = { SALLYPORT_DATA: folder, SALLYPORT_PUBLIC_URL: origin, ...options.environment };
  const starting = await Promise.allSettled(Array.from({ length: size }, startInstance));
  const instances = starting.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const killAll = async () => void (await Promise.all(instances.map(({ kill }) => kill())));
  for (const each of starting) {
    if (each.status === 'fulfilled') continue;
    await killAll();
    throw each.reason;
  }
  const nginx = await beginBefore(instances).catch(async (error: unknown) => {
    await killAll();
    throw error;
  });
  return {
    site: siteAt(origin, origin),
    instances,
    environment,
    isReady: () => everywhere('/ready'),
    isWhole: () => everywhere('/health'),
    async close() {
      await nginx.close();
      await killAll();
    },
  };

  async function everywhere(path: string): Promise<void> {
    await Promise.all(instances.map(({ site }) => saysSo(site, path)));
  }

  async function beginBefore(started: readonly StartedInstance[]): Promise<Nginx> {
    const added = await run(['users', 'add', EMAIL, '--password', PASSWORD], { cwd: folder, environment });
    assert.equal(added.code, 0, added.stderr);
    return startNginx({ folder: `${folder}/nginx`, port, balance, instances: started });
  }

  async function startInstance(): Promise<StartedInstance> {
    const ownDoor = await freePort();
    const { own, first } = await serveAnywhere();
    let running = first;
    return {
      port: own,
      ownDoor,
      site: siteAt(origin, `http://127.0.0.1:${ownDoor}`),
      running: () => running,
      async kill() {
        running.kill('SIGKILL');
        await running.ended;
      },
      async restart() {
        running = await serve(own);
      },
    };
  }

  /** Somebody may take a port between its choice and its use. */
  async function serveAnywhere(): Promise<{ own: number; first: Running }> {
    for (let attempts = 5; ; attempts -= 1) {
      const own = await freePort();
      try {
        return { own, first: await serve(own) };
      } catch (error) {
        if (attempts === 1 || !String(error).includes('already in use')) throw error;
      }
    }
  }

  async function serve(own: number): Promise<Running> {
    const server = start(['serve'], {
      cwd: folder,
      environment: { ...environment, SALLYPORT_LISTEN_PORT: String(own) },
    });
    const giveUp = setTimeout(() => {
      server.kill('SIGKILL');
    }, START_MILLISECONDS);
    await server.says(/is running at/);
    clearTimeout(giveUp);
    return server;
  }
}

/** @param address where the requests go, whatever the site is called */
function siteAt(origin: string, address: string): Site {
  return {
    origin,
    ask(path, init) {
      const { pathname, search } = new URL(path, origin);
      return fetch(`${address}${pathname}${search}`, { redirect: 'manual', ...init });
    },
  };
}

async function saysSo(site: Site, path: string): Promise<void> {
  const deadline = performance.now() + READY_MILLISECONDS;
  let last = 'no answer';
  while (performance.now() < deadline) {
    try {
      const response = await site.ask(path);
      last = `${response.status} ${await response.text()}`;
      if (response.status === 200) return;
    } catch (error) {
      last = String(error);
    }
    await wait(50);
  }
  assert.fail(`an instance is not there again: ${path} says ${last}`);
}
