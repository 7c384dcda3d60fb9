// Two processes on one store, killed again and again, and a provider that does its worst: nothing is lost that it still
// honours, and nothing is refreshed by two at once. The provider's own ledger is the judge.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createSecretKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { suite, test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openStorage } from '@sallyport/storage';
import { sealingUnder, vault } from '@sallyport/vault';
import { temporaryFolder } from '../../storage/test/folder.ts';
import { freshSchema, onPostgres } from '../../storage/test/postgres/schema.ts';
import { openTokens } from '../src/entry.ts';
import { type ChaoticProvider, openChaoticProvider } from './chaos/provider.ts';
import { provider as providerId, timing, userId } from './chaos/setting.ts';
import { keychain } from './house.ts';

const entries = 50;
const kills = 3;
/** Between two kills: so many are refreshed, by both. */
const rotationsOfALife = 40;
const program = join(import.meta.dirname, 'chaos', 'refresher.ts');
const subjects = Array.from({ length: entries }, (_, i) => `s${i}`);
const nowOf = () => Math.floor(Date.now() / 1000);

suite('nothing is lost and nothing refreshed twice at once, whoever is killed', { concurrency: true }, () => {
  test('on SQLite', (t) => chaos(t, `sqlite:${temporaryFolder(t)}/test.db`));
  test('on PostgreSQL', onPostgres, async (t) => chaos(t, (await freshSchema(t)).url));
});

interface Instance {
  readonly name: string;
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly complaints: string[];
}

async function chaos(t: TestContext, url: string): Promise<void> {
  const provider = await openChaoticProvider();
  t.after(() => provider.close());
  const storage = await openStorage(url);
  t.after(() => storage.close());
  const key = randomBytes(32);
  const sealing = sealingUnder(keychain({ id: 'key', key: createSecretKey(key) }));
  const own = vault({ storage, sealing, log: () => {}, refreshers: {} });
  const whose = { userId, provider: providerId };
  const created = { createdAt: nowOf(), updatedAt: nowOf() };
  await storage.addUser({ id: userId, email: 'a@example.com', name: 'A', role: 'member', ...created });
  const signIn = async (subject: string): Promise<void> => {
    const refresh_token = provider.signIn(subject);
    const now = nowOf();
    const tokens = {
      access_token: `access.${refresh_token}`,
      token_type: 'Bearer',
      refresh_token,
      expiresAt: now + 2,
      rest: {},
    };
    assert.equal(await own.keep({ ...whose, subject, tokens, now }), 'kept');
  };
  await Promise.all(subjects.map(signIn));

  let started = 0;
  const start = async (): Promise<Instance> => {
    const instance = startInstance(
      `p${(started += 1)}`,
      [url, provider.endpoint, key.toString('hex')],
      provider,
    );
    t.after(() => instance.child.kill('SIGKILL'));
    await once(instance.child.stdout, 'data');
    return instance;
  };
  const running = await Promise.all([start(), start()]);

  /** People whose sign-in is over come back: only those for whom an answer was lost on the way. */
  let deaths = 0;
  const bringBack = async (): Promise<void> => {
    for (const entry of await storage.listVaultEntries(whose)) {
      if (entry.dead === undefined) continue;
      deaths += 1;
      assert.ok(provider.isExcused(entry.subject), `${entry.subject} is dead, and no answer was lost`);
      await signIn(entry.subject);
    }
  };

  const live = async (): Promise<void> => {
    const enough = provider.counts.rotated + rotationsOfALife;
    const haveBothAsked = () => running.every(({ name }) => provider.askers.has(name));
    while (provider.counts.rotated < enough || !haveBothAsked()) {
      for (const { child, complaints } of running) assert.equal(child.exitCode, null, complaints.join('\n'));
      await wait(5);
    }
  };

  for (let killed = 0; killed < kills; killed++) {
    await live();
    await bringBack();
    const [at] = [killed % running.length];
    const doomed = running[at]!;
    provider.killed(doomed.name);
    const closed = once(doomed.child, 'close');
    doomed.child.kill('SIGKILL');
    await closed;
    assert.deepEqual(doomed.complaints, []);
    running[at] = await start();
  }
  await live();
  while (provider.counts.rotated < 3 * entries || !wasChaos(provider)) {
    await bringBack();
    await live();
  }
  provider.calm();
  // Those who died had leases; whoever waits for a pause or for Retry-After comes back too.
  await wait((timing.leaseSeconds + 1) * 1_000);
  await bringBack();
  for (const { child, complaints } of running) {
    const closed = once(child, 'close');
    child.stdin.end();
    const [code] = (await closed) as [number | null];
    assert.deepEqual([code, complaints], [0, []]);
  }

  assert.deepEqual(provider.violations, []);
  let honoured = 0;
  for (const entry of await storage.listVaultEntries(whose)) {
    const isExcused = provider.isExcused(entry.subject);
    if (entry.dead !== undefined) assert.ok(isExcused, `${entry.subject} is dead`);
    else {
      const { refresh_token } = await openTokens(sealing, entry);
      if (refresh_token === provider.newestOf(entry.subject)) honoured += 1;
      else
        assert.ok(
          isExcused,
          `${entry.subject}: ${refresh_token} is kept, ${provider.newestOf(entry.subject)} is honoured`,
        );
    }
  }
  t.diagnostic(JSON.stringify({ ...provider.counts, deaths, honoured, processes: provider.askers.size }));
  assert.equal(provider.askers.size, 2 + kills);
  assert.ok(honoured >= 0.8 * entries, `${honoured} of ${entries} are honoured`);
}

const wasChaos = ({ counts: { droppedAfter, droppedBefore, failed } }: ChaoticProvider): boolean =>
  Math.min(droppedAfter, droppedBefore, failed) >= 3;

function startInstance(name: string, given: readonly string[], provider: ChaoticProvider): Instance {
  const argv = ['--conditions=@sallyport/source', program, ...given, name, String(entries)];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [what = '', token = ''] = line.split(' ');
      if (what === 'kept') provider.kept(name, token);
      else if (what === 'unheard') provider.unheard(name, token);
      else if (what !== 'ready') complaints.push(line);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => void complaints.push(text));
  return { name, child, complaints };
}
