// The sweep, what listeners hear, and what every kept value has in common.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageUnavailable } from '@sallyport/storage';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aClient, aCode, aGrant, anItem, aPaused, aSession, aUser, digestOf, now } = samples;
const { redeem, rotate, withCode, withPersonAndClient, withRefreshToken } = samples;

export function valuesContract(open: Open): void {
  const texts = {
    'an apostrophe': "it's; DROP TABLE items; --",
    'other scripts and emoji': 'Ünïcödé 漢字 עברית \u{1F6AA}\u{1F3F4}\u200D\u2620\uFE0F',
    'composed and decomposed letters': '\u00E9 e\u0301',
    'a NUL': 'before\u0000after',
    'control characters and line ends': '\u0001\r\n\t\u007F\u2028',
    'what looks like a parameter': '$1 ? :name @p %s \\',
    'no character': '',
    'a megabyte': 'long '.repeat(200_000),
  };
  for (const [what, text] of Object.entries(texts)) {
    test(`a text with ${what} comes back as it was`, async (t) => {
      const { storage } = await open(t);
      // What a row is found by is short: PostgreSQL keeps at most 2,704 bytes of it in an index.
      const id = text.slice(0, 500);
      await storage.addUser(aUser({ name: text }));
      await storage.addItem(anItem({ id, name: text, content: text }));
      assert.equal((await storage.findUser('user-1'))?.name, text);
      assert.deepEqual(await storage.findItem(id), anItem({ id, name: text, content: text }));
      assert.equal(await storage.findItem(`${id}\u0000`), undefined);
    });
  }

  test('a value that is not what its type says is refused, and nothing is kept', async (t) => {
    const { storage } = await open(t);
    for (const createdAt of [new Date(), undefined, 1.5, 2 ** 53, NaN, 5n, true]) {
      const user = { ...aUser(), createdAt } as unknown as ReturnType<typeof aUser>;
      await assert.rejects(storage.addUser(user), TypeError);
    }
    assert.deepEqual(await storage.listUsers(), []);
    await storage.addUser(aUser({ createdAt: Number.MAX_SAFE_INTEGER }));
    assert.equal((await storage.findUser('user-1'))?.createdAt, Number.MAX_SAFE_INTEGER);
  });
}

export function housekeepingContract(open: Open, options: { expiresByItself?: boolean }): void {
  const { expiresByItself = false } = options;

  test('the sweep forgets what expired, in batches, and nothing else', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    for (let i = 0; i < 5; i++) {
      await storage.keepSession(aSession({ digest: digestOf(`old ${i}`), expiresAt: now - i }));
      await storage.keepPausedAuthorization(aPaused({ id: digestOf(`old ${i}`), expiresAt: now - i }));
    }
    await storage.keepSession(aSession());
    await storage.keepPausedAuthorization(aPaused());
    const work = { now, unusedClientsBefore: now - 100, limit: 2 };
    const kinds = expiresByItself ? 1 : 2;
    assert.equal(await storage.sweep(work), 2 * kinds);
    assert.equal(await storage.sweep(work), 2 * kinds);
    assert.equal(await storage.sweep(work), 1 * kinds);
    assert.equal(await storage.sweep(work), 0);
    assert.ok(await storage.findSession(aSession().digest, now));
    assert.ok(await storage.findPausedAuthorization(aPaused().id, now));
    assert.ok(await storage.findCode(aCode().digest));
    assert.ok(await storage.findRefreshToken(digestOf('token-1')));
  });

  test('codes, refresh tokens and grants are swept when they expired, revoked or not', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    await storage.revokeGrant('grant-1', now);
    const sweepAt = (at: number) => storage.sweep({ now: at, unusedClientsBefore: 0, limit: 100 });
    assert.equal(await sweepAt(aCode().expiresAt - 1), 0);
    if (!expiresByItself) {
      assert.equal(await sweepAt(aCode().expiresAt), 1);
      assert.equal(await storage.findCode(aCode().digest), undefined);
    }
    assert.ok(await storage.findRefreshToken(digestOf('token-1')));
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now);
    const end = redeem().grantExpiresAt;
    assert.equal(await sweepAt(end), 2);
    assert.equal(await storage.findRefreshToken(digestOf('token-1')), undefined);
    assert.equal(await storage.findGrant('grant-1'), undefined);
    assert.ok(await storage.findClient('client-1'));
    assert.ok(await storage.findUser('user-1'));
  });

  test('of the old clients only those are swept that registered themselves and were never used', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    const old = now - 1000;
    await storage.addClient(aClient({ client_id: 'unused', createdAt: old }));
    await storage.addClient(
      aClient({ client_id: 'of the operator', createdAt: old, registeredBy: 'operator' }),
    );
    await storage.addClient(aClient({ client_id: 'young', createdAt: now }));
    await storage.addClient(aClient({ client_id: 'used', createdAt: old }));
    await storage.grantAuthorization({ grant: aGrant({ clientId: 'used' }), code: aCode(), now });
    assert.equal(await storage.sweep({ now, unusedClientsBefore: now - 500, limit: 10 }), 1);
    const left = (await storage.listClients()).map((client) => client.client_id).sort();
    assert.deepEqual(left, ['of the operator', 'used', 'young']);
  });

  test('listeners hear every grant that ends here before the call is answered, and none that does not', async (t) => {
    const { storage } = await open(t);
    await withCode(storage);
    const { heard, stop } = samples.hearing(storage);
    const hears = async (call: Promise<unknown>, ...grantIds: string[]) => {
      await call;
      const found = heard.splice(0);
      assert.deepEqual([found.length, new Set(found)], [grantIds.length, new Set(grantIds)]);
    };
    await hears(storage.redeemCode(redeem()));
    await hears(storage.rotateRefreshToken(rotate('token-1', 'token-2')));
    await hears(storage.rotateRefreshToken(rotate('token-1', 'token-2')));
    await hears(storage.redeemCode(redeem()), 'grant-1');
    await hears(storage.redeemCode(redeem()));
    await hears(storage.revokeGrant('grant-1', now));
    await hears(storage.revokeGrant('unknown', now));

    const grantOf = (id: string) => ({
      grant: aGrant({ id }),
      code: aCode({ digest: digestOf(id), grantId: id }),
      now,
    });
    await storage.grantAuthorization(grantOf('grant-2'));
    await hears(storage.revokeGrant('grant-2', now), 'grant-2');
    await storage.grantAuthorization(grantOf('grant-3'));
    await hears(storage.removeUser('user-1'), 'grant-1', 'grant-2', 'grant-3');

    await storage.addUser(aUser());
    await storage.grantAuthorization(grantOf('grant-4'));
    await hears(storage.removeClient('client-1'), 'grant-4');

    await withPersonAndClient(storage);
    await storage.grantAuthorization(grantOf('grant-5'));
    stop();
    stop();
    await hears(storage.revokeGrant('grant-5', now));
  });

  test('a replayed refresh token is heard by every listener', async (t) => {
    const { storage } = await open(t);
    await withRefreshToken(storage);
    await storage.rotateRefreshToken(rotate('token-1', 'token-2'));
    await storage.rotateRefreshToken(rotate('token-2', 'token-3'));
    const listening = [1, 2].map(() => samples.hearing(storage));
    await storage.rotateRefreshToken(rotate('token-1', 'token-2'));
    for (const { heard, stop } of listening) {
      assert.deepEqual(heard, ['grant-1']);
      stop();
    }
  });

  test('a store answers a ping until it is closed, and then refuses everything', async (t) => {
    const { storage, openAgain } = await open(t);
    await storage.ping();
    await storage.addUser(aUser());
    await storage.close();
    await storage.close();
    await assert.rejects(storage.ping(), StorageUnavailable);
    await assert.rejects(storage.findUser('user-1'), StorageUnavailable);
    await assert.rejects(storage.addUser(aUser({ id: 'user-2' })), StorageUnavailable);
    if (openAgain === undefined) return;
    assert.deepEqual(await (await openAgain()).listUsers(), [aUser()]);
  });
}

/** Only for stores that two processes can share. */
export function sharingContract(open: Open): void {
  test('what one process wrote another sees at once, and its caches are told to forget', async (t) => {
    const { storage, openAgain } = await open(t);
    assert.ok(openAgain);
    const other = await openAgain();
    await withRefreshToken(storage);
    const told = new Promise((resolve) => {
      other.onChange(resolve);
    });
    await storage.revokeGrant('grant-1', now);
    assert.equal((await other.findGrant('grant-1'))?.revokedAt, now);
    // The timer does not keep a process alive, so this one must have something else to wait for.
    const alive = setInterval(() => {}, 1000);
    const change = await told;
    if (change !== 'anything') assert.deepEqual(change, { grantId: 'grant-1' });
    clearInterval(alive);
  });

  test('two processes that redeem, rotate and decide at once agree on one winner', async (t) => {
    const { storage, openAgain } = await open(t);
    assert.ok(openAgain);
    const either = [storage, await openAgain()];
    const pick = (i: number) => either[i % 2] ?? storage;
    await withPersonAndClient(storage);
    await storage.keepPausedAuthorization(aPaused());
    const decided = await samples.tally(20, (i) =>
      pick(i).grantAuthorization({
        pausedId: aPaused().id,
        grant: aGrant({ id: `grant-${i}` }),
        code: aCode({ digest: digestOf(`code-${i}`), grantId: `grant-${i}` }),
        now,
      }),
    );
    assert.deepEqual(decided, { granted: 1, repeated: 19 });

    await storage.grantAuthorization({
      grant: aGrant({ id: 'mine' }),
      code: aCode({ grantId: 'mine' }),
      now,
    });
    await storage.redeemCode(redeem());
    const rotated = await samples.tally(20, (i) => pick(i).rotateRefreshToken(rotate('token-1', 'token-2')));
    assert.deepEqual(rotated, { rotated: 1, repeated: 19 });
    const redeemed = await samples.tally(20, (i) => pick(i).redeemCode(redeem()));
    assert.deepEqual(redeemed, { replayed: 1, dead: 19 });
  });
}
