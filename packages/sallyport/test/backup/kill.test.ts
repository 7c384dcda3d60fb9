// `kill -9` in the middle of a backup and of a restore: what has its name is whole, and what is not whole is empty.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createSecrets } from '@sallyport/crypto';
import { openStorage } from '@sallyport/storage';
import { fillWith } from '../../../storage/test/copy/stores.ts';
import { beside, freshSchema, onPostgres } from '../../../storage/test/postgres/schema.ts';
import { call } from '../program/call.ts';
import { start, temporaryFolder, type How, type Running } from '../program/run.ts';

const KILLS = 6;
/** Of processes that were quicker than their death, so that it had to be tried again. */
const MOST_TRIES = 30;
/** So many rows that most of the time of a copy is copying. */
const ITEMS = 30_000;
const ROWS = ITEMS + 1;

/** A backup of one person with many items, and how long making it took. */
async function aLargeStore(t: TestContext): Promise<string> {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, 'data'), { mode: 0o700 });
  writeFileSync(join(cwd, 'data', 'secrets.json'), JSON.stringify(createSecrets(0)), { mode: 0o600 });
  const user = {
    id: 'user-1',
    email: 'ada@example.com',
    name: 'Ada',
    role: 'operator',
    created_at: 1,
    updated_at: 1,
  };
  const items = Array.from({ length: ITEMS }, (_, n) => ({
    id: `item-${n}`,
    user_id: 'user-1',
    name: `Item ${n}`,
    content: `${n} `.repeat(40),
    created_at: 1,
    updated_at: 1,
  }));
  await fillWith(`sqlite:${join(cwd, 'data', 'sallyport.db')}`, { users: [user], items });
  return cwd;
}

/** Kills what it starts after a random part of the time that it would take: on this machine, as busy as it is. */
function killer() {
  let milliseconds = 0;
  const timed = async (args: readonly string[], how: How, kill?: (running: Running) => NodeJS.Timeout) => {
    const began = performance.now();
    const running = start(args, how);
    const timer = kill?.(running);
    const end = await running.ended;
    clearTimeout(timer);
    // One that came to its end says anew how long that takes.
    if (end.code !== null) milliseconds = performance.now() - began;
    return end;
  };
  /** Lets it come to its end, well. */
  const whole = async (args: readonly string[], how: How): Promise<void> => {
    const { code, stderr } = await timed(args, how);
    assert.equal(code, 0, stderr);
  };
  /** @returns whether it was killed */
  const killed = async (args: readonly string[], how: How): Promise<boolean> => {
    // What comes first is the start of Node.
    const after = milliseconds * (0.25 + 0.75 * Math.random());
    const { code } = await timed(args, how, (running) => setTimeout(() => running.kill('SIGKILL'), after));
    return code === null;
  };
  return { whole, killed };
}

test('a backup that is killed leaves no file of its name, or a whole one', async (t) => {
  const cwd = await aLargeStore(t);
  const { whole, killed } = killer();
  await whole(['backup', 'whole'], { cwd });
  let kills = 0;
  for (let n = 0; n < KILLS || (kills === 0 && n < MOST_TRIES); n++) {
    const name = `${n}.backup`;
    if (await killed(['backup', name], { cwd })) kills += 1;
    if (!existsSync(join(cwd, name))) continue;
    const other = temporaryFolder(t);
    const restored = await call(['restore', join(cwd, name), '--json'], { cwd: other });
    assert.equal(restored.code, 0, restored.stderr);
    assert.match(restored.stdout, new RegExp(`"rows": ${ROWS},`));
  }
  assert.ok(kills > 0, 'each was quicker than its death');
  const others = readdirSync(cwd).filter((name) => !/^(\d+\.backup(\.[\w-]+\.part)?|whole|data)$/.test(name));
  assert.deepEqual(others, []);
  assert.equal((await call(['backup', 'after'], { cwd })).code, 0);

  const killedWhileReplacing = await killed(['backup', 'whole', '--force'], { cwd });
  const still = await call(['restore', join(cwd, 'whole')], { cwd: temporaryFolder(t) });
  assert.equal(still.code, 0, `${String(killedWhileReplacing)}: ${still.stderr}`);
});

test('a backup that is stopped with Ctrl-C says so, and leaves nothing', async (t) => {
  const cwd = await aLargeStore(t);
  for (let tries = 1; ; tries++) {
    const running = start(['backup', `${tries}.backup`], { cwd });
    const over = running.ended.then(() => true);
    const isOver = () => Promise.race([over, wait(5, false)]);
    while (!readdirSync(cwd).some((name) => name.endsWith('.part')) && !(await isOver()));
    running.kill('SIGINT');
    const { code, stderr } = await running.ended;
    if (code === 0 && tries < 10) continue;
    assert.equal(stderr, '✗ Stopped. Nothing was written.\n');
    assert.equal(code, 130);
    assert.ok(!existsSync(join(cwd, `${tries}.backup`)));
    assert.deepEqual(
      readdirSync(cwd).filter((name) => name.endsWith('.part')),
      [],
    );
    break;
  }
});

/** PostgreSQL goes on for a moment with what a process had asked that is gone. */
async function isLeftBy(connectionName: string): Promise<void> {
  const query = `SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = '${connectionName}'`;
  while (Number((await beside(query))[0]?.['n']) > 0) await wait(20);
}

const connectionName = `killed-${process.pid}`;

for (const [name, skip, urlFor] of [
  ['SQLite', false, async () => 'sqlite:sallyport.db'],
  [
    'PostgreSQL',
    onPostgres.skip,
    async (t: TestContext) => `${(await freshSchema(t)).url}&application_name=${connectionName}`,
  ],
] as const) {
  test(`a restore into ${name} that is killed leaves nothing, or everything`, { skip }, async (t) => {
    const cwd = await aLargeStore(t);
    assert.equal((await call(['backup', 'whole'], { cwd })).code, 0);
    const file = join(cwd, 'whole');
    const place = async () => ({
      other: temporaryFolder(t),
      environment: { SALLYPORT_STORAGE_URL: await urlFor(t) },
    });

    const { whole, killed } = killer();
    const first = await place();
    await whole(['restore', file], { cwd: first.other, environment: first.environment });

    let kills = 0;
    for (let n = 0; n < KILLS || (kills === 0 && n < MOST_TRIES); n++) {
      const { other, environment } = await place();
      if (await killed(['restore', file], { cwd: other, environment })) kills += 1;
      if (name === 'PostgreSQL') await isLeftBy(connectionName);
      const url = environment.SALLYPORT_STORAGE_URL.replace('sqlite:', `sqlite:${join(other, 'data')}/`);
      const items = await itemsIn(url);
      if (items === 0) {
        const again = await call(['restore', file], { cwd: other, environment });
        assert.equal(again.code, 0, again.stderr);
      }
      assert.equal(items === 0 ? await itemsIn(url) : items, ITEMS);
      const secretsIn = (folder: string): unknown =>
        JSON.parse(readFileSync(join(folder, 'data', 'secrets.json'), 'utf8'));
      assert.deepEqual(secretsIn(other), secretsIn(cwd));
      rmSync(other, { recursive: true });
    }
    assert.ok(kills > 0, 'each was quicker than its death');
  });
}

/** As a server sees it that starts now. */
async function itemsIn(url: string): Promise<number> {
  const storage = await openStorage(url);
  try {
    const items = await storage.listItems({ userId: 'user-1', limit: ITEMS + 1, offset: 0 });
    assert.equal(await storage.hasUsers(), items.length > 0);
    return items.length;
  } finally {
    await storage.close();
  }
}
