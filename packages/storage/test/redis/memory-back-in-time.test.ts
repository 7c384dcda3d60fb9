// A Redis that fails over to a replica which was behind, or is restored: what it brings back is judged by the durable store.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage } from '@sallyport/storage';
import type { Redis } from 'ioredis';
import * as samples from '../contract/samples.ts';
import { onRedis, ownPlace } from './server.ts';

const { aClient, aCode, aGrant, aPaused, aToken, aUser, digestOf, now, redeem } = samples;

async function open(t: TestContext) {
  const { ephemeral, client } = await ownPlace(t);
  const storage = await openStorage('sqlite::memory:', { ephemeral });
  t.after(() => storage.close());
  await samples.withPersonAndClient(storage);
  await storage.keepPausedAuthorization(aPaused());
  const prefix = `sallyport:${ephemeral.deployment}:`;
  return { storage, client, prefix, remember: () => remember(client, prefix) };
}

/** @returns puts everything back as it is now, and forgets what came since */
async function remember(client: Redis, prefix: string): Promise<() => Promise<void>> {
  const keys = async () => {
    const found: string[] = [];
    for await (const some of client.scanStream({ match: `${prefix}*` })) found.push(...(some as string[]));
    return found;
  };
  const kept = await Promise.all((await keys()).map(async (key) => [key, await client.get(key)] as const));
  return async () => {
    for (const key of await keys()) await client.del(key);
    for (const [key, text] of kept) await client.set(key, text ?? '', 'EX', 60);
  };
}

const pausedId = aPaused().id;
const code = aCode();
const granting = (id: string) => ({
  pausedId,
  grant: aGrant({ id }),
  code: { ...code, grantId: id },
  now,
});

suite('a Redis whose memory went back in time', onRedis, () => {
  test('a spent code that is there again is a replay, and ends its grant', async (t) => {
    const { storage, remember: keep } = await open(t);
    await storage.grantAuthorization(granting('grant-1'));
    const goBack = await keep();
    assert.equal(await storage.redeemCode(redeem()), 'redeemed');
    await goBack();
    assert.equal((await storage.findCode(code.digest))?.code.spentAt, now);
    assert.equal(await storage.redeemCode(redeem({ refreshToken: aToken({ digest: 'x' }) })), 'replayed');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now);
    assert.equal(await storage.findRefreshToken('x'), undefined);
  });

  test('an authorization that is undecided again cannot bring its code to life a second time', async (t) => {
    const { storage, remember: keep } = await open(t);
    const goBack = await keep();
    await storage.grantAuthorization(granting('grant-1'));
    assert.equal(await storage.redeemCode(redeem()), 'redeemed');
    await goBack();
    assert.deepEqual(await storage.findPausedAuthorization(pausedId, now), aPaused());
    assert.equal(await storage.grantAuthorization(granting('grant-2')), 'decided_otherwise');
    assert.equal(await storage.findGrant('grant-2'), undefined);
    assert.equal(await storage.findCode(code.digest), undefined);
    assert.equal(await storage.redeemCode(redeem({ refreshToken: aToken({ digest: 'x' }) })), 'dead');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
  });

  test('a decision that is left without its code is only a repeat, and gives nothing', async (t) => {
    const { storage, client, prefix } = await open(t);
    await storage.grantAuthorization(granting('grant-1'));
    await client.del(`${prefix}code:${code.digest}`);
    assert.equal(await storage.grantAuthorization(granting('grant-2')), 'repeated');
    assert.equal(await storage.findCode(code.digest), undefined);
    assert.equal(await storage.findGrant('grant-2'), undefined);
  });

  test('a code of a person who was removed meanwhile is unknown', async (t) => {
    const { storage, remember: keep } = await open(t);
    await storage.grantAuthorization(granting('grant-1'));
    const goBack = await keep();
    await storage.removeUser('user-1');
    await goBack();
    assert.equal(await storage.findCode(code.digest), undefined);
    assert.equal(await storage.redeemCode(redeem()), 'dead');
    assert.equal(await storage.grantAuthorization(granting('grant-1')), 'gone');
    await storage.addUser(aUser());
    assert.equal(await storage.redeemCode(redeem()), 'dead');
  });

  test('an authorization is for the client as it was registered then, not for another of the same id', async (t) => {
    const { storage } = await open(t);
    await storage.removeClient('client-1');
    assert.equal(await storage.findPausedAuthorization(pausedId, now), undefined);
    await storage.addClient(aClient({ traceId: 'another' }));
    assert.equal(await storage.findPausedAuthorization(pausedId, now), undefined);
    assert.equal(await storage.grantAuthorization(granting('grant-1')), 'gone');
    assert.equal(await storage.denyAuthorization({ pausedId, userId: 'user-1', now }), 'gone');
    assert.deepEqual(await storage.listClientAccess('user-1', now), []);
  });

  test('what was claimed once stays claimed', async (t) => {
    const { storage, remember: keep } = await open(t);
    const claimed = { kind: 'client_assertion', id: digestOf('jti'), expiresAt: now + 600, now } as const;
    const goBack = await keep();
    assert.equal(await storage.claim(claimed), 'claimed');
    await goBack();
    assert.equal(await storage.claim(claimed), 'taken');
  });

  test('what somebody else wrote is no code: neither for a grant that has one, nor for one that has none', async (t) => {
    const { storage, client, prefix } = await open(t);
    await storage.grantAuthorization(granting('grant-1'));
    const forged = aCode({ digest: digestOf('forged'), code_challenge: digestOf('theirs') });
    await client.set(`${prefix}code:${forged.digest}`, JSON.stringify(forged));
    assert.equal(await storage.findCode(forged.digest), undefined);
    assert.equal(await storage.redeemCode(redeem({ digest: forged.digest })), 'dead');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
    assert.equal(await storage.redeemCode(redeem()), 'redeemed');
    assert.equal(await storage.redeemCode(redeem({ digest: forged.digest })), 'dead');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
  });
});

suite('what lies in Redis', onRedis, () => {
  test('is named for its deployment, holds digests, and goes by itself', async (t) => {
    const { storage, client, prefix } = await open(t);
    await storage.grantAuthorization(granting('grant-1'));
    await storage.redeemCode(redeem());
    const kinds = { paused: pausedId, decision: pausedId, code: code.digest };
    for (const [kind, id] of Object.entries(kinds)) {
      const seconds = await client.ttl(`${prefix}${kind}:${id}`);
      const life = (kind === 'code' ? code.expiresAt : aPaused().expiresAt) - now;
      assert.ok(seconds > life && seconds <= life + 300, `${kind}: ${seconds}`);
    }
    assert.equal((await client.keys(`${prefix}*`)).length, 3);
  });

  test('of another deployment is not found, not even where both know the client', async (t) => {
    const { client, prefix } = await open(t);
    const { ephemeral } = await ownPlace(t);
    const other = await openStorage('sqlite::memory:', { ephemeral });
    t.after(() => other.close());
    await samples.withPersonAndClient(other);
    assert.equal(await other.findPausedAuthorization(pausedId, now), undefined);
    assert.equal(await client.exists(`${prefix}paused:${pausedId}`), 1);
  });
});
