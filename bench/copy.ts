// How long a copy of a large store takes, and how much memory: out of SQLite, beside a writer too, and into it; and the
// same with PostgreSQL, when an empty schema is named.
//
//   npm run bench:copy -- [--grants 1000000] [--postgres postgres://…]

import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { parseArgs, promisify } from 'node:util';
import { copyIn, copyOut, openStorage } from '@sallyport/storage';
import { openTarget } from '../packages/storage/src/copy/places.ts';
import { tablesOf } from '../packages/storage/src/copy/schema.ts';
import { newestVersion } from '../packages/storage/src/migrations/index.ts';
import type { Value } from '../packages/storage/src/script.ts';

const now = 1_800_000_000;
const resource = 'https://mcp.example.com/mcp';
const people = 10_000;
const rowsAtOnce = 1_000;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { grants: { type: 'string', default: '1000000' }, postgres: { type: 'string' } },
});
const grants = Number(options.grants);
const [direction, url, file] = positionals;

if (direction !== undefined && url !== undefined && file !== undefined) await copy(direction, url, file);
else await measure();

/** In a process of its own, whose memory is looked at. */
async function copy(which: string, store: string, path: string): Promise<void> {
  const began = performance.now();
  const nothing = async (): Promise<void> => undefined;
  const copied =
    which === 'out'
      ? await copyOut(store, createWriteStream(path), { program: 'bench', now })
      : await copyIn(store, createReadStream(path), { judgeSecrets: nothing, placeSecrets: nothing });
  const rows = copied.tables.reduce((sum, table) => sum + table.rows, 0);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  const { user, system } = process.cpuUsage();
  const busy = ((user + system) / 1e6).toFixed(1);
  console.log(`${rows} rows in ${seconds} s (${busy} s of CPU), at most ${megabytes} MB of memory`);
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  try {
    const [first, second] = ['first', 'second'].map((name) => `sqlite:${join(folder, `${name}.db`)}`) as [
      string,
      string,
    ];
    const path = join(folder, 'copy');
    console.error(`filling a store with ${grants} grants and ${2 * grants} refresh tokens`);
    await fill(first);
    console.log(`the database has ${megabytesOf(join(folder, 'first.db'))} MB`);
    await told('out of SQLite', 'out', first, path);
    console.log(`the copy has ${megabytesOf(path)} MB`);
    await told('into SQLite', 'in', second, path);
    await besideWriter(first, join(folder, 'first.db-wal'), path);
    if (options.postgres !== undefined) {
      await told('into PostgreSQL', 'in', options.postgres, path);
      await told('out of PostgreSQL', 'out', options.postgres, path);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function told(what: string, ...args: readonly string[]): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@sallyport/source',
    import.meta.filename,
    ...args,
  ]);
  console.log(`${what}: ${stdout.trim()}`);
}

/** How many writes go on meanwhile, how long the slowest waits, and how far the log grows that cannot be cut back. */
async function besideWriter(store: string, log: string, path: string): Promise<void> {
  const storage = await openStorage(store);
  let [writes, slowest, largest] = [0, 0, 0];
  const over = new AbortController();
  const write = async (worker: number): Promise<void> => {
    while (!over.signal.aborted) {
      const began = performance.now();
      const id = `${path} ${worker} ${writes++}`;
      await storage.addItem({
        id,
        userId: 'u0',
        name: 'x',
        content: 'x'.repeat(200),
        createdAt: now,
        updatedAt: now,
      });
      slowest = Math.max(slowest, performance.now() - began);
    }
  };
  const writers = Promise.all(Array.from({ length: 8 }, (_, worker) => write(worker)));
  const watch = setInterval(() => (largest = Math.max(largest, megabytesOf(log))), 100);
  await told('out of SQLite, beside eight writers', 'out', store, path);
  over.abort();
  await writers;
  clearInterval(watch);
  await storage.addItem({ id: 'last', userId: 'u0', name: 'x', content: '', createdAt: now, updatedAt: now });
  console.log(
    `meanwhile ${writes} writes, the slowest of ${Math.round(slowest)} ms; the log grew to ${largest} MB, and has ${megabytesOf(log)} MB afterwards`,
  );
  await storage.close();
}

async function fill(store: string): Promise<void> {
  const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
  const target = await openTarget(store);
  await target.begin(newestVersion);
  const columnsOf = new Map(tablesOf(newestVersion).map((table) => [table.name, table]));
  async function insert(name: string, count: number, rowAt: (n: number) => Readonly<Record<string, Value>>) {
    const table = columnsOf.get(name);
    if (table === undefined) throw new Error(`there is no table ${name}`);
    for (let from = 0; from < count; from += rowsAtOnce) {
      const some = Array.from({ length: Math.min(rowsAtOnce, count - from) }, (_, n) => rowAt(from + n));
      await target.insert(
        table,
        some.map((row) => table.columns.map((column) => row[column.name] ?? null)),
      );
    }
  }
  const times = { created_at: now, expires_at: now + 30 * 24 * 3600 };
  await insert('users', people, (n) => ({
    id: `u${n}`,
    email: `${n}@example.com`,
    name: 'One',
    role: 'member',
    created_at: now,
    updated_at: now,
  }));
  await insert('clients', 100, (n) => ({
    client_id: `c${n}`,
    metadata: '{}',
    registered_by: 'operator',
    created_at: now,
    trace_id: 't',
    introspects: 0,
  }));
  await insert('grants', grants, (n) => ({
    id: digestOf(`grant ${n}`).slice(0, 22),
    user_id: `u${n % people}`,
    client_id: `c${n % 100}`,
    resource,
    scope: '["read"]',
    trace_id: `t${n}`,
    ...times,
  }));
  await insert('refresh_tokens', 2 * grants, (n) => ({
    digest: digestOf(`token ${n}`),
    grant_id: digestOf(`grant ${n >> 1}`).slice(0, 22),
    key_id: 'k',
    ...times,
    ...(n % 2 === 0 && { rotated_at: now, successor: digestOf(`token ${n + 1}`), asked: `read ${resource}` }),
  }));
  await target.commit();
  await target.close();
}

function megabytesOf(path: string): number {
  return Math.round(statSync(path).size / 1e6);
}
