// A person allows something, and the process dies, or the database is away, between Redis and the durable store.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { StorageUnavailable } from '@sallyport/storage';
import type { DurableStorage } from '../../src/operations/index.ts';
import { connectRedis } from '../../src/redis/connection.ts';
import { withRedis } from '../../src/redis/index.ts';
import { openSqlite } from '../../src/sqlite/open.ts';
import * as samples from '../contract/samples.ts';
import { onRedis, ownPlace } from './server.ts';

const { aCode, aConsent, aGrant, aPaused, aToken, aUser, digestOf, now, redeem } = samples;

/** How keeping the grant fails the first time. */
type Fault = 'before it is done' | 'after it is done';

async function cutOff(t: TestContext, fault: Fault) {
  const { ephemeral } = await ownPlace(t);
  const durable = await openSqlite(':memory:');
  let isRigged = true;
  const rigged: DurableStorage = {
    ...durable,
    async keepGrantOfCode(kept) {
      const [fails, isFirst] = [new StorageUnavailable('rigged'), isRigged];
      isRigged = false;
      if (isFirst && fault === 'before it is done') throw fails;
      const outcome = await durable.keepGrantOfCode(kept);
      if (isFirst) throw fails;
      return outcome;
    },
  };
  const connection = await connectRedis(ephemeral.url, () => {});
  const storage = withRedis(rigged, connection, ephemeral.deployment);
  t.after(() => storage.close());
  await samples.withPersonAndClient(storage);
  await storage.keepPausedAuthorization(aPaused());
  await assert.rejects(storage.grantAuthorization(granting('grant-1')), StorageUnavailable);
  return storage;
}

const pausedId = aPaused().id;
const code = aCode();
/** The code is derived from the page and the person, so every submit has the same; the grant is new each time. */
const granting = (id: string) => ({
  pausedId,
  grant: aGrant({ id }),
  code: { ...code, grantId: id },
  consent: aConsent(),
  now,
});
const redeeming = redeem({ refreshToken: aToken() });

suite('cut off between the two stores', onRedis, () => {
  for (const fault of ['before it is done', 'after it is done'] as const) {
    test(`${fault}: the same submit again gives the one code, which works once`, async (t) => {
      const storage = await cutOff(t, fault);
      const answers = await samples.tally(20, (i) => storage.grantAuthorization(granting(`again-${i}`)));
      assert.deepEqual(
        answers,
        fault === 'before it is done' ? { granted: 1, repeated: 19 } : { repeated: 20 },
      );
      assert.ok(await storage.findGrant('grant-1'));
      for (let i = 0; i < 20; i++) assert.equal(await storage.findGrant(`again-${i}`), undefined);
      assert.deepEqual(await storage.findConsent(aConsent()), aConsent());
      const redeemed = await samples.tally(20, (i) =>
        storage.redeemCode({ ...redeeming, refreshToken: aToken({ digest: digestOf(`token-${i}`) }) }),
      );
      assert.deepEqual(redeemed, { redeemed: 1, replayed: 1, dead: 18 });
    });
  }

  test('nothing of it counts until then', async (t) => {
    const storage = await cutOff(t, 'before it is done');
    assert.equal(await storage.findCode(code.digest), undefined);
    assert.equal(await storage.redeemCode(redeeming), 'dead');
    assert.equal(await storage.findConsent(aConsent()), undefined);
    assert.deepEqual(await storage.listClientAccess('user-1', now), []);
  });

  test('it cannot be decided otherwise then, nor by somebody else', async (t) => {
    const storage = await cutOff(t, 'before it is done');
    await storage.addUser(aUser({ id: 'user-2' }));
    const theirs = { ...granting('grant-2'), grant: aGrant({ id: 'grant-2', userId: 'user-2' }) };
    assert.equal(await storage.grantAuthorization(theirs), 'decided_otherwise');
    const denying = { pausedId, userId: 'user-1', now };
    assert.equal(await storage.denyAuthorization(denying), 'decided_otherwise');
    const withAnotherCode = { ...granting('grant-3'), code: aCode({ digest: digestOf('other') }) };
    assert.equal(await storage.grantAuthorization(withAnotherCode), 'repeated');
    assert.deepEqual(await storage.listClientAccess('user-1', now), []);
    assert.deepEqual(await storage.listClientAccess('user-2', now), []);
  });

  test('once its code has expired, it is over', async (t) => {
    const storage = await cutOff(t, 'before it is done');
    const late = code.expiresAt;
    assert.equal(await storage.grantAuthorization({ ...granting('grant-2'), now: late }), 'repeated');
    assert.equal(await storage.findCode(code.digest), undefined);
    assert.deepEqual(await storage.listClientAccess('user-1', late), []);
  });

  test('it is gone with the person', async (t) => {
    const storage = await cutOff(t, 'before it is done');
    await storage.removeUser('user-1');
    assert.equal(await storage.grantAuthorization(granting('grant-2')), 'gone');
    await storage.addUser(aUser());
    await storage.removeClient('client-1');
    assert.equal(await storage.grantAuthorization(granting('grant-2')), 'gone');
  });
});
