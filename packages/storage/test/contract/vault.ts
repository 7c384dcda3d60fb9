// What other parties gave for a person: kept once for each of their accounts, and changed only by who knows what is there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageUnavailable, type Storage } from '@sallyport/storage';
import { aClient, aCode, aGrant, anIdentity, aSession, aUser, aVaultEntry } from './samples.ts';
import { hearing, now, tally, type Open } from './samples.ts';

const kept = (given: Partial<Parameters<Storage['keepVaultEntry']>[0]> = {}) => {
  const { createdAt: _created, updatedAt: _updated, dead: _dead, ...entry } = aVaultEntry();
  return { ...entry, now, ...given };
};

async function withEntry(storage: Storage): Promise<void> {
  await storage.addUser(aUser());
  assert.equal(await storage.keepVaultEntry(kept()), 'kept');
}

const replacing = (given: Partial<Parameters<Storage['replaceVaultTokens']>[0]> = {}) => ({
  id: 'entry-1',
  generation: 7,
  sealed: new Uint8Array([2]),
  expiresAt: now + 7200,
  refreshAt: now + 6900,
  now: now + 1,
  ...given,
});

const idsOf = (entries: readonly { readonly id: string }[]) => entries.map(({ id }) => id);

export function vaultContract(open: Open): void {
  test('an entry comes back as it was kept, and what a provider did not say stays unsaid', async (t) => {
    const { storage } = await open(t);
    assert.equal(await storage.findVaultEntry('entry-1'), undefined);
    await withEntry(storage);
    assert.deepEqual(await storage.findVaultEntry('entry-1'), aVaultEntry());
    const { expiresAt: _expires, refreshAt: _refresh, ...unsaid } = kept({ id: 'entry-2', subject: '6' });
    await storage.keepVaultEntry(unsaid);
    const { expiresAt, refreshAt, dead } = (await storage.findVaultEntry('entry-2')) ?? aVaultEntry();
    assert.deepEqual([expiresAt, refreshAt, dead], [undefined, undefined, undefined]);
  });

  test('what is kept again is the next generation, alive, with the id and the day of the first', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    await storage.markVaultEntryDead({ id: 'entry-1', generation: 7, reason: 'over', now });
    const sealed = new Uint8Array([9]);
    const again = kept({ sealed, generation: 1000, expiresAt: now + 9, refreshAt: now + 5, now: now + 2 });
    assert.equal(await storage.keepVaultEntry(again), 'kept');
    assert.deepEqual(
      await storage.findVaultEntry('entry-1'),
      aVaultEntry({ sealed, generation: 8, expiresAt: now + 9, refreshAt: now + 5, updatedAt: now + 2 }),
    );
  });

  test('nothing is kept for a person who is not there, and it goes with its person', async (t) => {
    const { storage } = await open(t);
    assert.equal(await storage.keepVaultEntry(kept()), 'user_gone');
    await withEntry(storage);
    assert.equal(await storage.removeUser('user-1'), 'removed');
    assert.equal(await storage.findVaultEntry('entry-1'), undefined);
    assert.equal(await storage.keepVaultEntry(kept()), 'user_gone');
  });

  test("a person's entries at one provider are listed by subject, and nobody else's", async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    await storage.addUser(aUser({ id: 'user-2' }));
    for (const given of [
      { id: 'b', subject: '2' },
      { id: 'a', subject: '1' },
      { id: 'other provider', provider: 'google' },
      { id: 'other person', userId: 'user-2' },
    ])
      assert.equal(await storage.keepVaultEntry(kept(given)), 'kept');
    const of = (userId: string, provider = 'github') => storage.listVaultEntries({ userId, provider });
    assert.deepEqual(idsOf(await of('user-1')), ['a', 'b']);
    assert.deepEqual(idsOf(await of('user-1', 'google')), ['other provider']);
    assert.deepEqual(idsOf(await of('user-2')), ['other person']);
    assert.deepEqual(await of('user-3'), []);
  });

  test('those that are due are listed, the longest due first; what is dead or unsaid never is', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    for (const [id, refreshAt] of [
      ['c', now - 1],
      ['a', now - 3],
      ['d', now],
      ['b', now - 2],
      ['e', now + 1],
    ] as const)
      await storage.keepVaultEntry(kept({ id, subject: id, refreshAt }));
    const { refreshAt: _, ...unsaid } = kept({ id: 'unsaid', subject: 'unsaid' });
    await storage.keepVaultEntry(unsaid);
    const due = async (limit: number) => idsOf(await storage.listDueVaultEntries({ now, limit }));
    assert.deepEqual(await due(10), ['a', 'b', 'c', 'd']);
    assert.deepEqual(await due(2), ['a', 'b']);
    await storage.markVaultEntryDead({ id: 'a', generation: 7, reason: 'over', now });
    await storage.postponeVaultEntry({ id: 'b', generation: 7, refreshAt: now + 60, now });
    assert.deepEqual(await due(10), ['c', 'd']);
  });

  test('of 20 who refreshed the same generation one counts', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    const replace = (i: number) => storage.replaceVaultTokens(replacing({ sealed: new Uint8Array([i]) }));
    assert.deepEqual(await tally(20, replace), { replaced: 1, superseded: 19 });
    const entry = await storage.findVaultEntry('entry-1');
    const { sealed } = entry ?? aVaultEntry();
    const expected = { sealed, generation: 8, expiresAt: now + 7200, refreshAt: now + 6900 };
    assert.deepEqual(entry, aVaultEntry({ ...expected, updatedAt: now + 1 }));
  });

  test('a replacement whose answer was lost may be asked for again, until there is another one', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    assert.equal(await storage.replaceVaultTokens(replacing()), 'replaced');
    assert.equal(await storage.replaceVaultTokens(replacing()), 'replaced');
    assert.equal((await storage.findVaultEntry('entry-1'))?.generation, 8);
    const next = replacing({ generation: 8, sealed: new Uint8Array([3]) });
    assert.equal(await storage.replaceVaultTokens(next), 'replaced');
    assert.equal(await storage.replaceVaultTokens(replacing()), 'superseded');
    assert.equal(await storage.replaceVaultTokens(replacing({ id: 'unknown' })), 'gone');
  });

  test('a late one neither ends nor postpones what another one brought', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    await storage.replaceVaultTokens(replacing());
    const before = await storage.findVaultEntry('entry-1');
    const late = { id: 'entry-1', generation: 7, now: now + 2 };
    assert.equal(await storage.markVaultEntryDead({ ...late, reason: 'over' }), 'superseded');
    assert.equal(await storage.postponeVaultEntry({ ...late, refreshAt: now }), 'superseded');
    assert.deepEqual(await storage.findVaultEntry('entry-1'), before);
    const unknown = { ...late, id: 'unknown' };
    assert.equal(await storage.markVaultEntryDead({ ...unknown, reason: 'over' }), 'gone');
    assert.equal(await storage.postponeVaultEntry({ ...unknown, refreshAt: now }), 'gone');
  });

  test('what is dead says since when and why, is not postponed, and lives again with tokens', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    const dead = { id: 'entry-1', generation: 7, reason: 'over', now: now + 3 };
    assert.equal(await storage.markVaultEntryDead(dead), 'marked');
    const { refreshAt: _, ...expected } = aVaultEntry({
      updatedAt: now + 3,
      dead: { at: now + 3, reason: 'over' },
    });
    assert.deepEqual(await storage.findVaultEntry('entry-1'), expected);
    assert.equal(await storage.postponeVaultEntry({ ...dead, refreshAt: now }), 'superseded');
    // Its own refresher had them in its hands while another one was told no.
    assert.equal(await storage.replaceVaultTokens(replacing()), 'replaced');
    assert.equal((await storage.findVaultEntry('entry-1'))?.dead, undefined);
  });

  test('a removed entry is gone, once', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    assert.deepEqual(await tally(5, () => storage.removeVaultEntry('entry-1')), { removed: 1, not_found: 4 });
    assert.equal(await storage.findVaultEntry('entry-1'), undefined);
    assert.equal(await storage.replaceVaultTokens(replacing()), 'gone');
  });

  test('that tokens were shown is noted once for each generation, until they are known to be good or unspent', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    const ask = (generation: number) => storage.noteVaultAsked({ id: 'entry-1', generation, now });
    assert.deepEqual(await tally(20, () => ask(7)), { first: 1, again: 19 });
    assert.equal(await ask(6), 'superseded');
    assert.equal(await storage.noteVaultAsked({ id: 'nobody', generation: 7, now }), 'gone');
    const postponed = { id: 'entry-1', generation: 7, refreshAt: now, now };
    await storage.postponeVaultEntry(postponed);
    assert.equal(await ask(7), 'again');
    await storage.postponeVaultEntry({ ...postponed, isUnspent: true });
    assert.equal(await ask(7), 'first');
    await storage.replaceVaultTokens(replacing());
    assert.equal(await ask(8), 'first');
    await storage.keepVaultEntry(kept());
    assert.equal(await ask(9), 'first');
  });

  test('the access of an identity ends with the entry, for this generation alone, and with it a role by rule', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser({ id: 'operator', role: 'operator' }));
    const mine = { provider: 'example', subject: 'subject-1', userId: 'user-1' };
    const user = aUser({ role: 'operator', operatorBy: 'example' });
    await storage.addUserWithIdentity({ user, identity: anIdentity() });
    await storage.addClient(aClient());
    const granted = { grant: aGrant(mine), code: aCode(), now };
    assert.equal(await storage.grantAuthorization(granted), 'granted');
    await storage.keepSession(aSession(mine));
    await storage.keepVaultEntry(kept(mine));
    const ending = { id: 'entry-1', generation: 7, reason: 'over', now: now + 5 };
    assert.deepEqual(await storage.endVaultEntryWithAccess({ ...ending, generation: 6 }), {
      outcome: 'superseded',
    });
    assert.deepEqual(await storage.endVaultEntryWithAccess({ ...ending, id: 'nobody' }), { outcome: 'gone' });
    assert.ok(await storage.findSession(aSession().digest, now));
    const { id, clientId, traceId } = aGrant();
    const ended = { sessions: 1, grants: [{ id, clientId, traceId }], role: 'demoted' };
    const { heard, stop } = hearing(storage);
    assert.deepEqual(await storage.endVaultEntryWithAccess(ending), { outcome: 'ended', ...ended });
    assert.deepEqual(heard, [id]);
    stop();
    assert.equal(await storage.findSession(aSession().digest, now), undefined);
    assert.equal((await storage.findGrant(id))?.revokedAt, now + 5);
    assert.deepEqual((await storage.findVaultEntry('entry-1'))?.dead, { at: now + 5, reason: 'over' });
    assert.equal((await storage.findUser('user-1'))?.role, 'member');
  });

  test('what is forgotten is to be revoked, by whatever it went; what is dead is not', async (t) => {
    const { storage } = await open(t);
    for (const id of ['user-1', 'user-2', 'user-3']) await storage.addUser(aUser({ id }));
    const mine = { provider: 'example', subject: 'subject-1' };
    await storage.linkIdentity({ identity: anIdentity() });
    const all = [
      { id: 'removed', userId: 'user-1' },
      { id: 'unlinked', userId: 'user-1', ...mine },
      { id: 'its person removed', userId: 'user-2' },
      { id: 'and unless needed', userId: 'user-3' },
      { id: 'stays', userId: 'user-1', subject: 'another' },
    ];
    for (const one of all) await storage.keepVaultEntry(kept(one));
    await storage.keepVaultEntry(kept({ id: 'dead', subject: 'dead' }));
    await storage.markVaultEntryDead({ id: 'dead', generation: 7, reason: 'over', now });
    assert.deepEqual(await storage.listDueRevocations({ now, limit: 9 }), []);
    await storage.removeVaultEntry('removed');
    await storage.removeVaultEntry('dead');
    await storage.unlinkIdentity({ userId: 'user-1', ...mine, ways: ['password'], now });
    await storage.removeUser('user-2');
    await storage.removeUserUnlessNeeded('user-3');
    const due = await storage.listDueRevocations({ now, limit: 9 });
    const expected = ['and unless needed', 'its person removed', 'removed', 'unlinked'];
    assert.deepEqual(idsOf(due).toSorted(), expected);
    const { provider, subject, sealed } = aVaultEntry();
    const removed = { id: 'removed', userId: 'user-1', provider, subject, sealed, tries: 0 };
    assert.deepEqual(
      due.find(({ id }) => id === 'removed'),
      removed,
    );
    assert.equal((await storage.listDueRevocations({ now, limit: 2 })).length, 2);
    const sealedIds = idsOf(await storage.listSealedValues({ kind: 'revocation', limit: 9 }));
    assert.deepEqual(sealedIds.toSorted(), expected);
    const anew = new Uint8Array([5]);
    const replaced = { kind: 'revocation', id: 'removed', from: sealed, to: anew } as const;
    assert.equal(await storage.replaceSealedValue(replaced), 'replaced');
  });

  test('of 20 who begin to revoke one does, and until its time comes again nobody else', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    await storage.removeVaultEntry('entry-1');
    const begin = (tries: number) =>
      storage.beginRevocation({ id: 'entry-1', tries, tryAt: now + 60 * (tries + 1) });
    assert.deepEqual(await tally(20, () => begin(0)), { begun: 1, elsewhere: 19 });
    const due = async (at: number) =>
      (await storage.listDueRevocations({ now: at, limit: 9 })).map(({ id, tries }) => ({ id, tries }));
    assert.deepEqual(await due(now + 59), []);
    assert.deepEqual(await due(now + 60), [{ id: 'entry-1', tries: 1 }]);
    await storage.endRevocation({ id: 'entry-1', tries: 0 });
    assert.equal(await begin(1), 'begun', 'who comes too late has ended nothing');
    await storage.endRevocation({ id: 'entry-1', tries: 2 });
    assert.deepEqual(await due(now + 999), []);
    assert.equal(await begin(2), 'elsewhere');
  });

  test('what the provider gives anew is not ended by what was forgotten before', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    await storage.keepVaultEntry(kept({ id: 'other', subject: 'other' }));
    for (const id of ['entry-1', 'other']) await storage.removeVaultEntry(id);
    await storage.addUser(aUser({ id: 'user-2' }));
    const { provider, subject } = aVaultEntry();
    await storage.keepVaultEntry(kept({ id: 'anew', userId: 'user-2', provider, subject }));
    assert.deepEqual(idsOf(await storage.listDueRevocations({ now, limit: 9 })), ['other']);
    await storage.removeVaultEntry('anew');
    assert.deepEqual(idsOf(await storage.listDueRevocations({ now, limit: 9 })).toSorted(), [
      'anew',
      'other',
    ]);
  });

  test('what is only sealed anew stays the same generation', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    const { sealed } = aVaultEntry();
    assert.deepEqual(await storage.listSealedValues({ kind: 'vault_entry', limit: 9 }), [
      { id: 'entry-1', sealed },
    ]);
    const anew = { kind: 'vault_entry', id: 'entry-1', from: sealed } as const;
    const outcomes = await tally(9, (i) =>
      storage.replaceSealedValue({ ...anew, to: new Uint8Array([i, 1]) }),
    );
    assert.deepEqual(outcomes, { replaced: 1, changed: 8 });
    const found = await storage.findVaultEntry('entry-1');
    assert.deepEqual(found, aVaultEntry({ sealed: found?.sealed ?? sealed }));
    assert.equal(await storage.replaceVaultTokens(replacing()), 'replaced');
  });

  test('a closed store keeps nothing', async (t) => {
    const { storage } = await open(t);
    await withEntry(storage);
    await storage.close();
    await assert.rejects(storage.keepVaultEntry(kept()), StorageUnavailable);
    await assert.rejects(storage.replaceVaultTokens(replacing()), StorageUnavailable);
  });
}

/** Only for stores that two processes can share. */
export function sharedVaultContract(open: Open): void {
  test('of two processes that keep, refresh and end an entry at once, each loses nothing of the other', async (t) => {
    const { storage, openAgain } = await open(t);
    assert.ok(openAgain);
    const either = [storage, await openAgain()];
    const pick = (i: number) => either[i % 2] ?? storage;
    await storage.addUser(aUser());
    const keeping = (i: number) => pick(i).keepVaultEntry(kept({ sealed: new Uint8Array([i]) }));
    assert.deepEqual(await tally(20, keeping), { kept: 20 });
    for (let round = 0; round < 5; round++) {
      const generation = (await storage.findVaultEntry('entry-1'))?.generation ?? 0;
      const call = { id: 'entry-1', generation, now };
      const outcomes = await tally(20, (i) =>
        i % 2 === 0
          ? pick(i / 2).replaceVaultTokens(replacing({ ...call, sealed: new Uint8Array([round, i]) }))
          : pick((i - 1) / 2).markVaultEntryDead({ ...call, reason: 'over' }),
      );
      assert.equal(outcomes.replaced, 1);
      const entry = await storage.findVaultEntry('entry-1');
      // Whoever was told no after the tokens were there has not ended them.
      assert.deepEqual([entry?.generation, entry?.dead], [generation + 1, undefined]);
    }
    assert.equal((await storage.findVaultEntry('entry-1'))?.generation, 7 + 19 + 5);
  });
}
