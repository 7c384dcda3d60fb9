// What it costs to count how often somebody asks, and how much memory the counts can take: node bench/limits.ts
// PostgreSQL is measured where TEST_POSTGRES_URL names one, in a schema that is made and removed.

import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { addressPrefix, widePrefix } from '@sallyport/protocol';
import { countInMemory, openStorage } from '@sallyport/storage';
import type { Counter, OpenCounter } from '@sallyport/storage';
import pg from 'pg';

const wider = (key: string): string => widePrefix(key.slice(key.lastIndexOf('|') + 1));
const points = 3_000;
const seconds = 60;

console.log('what                       µs each   CPU µs each');
await measureAll('in memory', countInMemory, 200_000);
const server = process.env['TEST_POSTGRES_URL'];
if (server !== undefined) {
  const url = new URL(server);
  const schema = `bench_${randomBytes(6).toString('hex')}`;
  const administrator = new pg.Client({ connectionString: server });
  await administrator.connect();
  await administrator.query(`CREATE SCHEMA ${schema}`);
  try {
    url.searchParams.set('options', `-csearch_path=${schema}`);
    const storage = await openStorage(url.href);
    await measureAll('PostgreSQL, in lots', storage.openCounter, 100_000);
    await measureAll(
      'PostgreSQL, one by one',
      (rule) => storage.openCounter({ ...rule, inLots: false }),
      6_000,
    );
    await storage.close();
  } finally {
    await administrator.query(`DROP SCHEMA ${schema} CASCADE`);
    await administrator.end();
  }
}
await measureMemory();

/** One client at one address after another, each as often as it may be. */
async function measureAll(where: string, open: OpenCounter, n: number): Promise<void> {
  const counter = open({ name: 'bench', points, seconds, wider, inLots: true });
  const prefixes = Array.from(
    { length: Math.ceil(n / points) },
    (_, index) => `10.0.${index >> 8}.${index & 255}`,
  );
  await measure(where, counter, n, (i) => prefixes[Math.floor(i / points)] ?? '');
}

async function measure(
  what: string,
  counter: Counter,
  n: number,
  addressOf: (i: number) => string,
): Promise<void> {
  const count = async (i: number) =>
    counter.count(`client-id-of-22-character|${addressPrefix(addressOf(i))}`);
  for (let i = 0; i < n / 20; i += 1) await counter.count(`warm-up ${i}`);
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < n; i += 1) await count(i);
  const microseconds = (performance.now() - start) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    what.padEnd(24),
    (microseconds / n).toFixed(1).padStart(9),
    ((user + system) / n).toFixed(1).padStart(13),
  );
}

/** A million clients, from as many addresses. */
async function measureMemory(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const counter = countInMemory({ name: 'memory', points, seconds, wider });
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 1_000_000; i += 1)
    await counter.count(`client-${i}|10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  collect();
  const megabytes = (process.memoryUsage().heapUsed - before) / 1e6;
  console.log(`a million keys in memory: ${megabytes.toFixed(0)} MB`);
  await counter.forget('');
}
