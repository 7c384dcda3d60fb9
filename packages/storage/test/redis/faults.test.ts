// A Redis that is killed, frozen or cut off: every operation answers soon, nothing that was refused is let in later, what
// is durable goes on, and all of it works again by itself.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { EphemeralUnavailable, openStorage } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';
import * as samples from '../contract/samples.ts';
import { ownRedis, withOwnRedis } from './own-server.ts';
import { silentProxy } from './silent-proxy.ts';

const { aCode, aConsent, aGrant, aPaused, aToken, digestOf, now, redeem, rotate } = samples;

/** Two seconds are promised; a machine under load is slow at everything. */
const soonMilliseconds = 6_000;

async function beside(t: TestContext, url: string) {
  const told: { level: string; event: string; where: unknown }[] = [];
  const storage = await openStorage('sqlite::memory:', {
    ephemeral: { url, deployment: 'test' },
    log: (level, event, facts) => void told.push({ level, event, where: facts?.['where'] }),
  });
  t.after(() => storage.close());
  return { storage, told };
}

const another = aGrant({ id: 'grant-2' });
const anotherCode = aCode({ digest: digestOf('code-2'), grantId: 'grant-2' });

/** A person, a client, a paused authorization, a code, and the tokens of another grant. */
async function inTheMiddle(storage: Storage): Promise<void> {
  await samples.withRefreshToken(storage);
  await storage.keepPausedAuthorization(aPaused());
  await storage.grantAuthorization({ grant: another, code: anotherCode, now });
}

const pausedId = aPaused().id;

/** Every operation that needs Redis. */
const needing = (storage: Storage): readonly (() => Promise<unknown>)[] => [
  () => storage.keepPausedAuthorization(aPaused({ id: digestOf('new') })),
  () => storage.findPausedAuthorization(pausedId, now),
  () =>
    storage.grantAuthorization({
      pausedId,
      grant: aGrant({ id: 'grant-3' }),
      code: aCode({ digest: digestOf('code-3'), grantId: 'grant-3' }),
      consent: aConsent(),
      now,
    }),
  () =>
    storage.grantAuthorization({
      grant: aGrant({ id: 'grant-4' }),
      code: aCode({ digest: digestOf('code-4'), grantId: 'grant-4' }),
      now,
    }),
  () => storage.denyAuthorization({ pausedId, userId: 'user-1', now }),
  () => storage.findCode(anotherCode.digest),
  () => storage.redeemCode(redeem({ digest: anotherCode.digest, refreshToken: aToken({ digest: 'x' }) })),
  () => storage.ping(),
];

async function refusesAllSoon(storage: Storage): Promise<void> {
  const began = performance.now();
  const failed = await Promise.allSettled(needing(storage).map((call) => call()));
  assert.ok(performance.now() - began < soonMilliseconds);
  for (const outcome of failed) {
    assert.equal(outcome.status, 'rejected');
    assert.ok(outcome.reason instanceof EphemeralUnavailable, String(outcome.reason));
    assert.match(outcome.reason.message, /^Redis at 127\.0\.0\.1:\d+ (cannot be reached|did not answer)/);
  }
  for (const id of ['grant-3', 'grant-4']) assert.equal(await storage.findGrant(id), undefined);
  assert.equal(await storage.findConsent(aConsent()), undefined);
}

let rotations = 1;

async function goesOn(storage: Storage): Promise<void> {
  const [from, to] = [`token-${rotations}`, `token-${(rotations += 1)}`];
  assert.equal(await storage.rotateRefreshToken(rotate(from, to)), 'rotated');
  assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
}

async function comesBack(storage: Storage): Promise<void> {
  for (const deadline = performance.now() + 30_000; ; await wait(50)) {
    try {
      await storage.ping();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

suite('a Redis that fails', withOwnRedis, () => {
  test('killed, and back with nothing: logins begin again, nobody with tokens has noticed', async (t) => {
    rotations = 1;
    const redis = await ownRedis(t);
    const { storage, told } = await beside(t, redis.url);
    await inTheMiddle(storage);
    await redis.kill();
    await refusesAllSoon(storage);
    await goesOn(storage);
    await refusesAllSoon(storage);
    await redis.start();
    await comesBack(storage);

    assert.equal(await storage.findPausedAuthorization(pausedId, now), undefined);
    const granting = { pausedId, grant: aGrant({ id: 'grant-5' }), code: aCode({ grantId: 'grant-5' }), now };
    assert.equal(await storage.grantAuthorization(granting), 'gone');
    assert.equal(await storage.denyAuthorization({ pausedId, userId: 'user-1', now }), 'gone');
    assert.equal(await storage.findCode(anotherCode.digest), undefined);
    assert.equal(await storage.redeemCode(redeem({ digest: anotherCode.digest })), 'dead');
    await goesOn(storage);

    await storage.keepPausedAuthorization(aPaused({ id: digestOf('again') }));
    const code = aCode({ digest: digestOf('code-6'), grantId: 'grant-6' });
    const again = { pausedId: digestOf('again'), grant: aGrant({ id: 'grant-6' }), code, now };
    assert.equal(await storage.grantAuthorization(again), 'granted');
    const refreshToken = aToken({ digest: digestOf('of code-6'), grantId: 'grant-6' });
    assert.equal(await storage.redeemCode(redeem({ digest: code.digest, refreshToken })), 'redeemed');
    const where = `127.0.0.1:${redis.port}`;
    assert.deepEqual(told, [
      { level: 'error', event: 'redis_lost', where },
      { level: 'warn', event: 'redis_back', where },
    ]);
  });

  test('killed, and back with what it had on disk: what was under way goes on, and each once', async (t) => {
    const redis = await ownRedis(t, ['--appendonly', 'yes', '--appendfsync', 'always']);
    const { storage } = await beside(t, redis.url);
    await inTheMiddle(storage);
    const spent = aCode().digest;
    await redis.kill();
    await refusesAllSoon(storage);
    await redis.start();
    await comesBack(storage);
    assert.deepEqual(await storage.findPausedAuthorization(pausedId, now), aPaused());
    const refreshToken = aToken({ digest: digestOf('of code-2'), grantId: 'grant-2' });
    const redeeming = redeem({ digest: anotherCode.digest, refreshToken });
    assert.equal(await storage.redeemCode(redeeming), 'redeemed');
    assert.equal(await storage.redeemCode(redeeming), 'replayed');
    assert.equal(await storage.redeemCode(redeem({ digest: spent })), 'replayed');
    assert.equal(await storage.redeemCode(redeem({ digest: spent })), 'dead');
  });

  test('frozen: what was answered with a failure and happens later lets nobody in twice', async (t) => {
    rotations = 1;
    const redis = await ownRedis(t);
    const { storage } = await beside(t, redis.url);
    await inTheMiddle(storage);
    await redis.ask((client) => client.client('PAUSE', 6_000, 'ALL'));
    const code = aCode({ digest: digestOf('code-7'), grantId: 'grant-7' });
    const granting = (id: string) => ({
      pausedId,
      grant: aGrant({ id }),
      code: { ...code, grantId: id },
      now,
    });
    const began = performance.now();
    await assert.rejects(storage.grantAuthorization(granting('grant-7')), EphemeralUnavailable);
    assert.ok(performance.now() - began < soonMilliseconds);
    await goesOn(storage);
    await comesBack(storage);
    assert.equal(await storage.findGrant('grant-7'), undefined);
    assert.equal(await storage.findCode(code.digest), undefined);
    assert.equal(await storage.grantAuthorization(granting('grant-8')), 'granted');
    assert.equal(await storage.grantAuthorization(granting('grant-9')), 'repeated');
    const ids = ['grant-7', 'grant-8', 'grant-9'];
    const kept = await Promise.all(ids.map((id) => storage.findGrant(id)));
    assert.equal(kept.filter((grant) => grant !== undefined).length, 1);
    const refreshToken = aToken({ digest: digestOf('of code-7'), grantId: 'grant-8' });
    assert.equal(await storage.redeemCode(redeem({ digest: code.digest, refreshToken })), 'redeemed');
    assert.equal(await storage.redeemCode(redeem({ digest: code.digest, refreshToken })), 'replayed');
  });

  test('cut off without a word: each operation gives up soon, and a new connection takes over', async (t) => {
    rotations = 1;
    const redis = await ownRedis(t);
    const proxy = await silentProxy(t, redis.port);
    const { storage } = await beside(t, `redis://127.0.0.1:${proxy.port}`);
    await inTheMiddle(storage);
    proxy.isSilent = true;
    await refusesAllSoon(storage);
    await refusesAllSoon(storage);
    await goesOn(storage);
    proxy.isSilent = false;
    await comesBack(storage);
    assert.ok(await storage.findCode(anotherCode.digest));
    const { digest } = anotherCode;
    const refreshToken = aToken({ digest: digestOf('of code-2'), grantId: 'grant-2' });
    const redeemed = await samples.tally(20, (i) =>
      storage.redeemCode(
        redeem({ digest, refreshToken: { ...refreshToken, digest: digestOf(`of code-2, ${i}`) } }),
      ),
    );
    assert.deepEqual(redeemed, { redeemed: 1, replayed: 1, dead: 18 });
  });

  test('out of memory: nothing new begins, what was kept is found, and room mends it', async (t) => {
    const redis = await ownRedis(t);
    const { storage } = await beside(t, redis.url);
    await inTheMiddle(storage);
    await redis.ask((client) => client.config('SET', 'maxmemory', '1'));
    const full = { name: 'EphemeralUnavailable', message: /is out of memory/ };
    await assert.rejects(storage.keepPausedAuthorization(aPaused({ id: digestOf('new') })), full);
    const granting = { pausedId, grant: aGrant({ id: 'grant-3' }), code: aCode({ digest: 'x' }), now };
    await assert.rejects(storage.grantAuthorization(granting), full);
    await assert.rejects(storage.denyAuthorization({ pausedId, userId: 'user-1', now }), full);
    assert.deepEqual(await storage.findPausedAuthorization(pausedId, now), aPaused());
    assert.equal(await storage.findGrant('grant-3'), undefined);
    await redis.ask((client) => client.config('SET', 'maxmemory', '0'));
    assert.equal(await storage.denyAuthorization({ pausedId, userId: 'user-1', now }), 'denied');
  });

  test('a replica after a failover is left for whatever the address leads to then', async (t) => {
    const redis = await ownRedis(t);
    const { storage, told } = await beside(t, redis.url);
    await inTheMiddle(storage);
    await redis.ask((client) => client.replicaof('127.0.0.1', '1'));
    const keeping = () => storage.keepPausedAuthorization(aPaused({ id: digestOf('new') }));
    await assert.rejects(keeping(), { name: 'EphemeralUnavailable', message: /is a replica/ });
    await redis.ask((client) => client.replicaof('NO', 'ONE'));
    await comesBack(storage);
    assert.equal(await keeping(), 'kept');
    assert.equal(told[0]?.event, 'redis_lost');
  });
});
