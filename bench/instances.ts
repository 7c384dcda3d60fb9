// Several processes of the program on one database: how many code flows and refreshes a second, what each costs in CPU
// microseconds (the processes', the database's, Redis'), and how long the slowest of a hundred takes.
//
//   npm run bench:instances -- postgres://… [--ephemeral redis://…] [--processes 1,2,4] [--seconds 10]
//
// The database should be empty before; of PostgreSQL every backend of this machine is counted, so let it be idle otherwise.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../packages/sallyport/test/program/free-port.ts';
import { run, start } from '../packages/sallyport/test/program/run.ts';
import type { Running } from '../packages/sallyport/test/program/run.ts';
import { closeConnections } from './http.ts';
import { account, codeFlow, connect, refresh } from './oauth.ts';
import type { Client, Tokens } from './oauth.ts';
import type { Offered } from './servers/child.ts';

type AuthorizationServer = NonNullable<Offered['authorizationServer']>;

/** Requests under way at any time: enough to keep four processes busy. */
const inFlight = 32;
/** Before the first figure is kept: code is being compiled, connections are being made. */
const warmUpSeconds = 3;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ephemeral: { type: 'string' },
    processes: { type: 'string', default: '1,2,4' },
    seconds: { type: 'string', default: '10' },
  },
});
const [url] = positionals;
if (url === undefined) throw new Error('Name the database, for example: postgres://localhost/bench');

const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
const heads = ['processes', 'what', 'per second', 'p50 ms', 'p99 ms', 'CPU µs: program', 'database', 'Redis'];
console.log(`| ${heads.join(' | ')} |\n| ${heads.map(() => '---:').join(' | ')} |`);
try {
  for (const count of options.processes.split(',')) await measureWith(Number(count));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measureWith(count: number): Promise<void> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  const publicUrl = `http://127.0.0.1:${ports[0]}`;
  const environment = {
    SALLYPORT_DATA: folder,
    SALLYPORT_PUBLIC_URL: publicUrl,
    SALLYPORT_LISTEN_HOST: '127.0.0.1',
    SALLYPORT_STORAGE_URL: url ?? '',
    ...(options.ephemeral !== undefined && { SALLYPORT_STORAGE_EPHEMERAL: options.ephemeral }),
  };
  const servers = await Promise.all(
    ports.map(async (port) => {
      const server = start(['serve'], {
        cwd: folder,
        environment: { ...environment, SALLYPORT_LISTEN_PORT: String(port) },
      });
      await server.says(/is running at/);
      return server;
    }),
  );
  // There already, when it is not the first of these measurements.
  await run(['users', 'add', account.email, '--password', account.password], { cwd: folder, environment });
  let turn = 0;
  const server: AuthorizationServer = {
    metadata: `${publicUrl}/.well-known/oauth-authorization-server`,
    register: `${publicUrl}/oauth/register`,
    authorize: `${publicUrl}/oauth/authorize`,
    token: `${publicUrl}/oauth/token`,
    parameters: { resource: `${publicUrl}/mcp`, scope: 'read' },
    via: () => `127.0.0.1:${ports[turn++ % ports.length]}`,
  };
  try {
    const client = await connect(server);
    const chains = new Map<number, Tokens>();
    const flow = async () => void (await codeFlow(server, client));
    const renew = async (worker: number) =>
      void chains.set(worker, await refreshed(server, client, chains.get(worker)));
    await work(flow, warmUpSeconds);
    await work(renew, warmUpSeconds);
    for (const [what, operation] of [
      ['code flow', flow],
      ['refresh', renew],
    ] as const) {
      const before = costs(servers);
      const { milliseconds, seconds } = await work(operation, Number(options.seconds));
      const after = costs(servers);
      const done = milliseconds.length;
      const each = (kind: keyof Costs) => Math.round((after[kind] - before[kind]) / done);
      const at = (part: number) => (milliseconds[Math.floor(part * (done - 1))] ?? 0).toFixed(1);
      const columns = [count, what, Math.round(done / seconds), at(0.5), at(0.99)];
      console.log(`| ${[...columns, each('program'), each('postgres'), each('redis')].join(' | ')} |`);
    }
  } finally {
    closeConnections();
    for (const each of servers) each.kill('SIGTERM');
    await Promise.all(servers.map(({ ended }) => ended));
  }
}

async function refreshed(server: AuthorizationServer, client: Client, tokens?: Tokens): Promise<Tokens> {
  return tokens === undefined
    ? codeFlow(server, client)
    : refresh(server, client.client_id, tokens.refresh_token);
}

/** @returns how long each took, the quickest first */
async function work(operation: (worker: number) => Promise<void>, seconds: number) {
  const milliseconds: number[] = [];
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    Array.from({ length: inFlight }, async (_, worker) => {
      while (performance.now() < end) {
        const asked = performance.now();
        await operation(worker);
        milliseconds.push(performance.now() - asked);
      }
    }),
  );
  return {
    milliseconds: milliseconds.sort((one, other) => one - other),
    seconds: (performance.now() - began) / 1000,
  };
}

interface Costs {
  readonly program: number;
  readonly postgres: number;
  readonly redis: number;
}

/** CPU microseconds so far, user and system. */
function costs(servers: readonly Running[]): Costs {
  const program = servers.reduce((sum, { pid }) => sum + costOf(String(pid)), 0);
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const named = (name: RegExp) =>
    others.filter((pid) => name.test(nameOf(pid))).reduce((sum, pid) => sum + costOf(pid), 0);
  return { program, postgres: named(/^postgres$/), redis: named(/^redis-server$/) };
}

/** Linux counts in hundredths of a second; see proc_pid_stat(5), fields 14 and 15. */
function costOf(pid: string): number {
  const fields = statOf(pid)
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10_000;
}

function nameOf(pid: string): string {
  return /\((.*)\)/s.exec(statOf(pid))?.[1] ?? '';
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
