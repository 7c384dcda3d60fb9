// Counters on Redis: the contract, shared by instances, gone when they are over, and no pass while it is away.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { EphemeralUnavailable, openStorage } from '@sallyport/storage';
import type { CounterRule } from '@sallyport/storage';
import { counterContract, sharedCounterContract } from '../contract/counters.ts';
import { ownRedis, withOwnRedis } from './own-server.ts';
import { onRedis, ownPlace } from './server.ts';

async function instancesOn(t: TestContext) {
  const { ephemeral, client } = await ownPlace(t);
  const open = async () => {
    const storage = await openStorage('sqlite::memory:', { ephemeral });
    t.after(() => storage.close());
    return storage;
  };
  /** Every counter of it is of what is short-lived. */
  const shortLived = async () => {
    const { openCounter } = await open();
    return { openCounter: (rule: CounterRule) => openCounter({ ...rule, isShortLived: true }) };
  };
  return { open, shortLived, client, prefix: `sallyport:${ephemeral.deployment}:count:` };
}

suite('counters on Redis', onRedis, () => {
  counterContract(async (t) => (await instancesOn(t)).shortLived());
  sharedCounterContract(async (t) => (await instancesOn(t)).shortLived);

  test('are of their deployment, under keys that name nobody, and none stays', async (t) => {
    const { open, client, prefix } = await instancesOn(t);
    const counter = (await open()).openCounter({ name: 'test', points: 3, seconds: 60, isShortLived: true });
    await counter.count('client|192.0.2.1');
    await counter.takeBack('never counted');
    await counter.set('held', 4, 30);
    const keys = await client.keys(`${prefix}*`);
    assert.equal(keys.length, 3);
    for (const key of keys) {
      assert.match(key.slice(prefix.length), /^test:[\w-]{32}$/);
      const seconds = await client.ttl(key);
      assert.ok(seconds > 20 && seconds <= 60, String(seconds));
    }
  });

  test('are not believed when something else lies there', async (t) => {
    const { open, client, prefix } = await instancesOn(t);
    const counter = (await open()).openCounter({ name: 'test', points: 3, seconds: 60, isShortLived: true });
    await counter.count('a');
    const [key] = await client.keys(`${prefix}*`);
    await client.set(key!, 'no number', 'EX', 60);
    await assert.rejects(counter.count('a'), EphemeralUnavailable);
    await assert.rejects(counter.get('a'), { name: /Unavailable$/ });
    await client.del(key!);
    await client.lpush(key!, '1');
    await client.expire(key!, 60);
    await assert.rejects(counter.count('a'), EphemeralUnavailable);
    await assert.rejects(counter.get('a'), { name: /Unavailable$/ });
  });
});

suite('counters on a Redis that goes away', withOwnRedis, () => {
  test('let nobody through, soon, and go on when it is back', async (t) => {
    const redis = await ownRedis(t);
    const storage = await openStorage('sqlite::memory:', {
      ephemeral: { url: redis.url, deployment: 'test' },
    });
    t.after(() => storage.close());
    const counter = storage.openCounter({ name: 'test', points: 3, seconds: 60, isShortLived: true });
    await counter.count('a');
    const durable = storage.openCounter({ name: 'durable', points: 3, seconds: 60 });
    await redis.kill();
    assert.equal(await durable.count('a'), undefined);
    const began = performance.now();
    await assert.rejects(counter.count('a'), EphemeralUnavailable);
    await assert.rejects(counter.get('a'), EphemeralUnavailable);
    await assert.rejects(counter.add('a'), EphemeralUnavailable);
    await assert.rejects(counter.takeBack('a'), EphemeralUnavailable);
    await assert.rejects(counter.set('a', 1, 60), EphemeralUnavailable);
    await assert.rejects(counter.forget('a'), EphemeralUnavailable);
    assert.ok(performance.now() - began < 6_000);
    await redis.start();
    for (let tries = 0; ; tries += 1) {
      const answered = await counter.count('b').then(
        (excess) => ({ excess }),
        () => undefined,
      );
      if (answered !== undefined) {
        assert.equal(answered.excess, undefined);
        break;
      }
      assert.ok(tries < 100, 'it did not come back');
      await wait(200);
    }
  });
});
