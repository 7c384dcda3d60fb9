// What may be presented once only.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageUnavailable, type Storage } from '@sallyport/storage';
import { digestOf, now, tally, type Open } from './samples.ts';

const claimed = (given: Partial<Parameters<Storage['claim']>[0]> = {}) => ({
  kind: 'client_assertion' as const,
  id: digestOf('jti'),
  expiresAt: now + 600,
  now,
  ...given,
});

export function claimsContract(open: Open): void {
  test('of 20 who claim the same at once one gets it, and nobody afterwards', async (t) => {
    const { storage } = await open(t);
    assert.deepEqual(await tally(20, () => storage.claim(claimed())), { claimed: 1, taken: 19 });
    assert.equal(await storage.claim(claimed({ now: now + 599, expiresAt: now + 9999 })), 'taken');
    assert.equal(await storage.claim(claimed({ id: digestOf('other') })), 'claimed');
  });

  test('a claim that was refused does not make the first one last longer or shorter', async (t) => {
    const { storage } = await open(t);
    await storage.claim(claimed());
    await storage.claim(claimed({ expiresAt: now + 1 }));
    await storage.claim(claimed({ expiresAt: now + 9999 }));
    assert.equal(await storage.claim(claimed({ now: now + 599 })), 'taken');
    const later = claimed({ now: now + 600, expiresAt: now + 700 });
    assert.deepEqual(await tally(20, () => storage.claim(later)), { claimed: 1, taken: 19 });
    assert.equal(await storage.claim(claimed({ now: now + 699 })), 'taken');
  });

  test('a claim is given back by its holder alone, and can then be claimed anew', async (t) => {
    const { storage } = await open(t);
    const { now: _, ...held } = claimed();
    assert.equal(await storage.releaseClaim(held), 'not_held');
    await storage.claim(claimed());
    assert.equal(await storage.releaseClaim({ ...held, expiresAt: held.expiresAt + 1 }), 'not_held');
    assert.equal(await storage.releaseClaim({ ...held, kind: 'vault_refresh' }), 'not_held');
    assert.equal(await storage.claim(claimed()), 'taken');
    assert.deepEqual(await tally(20, () => storage.releaseClaim(held)), { released: 1, not_held: 19 });
    assert.equal(await storage.claim(claimed()), 'claimed');
    // Whoever took it over when it had expired keeps it, though the one before comes back.
    const later = claimed({ now: held.expiresAt, expiresAt: held.expiresAt + 600 });
    assert.equal(await storage.claim(later), 'claimed');
    assert.equal(await storage.releaseClaim(held), 'not_held');
    assert.equal(await storage.claim({ ...later, expiresAt: later.expiresAt + 1 }), 'taken');
  });

  test('the sweep forgets expired claims only, in batches', async (t) => {
    const { storage } = await open(t);
    const ends = [1, 2, 3, 600];
    for (const seconds of ends)
      await storage.claim(claimed({ id: digestOf(String(seconds)), expiresAt: now + seconds }));
    const sweepAt = (at: number) => storage.sweep({ now: at, unusedClientsBefore: 0, limit: 2 });
    assert.equal(await sweepAt(now + 3), 2);
    assert.equal(await sweepAt(now + 3), 1);
    assert.equal(await sweepAt(now + 3), 0);
    assert.equal(await storage.claim(claimed({ id: digestOf('600'), now: now + 3 })), 'taken');
  });

  test('a closed store claims nothing', async (t) => {
    const { storage } = await open(t);
    await storage.close();
    await assert.rejects(storage.claim(claimed()), StorageUnavailable);
  });
}

/** Only for stores that two processes can share. */
export function sharedClaimsContract(open: Open): void {
  test('of 20 who claim the same at once in two processes one gets it', async (t) => {
    const { storage, openAgain } = await open(t);
    assert.ok(openAgain);
    const either = [storage, await openAgain()];
    const counted = await tally(20, (i) => (either[i % 2] ?? storage).claim(claimed()));
    assert.deepEqual(counted, { claimed: 1, taken: 19 });
  });
}
