// Ten thousand registrations and authorizations that nobody finishes: forgotten in time, and room for the next ones.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startSweeper } from '@sallyport/storage';
import {
  authorizationUrl,
  connect,
  EMAIL,
  PASSWORD,
  refresh,
  register,
  type Tokens,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

const ABANDONED = 10_000;
const AT_ONCE = 100;
const DAY = 86_400;

async function abandon(house: House): Promise<void> {
  for (let begun = 0; begun < ABANDONED; begun += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const client = await register(house);
        const response = await house.ask(authorizationUrl(client).url);
        assert.equal(response.status, 303);
      }),
    );
  }
}

function count(path: string, table: 'clients' | 'paused_authorizations'): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare(`SELECT count(*) AS rows FROM ${table}`).get();
  database.close();
  return Number(row?.['rows']);
}

/** What is left afterwards is held by somebody. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** In bytes, with what is still in the write-ahead log. */
function sizeOf(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const pages = database.prepare('PRAGMA page_count').get()?.['page_count'];
  const bytes = database.prepare('PRAGMA page_size').get()?.['page_size'];
  database.close();
  return Number(pages) * Number(bytes);
}

async function sweptUntil(house: House, isDone: () => boolean): Promise<void> {
  const stop = startSweeper(house.storage, {
    everySeconds: 3600,
    log: () => undefined,
    now: () => house.clock.now,
  });
  for (let waited = 0; !isDone() && waited < 600; waited += 1) await wait(50);
  await stop();
  assert.ok(isDone(), 'the sweep did not come to an end');
}

it('abandoned registrations and authorizations are swept, while a client in use stays', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-abandoned-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'test.db');
  // Many addresses, which no limit holds up.
  const environment = { SALLYPORT_RATE_LIMITS_ENABLED: 'false' };
  const house = await openHouse({ storageUrl: `sqlite:${path}`, environment });
  await house.addPerson(EMAIL, PASSWORD);
  const { client, ...connected } = await connect(house);
  let { refresh_token } = connected.tokens;

  async function comeBack(): Promise<void> {
    const response = await refresh(house, client, refresh_token);
    assert.equal(response.status, 200);
    ({ refresh_token } = (await response.json()) as Tokens);
  }

  const sizes: number[] = [];
  const heaps: number[] = [];
  for (const _wave of [1, 2]) {
    await abandon(house);
    assert.equal(count(path, 'clients'), ABANDONED + 1);
    assert.ok(count(path, 'paused_authorizations') >= ABANDONED);
    sizes.push(sizeOf(path));
    // The requests that wait expire within the hour; the registrations only when nobody came back for a month.
    house.clock.now += 3600;
    await sweptUntil(house, () => count(path, 'paused_authorizations') === 0);
    assert.equal(count(path, 'clients'), ABANDONED + 1);
    house.clock.now += 29 * DAY;
    await comeBack();
    house.clock.now += DAY;
    await sweptUntil(house, () => count(path, 'clients') === 1);
    await comeBack();
    house.events.length = 0;
    collectGarbage();
    heaps.push(process.memoryUsage().heapUsed);
  }
  // Two waves take the room of one: what was swept is used again, on disk and in memory.
  const [first = 0, second = 0] = sizes;
  assert.ok(second < first * 1.25, `the database grew from ${first} to ${second} bytes`);
  assert.ok(first < 40_000_000, `${ABANDONED} of each took ${first} bytes`);
  const [before = 0, after = 0] = heaps;
  assert.ok(after < before + 50_000_000, `the heap grew from ${before} to ${after} bytes`);
  await house.close();
});
