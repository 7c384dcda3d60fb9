// What one process changed is heard by the others within a second; while nothing can be heard, nothing is remembered.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openStorage } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';
import { aClient, aCode, aGrant, aKey, aUser, digestOf, hearing, now } from '../contract/samples.ts';
import { beside, onPostgres, readySchema } from './schema.ts';
import { wayTo, type Passage } from './way.ts';

async function open(t: TestContext, url: string): Promise<Storage> {
  const storage = await openStorage(url, { poolSize: 3 });
  t.after(() => storage.close());
  return storage;
}

/** Notes what is heard, and since when. */
function listening(storage: Storage) {
  const heard: { what: string; at: number }[] = [];
  const stop = storage.onChange((change) => {
    heard.push({ what: typeof change === 'string' ? change : change.grantId, at: performance.now() });
  });
  const times = (what: string) => heard.filter((entry) => entry.what === what).length;
  /** @returns after how many milliseconds it was heard for the n-th time */
  const hears = async (what: string, patience: number, n = 1): Promise<number> => {
    for (const began = performance.now(); ; await wait(5)) {
      if (times(what) >= n) return performance.now() - began;
      assert.ok(performance.now() - began < patience, `${what} was not heard ${n} times in ${patience} ms`);
    }
  };
  return { heard, times, hears, stop };
}

/** Two processes on one database, of which the second has begun to hear. */
async function twoProcesses(t: TestContext, far?: string) {
  const { url } = await readySchema(t);
  const here = await open(t, url);
  const there = await open(t, far ?? url);
  const listener = listening(there);
  await listener.hears('anything', 5_000);
  listener.heard.length = 0;
  return { url, here, there, listener };
}

async function withGrants(storage: Storage, n: number): Promise<readonly string[]> {
  await storage.addUser(aUser());
  await storage.addClient(aClient());
  const ids = Array.from({ length: n }, (_, i) => `grant-${i}`);
  const grant = (id: string) =>
    storage.grantAuthorization({
      grant: aGrant({ id }),
      code: aCode({ digest: digestOf(id), grantId: id }),
      now,
    });
  await Promise.all(ids.map(grant));
  return ids;
}

suite('the feed of changes', onPostgres, () => {
  test('names a grant that ended elsewhere, once, in less than a second', async (t) => {
    const { here, listener } = await twoProcesses(t);
    await withGrants(here, 1);
    const local = hearing(here);
    await here.revokeGrant('grant-0', now);
    assert.deepEqual(local.heard, ['grant-0']);
    assert.ok((await listener.hears('grant-0', 1_000)) < 1_000);
    await wait(300);
    assert.deepEqual(
      listener.heard.map(({ what }) => what),
      ['grant-0'],
    );
    assert.deepEqual(local.heard, ['grant-0']);
  });

  test('says that the keys changed, here before the call is answered', async (t) => {
    const { here, listener } = await twoProcesses(t);
    const local = hearing(here);
    assert.equal(await here.addSigningKey({ key: aKey(), after: undefined }), 'added');
    assert.deepEqual(local.heard, ['keys']);
    await listener.hears('keys', 1_000);
    assert.equal(await here.addSigningKey({ key: aKey(), after: undefined }), 'taken');
    await wait(300);
    assert.deepEqual([local.heard, listener.times('keys')], [['keys'], 1]);
  });

  test('names hundreds of grants that end together, and of more says "anything"', async (t) => {
    const { here, listener } = await twoProcesses(t);
    const ids = await withGrants(here, 400);
    await here.removeClientAccess({ userId: 'user-1', of: 'everything', now });
    await listener.hears('grant-399', 20_000);
    await listener.hears('grant-0', 1_000);
    assert.deepEqual(listener.heard.map(({ what }) => what).sort(), [...ids].sort());

    listener.heard.length = 0;
    await here.removeUser('user-1');
    await withGrants(here, 501);
    listener.heard.length = 0;
    const local = hearing(here);
    await here.removeClient('client-1');
    assert.equal(local.heard.length, 501);
    await listener.hears('anything', 1_000);
    await wait(300);
    assert.equal(listener.heard.length, 1);
  });

  test('keeps two deployments in one database apart', async (t) => {
    const { listener } = await twoProcesses(t);
    const { url } = await readySchema(t);
    const other = await open(t, url);
    await withGrants(other, 1);
    await other.revokeGrant('grant-0', now);
    await wait(500);
    assert.deepEqual(listener.heard, []);
  });

  test('has no connection while nobody listens', async (t) => {
    const name = `test-${randomBytes(6).toString('hex')}`;
    const { url } = await readySchema(t);
    const storage = await open(t, `${url}&application_name=${name}`);
    const connections = async () =>
      Number(
        (await beside(`SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = '${name}'`))[0]?.[
          'n'
        ],
      );
    const listener = listening(storage);
    await listener.hears('anything', 5_000);
    assert.equal(await connections(), 1);
    listener.stop();
    for (const began = performance.now(); (await connections()) > 0; await wait(20)) {
      assert.ok(performance.now() - began < 5_000, 'it is still connected');
    }
    const again = listening(storage);
    await again.hears('anything', 5_000);
    again.stop();
  });
});

suite('a feed that is lost', onPostgres, () => {
  async function behindWay(t: TestContext) {
    const { url } = await readySchema(t);
    const way = await wayTo(t, url);
    const here = await open(t, url);
    const there = await open(t, way.url);
    const listener = listening(there);
    await listener.hears('anything', 5_000);
    listener.heard.length = 0;
    const feed = () => way.passages().find(isListening);
    await withGrants(here, 3);
    return { here, there, listener, feed, way };
  }

  test('silently: all is forgotten in less than five seconds, and again every second', async (t) => {
    const { here, there, listener, feed, way } = await behindWay(t);
    // Requests go on over the connection that they have; whatever the feed tries does not get through.
    assert.ok(await there.findGrant('grant-0'));
    way.onPassage = (passage) => passage.freeze();
    feed()?.freeze();
    const began = performance.now();
    await here.revokeGrant('grant-0', now);
    const first = await listener.hears('anything', 5_000);
    t.diagnostic(`forgotten after ${Math.round(first)} ms`);
    await here.revokeGrant('grant-1', now);
    await listener.hears('anything', 2_500, 3);
    assert.equal(listener.times('grant-0'), 0);
    assert.ok(performance.now() - began < 10_000);
    assert.equal((await there.findGrant('grant-1'))?.revokedAt, now, 'the rest of the store answers');

    way.onPassage = () => {};
    for (const passage of way.passages()) passage.thaw();
    await here.revokeGrant('grant-2', now);
    for (const since = performance.now(); feed() === undefined; await wait(20)) {
      assert.ok(performance.now() - since < 30_000, 'it does not connect again');
    }
    listener.heard.length = 0;
    await withGrant(here, 'grant-3');
    await here.revokeGrant('grant-3', now);
    await listener.hears('grant-3', 20_000);
  });

  test('with a closed connection: all is forgotten at once, and it connects again', async (t) => {
    const { here, listener, feed } = await behindWay(t);
    feed()?.cut();
    await listener.hears('anything', 1_000);
    await listener.hears('anything', 4_000, 2);
    for (const since = performance.now(); feed() === undefined; await wait(20)) {
      assert.ok(performance.now() - since < 30_000, 'it does not connect again');
    }
    listener.heard.length = 0;
    await here.revokeGrant('grant-0', now);
    await listener.hears('grant-0', 1_000);
  });
});

suite('a feed that falls silent while it begins', onPostgres, () => {
  test('begins again', async (t) => {
    const { url } = await readySchema(t);
    const way = await wayTo(t, url);
    let begun = 0;
    way.onSaid = (text, passage) => {
      if (!text.includes('LISTEN')) return;
      begun += 1;
      if (begun === 1) passage.freeze();
    };
    const here = await open(t, url);
    const there = await open(t, way.url);
    await withGrants(here, 1);
    const listener = listening(there);
    await listener.hears('anything', 3_000, 2);
    for (const deadline = performance.now() + 30_000; !way.passages().some(isListening); await wait(20))
      assert.ok(performance.now() < deadline, 'it does not begin again');
    assert.ok(begun >= 2);
    await here.revokeGrant('grant-0', now);
    await listener.hears('grant-0', 20_000);
  });
});

/** The server has said so: from now on it tells this connection. */
const isListening = (passage: Passage): boolean => passage.answered().includes('LISTEN\0');

async function withGrant(storage: Storage, id: string): Promise<void> {
  await storage.grantAuthorization({
    grant: aGrant({ id }),
    code: aCode({ digest: digestOf(id), grantId: id }),
    now,
  });
}
