// The sweeper really runs: at once, again and again, in batches, through failures, until it is stopped.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage, startSweeper } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';
import { sweepBatchRows } from '../src/limits.ts';
import { aClient, aSession, aUser, digestOf, now } from './contract/samples.ts';
import { failingAt } from './rigged.ts';

const days = (n: number) => n * 24 * 60 * 60;

async function withExpiredSessions(t: TestContext, n: number): Promise<Storage> {
  const storage = await openStorage('sqlite::memory:');
  t.after(() => storage.close());
  await storage.addUser(aUser());
  const sessions = Array.from({ length: n }, (_, i) =>
    aSession({ digest: digestOf(`${i}`), expiresAt: now }),
  );
  await Promise.all(sessions.map((session) => storage.keepSession(session)));
  return storage;
}

/** Notes what was logged; `next` resolves with the next entry. */
function noting() {
  const entries: unknown[][] = [];
  let wake = () => {};
  const log = (...entry: unknown[]) => {
    entries.push(entry);
    wake();
  };
  const next = async () => {
    if (entries.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return entries.shift();
  };
  return { log, next, entries };
}

test('a run sweeps batch after batch until nothing is left', async (t) => {
  const storage = await withExpiredSessions(t, 2 * sweepBatchRows + 1);
  const { log, next, entries } = noting();
  const stop = startSweeper(storage, { everySeconds: 3600, log, now: () => now });
  assert.deepEqual(await next(), ['debug', 'storage_swept', { deleted: 2 * sweepBatchRows + 1 }]);
  await stop();
  assert.deepEqual(entries, []);
  assert.equal(await storage.sweep({ now, unusedClientsBefore: 0, limit: 10 }), 0);
});

test('it runs again after its pause, and not once it was stopped', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const storage = await withExpiredSessions(t, 1);
  const { log, next } = noting();
  const stop = startSweeper(storage, { everySeconds: 60, log, now: () => now });
  await next();
  await storage.keepSession(aSession({ expiresAt: now }));
  t.mock.timers.tick(59_999);
  await storage.ping();
  assert.equal((await storage.findSession(aSession().digest, now - 1))?.session.expiresAt, now);
  t.mock.timers.tick(1);
  assert.deepEqual(await next(), ['debug', 'storage_swept', { deleted: 1 }]);

  await stop();
  await storage.keepSession(aSession({ expiresAt: now }));
  t.mock.timers.tick(600_000);
  await storage.ping();
  assert.ok(await storage.findSession(aSession().digest, now - 1));
});

test('a run that fails is logged with its reason, and the next one does the work', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const storage = await withExpiredSessions(t, 1);
  const { log, next } = noting();
  const stop = startSweeper(failingAt(storage, 1), { everySeconds: 60, log, now: () => now });
  assert.deepEqual(await next(), [
    'error',
    'storage_sweep_failed',
    { deleted: 0, message: 'Call 1 was rigged to fail.', retryInSeconds: 60 },
  ]);
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(60_000);
  assert.deepEqual(await next(), ['debug', 'storage_swept', { deleted: 1 }]);
  await stop();
});

test('a client that registered itself and was never used is forgotten after 30 days', async (t) => {
  const storage = await withExpiredSessions(t, 0);
  await storage.addClient(aClient({ client_id: 'old', createdAt: now - days(30) - 1 }));
  await storage.addClient(aClient({ client_id: 'young', createdAt: now - days(30) }));
  const { log, next } = noting();
  const stop = startSweeper(storage, { everySeconds: 3600, log, now: () => now });
  await next();
  await stop();
  assert.equal(await storage.findClient('old'), undefined);
  assert.ok(await storage.findClient('young'));
});
