// Signing keys: added after one another, taken away but for the one that signs, forgotten when nothing needs them; and
// whatever is sealed, sealed anew.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SigningKey, Storage } from '@sallyport/storage';
import { supersededSigningKeySeconds } from '@sallyport/storage';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aKey, digestOf, now, rotate, tally, withRefreshToken } = samples;

const kidsOf = async (storage: Storage): Promise<readonly string[]> =>
  (await storage.listSigningKeys()).map(({ kid }) => kid);

/** One after the other; each signs ten seconds after it was made. */
async function addKeys(storage: Storage, ...kids: string[]): Promise<void> {
  for (const [index, kid] of kids.entries()) {
    const key = aKey({ kid, createdAt: now + index * 10, signsFromAt: now + index * 10 + 10 });
    assert.equal(await storage.addSigningKey({ key, after: kids[index - 1] }), 'added');
  }
}

const asFirst = (kid: string) => ({ key: aKey({ kid }), after: undefined });

export function keysContract(open: Open): void {
  test('of 20 simultaneous first signing keys one is kept', async (t) => {
    const { storage } = await open(t);
    assert.deepEqual(await storage.listSigningKeys(), []);
    const outcomes = await tally(20, (i) => storage.addSigningKey(asFirst(`kid-${i}`)));
    assert.deepEqual(outcomes, { added: 1, overtaken: 19 });
    const [winner, ...others] = await storage.listSigningKeys();
    assert.deepEqual([winner, others], [aKey({ kid: winner?.kid ?? '' }), []]);
  });

  test('of 20 simultaneous next signing keys one is kept, and only after the newest', async (t) => {
    const { storage } = await open(t);
    await storage.addSigningKey(asFirst('first'));
    const next = (kid: string, after: string | undefined) => ({
      key: aKey({ kid, createdAt: now + 1, signsFromAt: now + 600 }),
      after,
    });
    const outcomes = await tally(20, (i) => storage.addSigningKey(next(`kid-${i}`, 'first')));
    assert.deepEqual(outcomes, { added: 1, overtaken: 19 });
    const [newest, oldest] = await storage.listSigningKeys();
    assert.deepEqual([newest?.signsFromAt, oldest?.kid], [now + 600, 'first']);
    for (const after of ['first', undefined, 'unknown'])
      assert.equal(await storage.addSigningKey(next('late', after)), 'overtaken');
    for (const after of ['first', newest?.kid, undefined])
      assert.equal(await storage.addSigningKey(next('first', after)), 'taken');
    assert.deepEqual(await kidsOf(storage), [newest?.kid, 'first']);
  });

  test('a key of the same second, or of a clock that is behind, is newer all the same', async (t) => {
    const { storage } = await open(t);
    await storage.addSigningKey(asFirst('z'));
    await storage.addSigningKey({ key: aKey({ kid: 'a' }), after: 'z' });
    await storage.addSigningKey({ key: aKey({ kid: 'b', createdAt: now - 500 }), after: 'a' });
    const keys = await storage.listSigningKeys();
    assert.deepEqual(
      keys.map(({ kid, createdAt, signsFromAt }) => [kid, createdAt, signsFromAt]),
      [
        ['b', now + 2, now],
        ['a', now + 1, now],
        ['z', now, now],
      ],
    );
  });

  test('every key can be removed but the one that signs', async (t) => {
    const { storage } = await open(t);
    await addKeys(storage, 'old', 'signer', 'next');
    const at = now + 25;
    assert.equal(await storage.removeSigningKey({ kid: 'signer', now: at }), 'signs');
    assert.equal(await storage.removeSigningKey({ kid: 'unknown', now: at }), 'not_found');
    assert.equal(await storage.removeSigningKey({ kid: 'old', now: at }), 'removed');
    assert.equal(await storage.removeSigningKey({ kid: 'old', now: at }), 'not_found');
    assert.equal(await storage.removeSigningKey({ kid: 'next', now: at }), 'removed');
    assert.deepEqual(await kidsOf(storage), ['signer']);
    // The clock is before all of them: then the oldest signs.
    assert.equal(await storage.removeSigningKey({ kid: 'signer', now: 0 }), 'signs');
  });

  test('of several that remove keys at once, the one that signs is left', async (t) => {
    const { storage } = await open(t);
    await addKeys(storage, 'a', 'b', 'c');
    const outcomes = await tally(9, (i) =>
      storage.removeSigningKey({ kid: ['a', 'b', 'c'][i % 3] ?? '', now: now + 60 }),
    );
    assert.deepEqual(outcomes, { removed: 2, not_found: 4, signs: 3 });
    assert.deepEqual(await kidsOf(storage), ['c']);
  });

  test('the sweep forgets a key once nothing that it signed can be alive, and never the newest', async (t) => {
    const { storage } = await open(t);
    await addKeys(storage, 'a', 'b', 'c');
    const sweepAt = (at: number) => storage.sweep({ now: at, unusedClientsBefore: 0, limit: 100 });
    const successorSigns = now + 20;
    assert.equal(await sweepAt(successorSigns + supersededSigningKeySeconds - 1), 0);
    assert.equal(await sweepAt(successorSigns + supersededSigningKeySeconds), 1);
    assert.deepEqual(await kidsOf(storage), ['c', 'b']);
    assert.equal(await sweepAt(now + 10 * supersededSigningKeySeconds), 1);
    assert.equal(await sweepAt(now + 1000 * supersededSigningKeySeconds), 0);
    assert.deepEqual(await kidsOf(storage), ['c']);
  });

  test('the sweep leaves a key whose successor does not sign yet, however long ago it was made', async (t) => {
    const { storage } = await open(t);
    await storage.addSigningKey(asFirst('a'));
    const inAYear = now + 365 * 24 * 3600;
    await storage.addSigningKey({ key: aKey({ kid: 'b', signsFromAt: inAYear }), after: 'a' });
    assert.equal(await storage.sweep({ now: inAYear, unusedClientsBefore: 0, limit: 100 }), 0);
  });

  test('sealed values are listed by id, page by page', async (t) => {
    const { storage } = await open(t);
    await addKeys(storage, 'b', 'a', 'c');
    const sealed = aKey().sealedPrivateJwk;
    const page = (limit: number, after?: string) =>
      storage.listSealedValues({ kind: 'signing_key', limit, ...(after !== undefined && { after }) });
    assert.deepEqual(await page(2), [
      { id: 'a', sealed },
      { id: 'b', sealed },
    ]);
    assert.deepEqual(await page(2, 'b'), [{ id: 'c', sealed }]);
    assert.deepEqual(await page(2, 'c'), []);
  });

  test('a sealed value is replaced only while it is what was read', async (t) => {
    const { storage } = await open(t);
    await addKeys(storage, 'a', 'b');
    const from = aKey().sealedPrivateJwk;
    const replaced = { kind: 'signing_key', id: 'a', from } as const;
    const outcomes = await tally(20, (i) =>
      storage.replaceSealedValue({ ...replaced, to: new Uint8Array([i, 1]) }),
    );
    assert.deepEqual(outcomes, { replaced: 1, changed: 19 });
    assert.equal(
      await storage.replaceSealedValue({ ...replaced, id: 'unknown', to: new Uint8Array([2]) }),
      'changed',
    );
    const [b, a] = (await storage.listSigningKeys()) as [SigningKey, SigningKey];
    assert.deepEqual([b.sealedPrivateJwk, a.sealedPrivateJwk[1]], [from, 1]);
    assert.deepEqual({ ...a, sealedPrivateJwk: from }, aKey({ kid: 'a', signsFromAt: now + 10 }));
  });

  test('refresh tokens are counted by their key while they can still be used', async (t) => {
    const { storage } = await open(t);
    assert.deepEqual(await storage.countRefreshTokensByKey(now), new Map());
    await withRefreshToken(storage);
    assert.deepEqual(await storage.countRefreshTokensByKey(now), new Map([['key-1', 1]]));
    const rotation = rotate('token-1', 'token-2');
    await storage.rotateRefreshToken({
      ...rotation,
      successor: { ...rotation.successor, keyId: 'key-2' },
    });
    // The first may be asked for again, for as long as any grace lasts.
    const both = new Map([
      ['key-1', 1],
      ['key-2', 1],
    ]);
    assert.deepEqual(await storage.countRefreshTokensByKey(now + 3599), both);
    assert.deepEqual(await storage.countRefreshTokensByKey(now + 3601), new Map([['key-2', 1]]));
    assert.deepEqual(await storage.countRefreshTokensByKey(rotation.successor.expiresAt), new Map());
    await storage.revokeGrant('grant-1', now);
    assert.deepEqual(await storage.countRefreshTokensByKey(now), new Map());
    assert.ok(await storage.findRefreshToken(digestOf('token-2')));
  });
}

/** Only for stores that two processes can share. */
export function sharedKeysContract(open: Open): void {
  test('two processes that add, remove and replace keys at once agree', async (t) => {
    const { storage, openAgain } = await open(t);
    assert.ok(openAgain);
    const either = [storage, await openAgain()];
    const pick = (i: number) => either[i % 2] ?? storage;
    const first = await tally(20, (i) => pick(i).addSigningKey(asFirst(`kid-${i}`)));
    assert.deepEqual(first, { added: 1, overtaken: 19 });
    const [winner] = await kidsOf(storage);
    const next = await tally(20, (i) =>
      pick(i).addSigningKey({ key: aKey({ kid: `next-${i}` }), after: winner }),
    );
    assert.deepEqual(next, { added: 1, overtaken: 19 });
    const [newest = ''] = await kidsOf(storage);
    const from = aKey().sealedPrivateJwk;
    const sealed = await tally(20, (i) =>
      pick(i).replaceSealedValue({
        kind: 'signing_key',
        id: newest,
        from,
        to: new Uint8Array([i, 7]),
      }),
    );
    assert.deepEqual(sealed, { replaced: 1, changed: 19 });
    const removed = await tally(20, (i) =>
      pick(i).removeSigningKey({ kid: i % 4 < 2 ? newest : (winner ?? ''), now: now + 60 }),
    );
    assert.deepEqual(removed, { signs: 10, removed: 1, not_found: 9 });
    assert.deepEqual(await kidsOf(storage), [newest]);
  });
}
