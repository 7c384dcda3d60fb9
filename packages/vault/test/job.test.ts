// The job really runs, goes on after a failure, and stops when it is told to.
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';
import { startRefreshing } from '@sallyport/vault';
import { refuse } from '../src/refusals.ts';
import { now, openHouse } from './house.ts';

test('what is due is refreshed without anybody asking, again and again', async (t) => {
  const { vault, provider, signIn } = await openHouse(t);
  await signIn();
  let clock = now;
  const stop = startRefreshing(vault, { everySeconds: 0.01, log: () => {}, now: () => clock });
  for (const newest of [2, 3, 4]) {
    clock += 3600;
    while (provider.newest < newest) await wait(2);
  }
  await stop();
  clock += 3600;
  await wait(50);
  assert.equal(provider.newest, 4);
});

test('a look that fails is told, and the next one comes', async () => {
  const told: string[] = [];
  const looks: number[] = [];
  const refreshDue = async () => {
    looks.push(now);
    if (looks.length === 1) throw new Error('away');
    return { refreshed: 1 };
  };
  const stop = startRefreshing(
    { refreshDue, revokeForgotten: async () => ({}), close: async () => {} },
    { everySeconds: 0.01, log: (level, event) => void told.push(`${level} ${event}`), now: () => now },
  );
  while (looks.length < 3) await wait(2);
  await stop();
  assert.deepEqual(told.slice(0, 2), ['error vault_look_failed', 'debug vault_looked']);
});

test('a provider that lets revocations wait keeps no refresh waiting, and is not asked twice at a time', async () => {
  const asked = { refreshes: 0, revocations: 0 };
  let answer = (): void => {};
  const slow = new Promise<void>((resolve) => (answer = resolve));
  let isStopped = false;
  const vault = {
    refreshDue: async () => {
      asked.refreshes += 1;
      return {};
    },
    revokeForgotten: async () => {
      asked.revocations += 1;
      await slow;
      return {};
    },
    close: async () => {},
  };
  const stop = startRefreshing(vault, { everySeconds: 0.01, log: () => {}, now: () => now });
  while (asked.refreshes < 3) await wait(2);
  assert.equal(asked.revocations, 1);
  const stopping = stop().then(() => (isStopped = true));
  await wait(20);
  assert.equal(isStopped, false, 'what is under way is waited for');
  answer();
  await stopping;
});

test('stopping waits for the look under way', async () => {
  let isDone = false;
  const refreshDue = async () => {
    await wait(30);
    isDone = true;
    return {};
  };
  const vault = { refreshDue, revokeForgotten: async () => ({}), close: async () => {} };
  await startRefreshing(vault, { log: () => {}, now: () => now })();
  assert.ok(isDone);
});

test('stopping does not wait for a provider that is away to come back', async (t) => {
  const { vault, provider, signIn } = await openHouse(t, { timing: { firstPauseMilliseconds: 60_000 } });
  await signIn();
  provider.before = async () => {
    throw refuse('provider_failing');
  };
  const stop = startRefreshing(vault, { log: () => {}, now: () => now + 3600 });
  while (provider.asked.length === 0) await wait(2);
  const start = performance.now();
  await stop();
  assert.ok(performance.now() - start < 5_000);
  assert.equal(provider.asked.length, 1);
});
