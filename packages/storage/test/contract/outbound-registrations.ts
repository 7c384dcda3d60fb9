// As whom this deployment is registered at other parties: once for each issuer and redirect URI, and changed only by who
// knows which client is there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageUnavailable, type OutboundRegistration } from '@sallyport/storage';
import { anOutboundRegistration, now, tally, type Open } from './samples.ts';

/** What the `i`th of several brings. */
const brought = (i: number, given: Partial<OutboundRegistration> = {}) =>
  anOutboundRegistration({ client_id: `client-${i}`, sealed: new Uint8Array([i, 1]), ...given });

export function outboundRegistrationsContract(open: Open): void {
  test('it comes back as it was kept, and a secret that lasts has no end', async (t) => {
    const { storage } = await open(t);
    const registration = anOutboundRegistration();
    assert.equal(await storage.findOutboundRegistration(registration.id), undefined);
    assert.equal(await storage.keepOutboundRegistration({ registration }), 'kept');
    assert.deepEqual(await storage.findOutboundRegistration(registration.id), registration);
    const { expiresAt: _, ...lasting } = anOutboundRegistration({ id: 'registration-2' });
    assert.equal(await storage.keepOutboundRegistration({ registration: lasting }), 'kept');
    assert.deepEqual(await storage.findOutboundRegistration('registration-2'), lasting);
  });

  test('of 20 who bring one at once the first counts, and each of them may ask again', async (t) => {
    const { storage } = await open(t);
    const keep = (i: number) => storage.keepOutboundRegistration({ registration: brought(i) });
    assert.deepEqual(await tally(20, keep), { kept: 1, superseded: 19 });
    const there = await storage.findOutboundRegistration('registration-1');
    assert.deepEqual(await tally(20, keep), { kept: 1, superseded: 19 });
    assert.deepEqual(await storage.findOutboundRegistration('registration-1'), there);
  });

  test('it is replaced by who names the client that is there, once', async (t) => {
    const { storage } = await open(t);
    await storage.keepOutboundRegistration({ registration: anOutboundRegistration() });
    const replace = (i: number, replaces = 'client-there-1') =>
      storage.keepOutboundRegistration({ registration: brought(i, { registeredAt: now + i }), replaces });
    assert.equal(await replace(0, 'another'), 'superseded');
    assert.deepEqual(await tally(20, (i) => replace(i)), { kept: 1, superseded: 19 });
    const [there, ...others] = await storage.listOutboundRegistrations();
    const i = Number(there?.client_id.replace('client-', ''));
    assert.deepEqual([there, ...others], [brought(i, { registeredAt: now + i })]);
  });

  test('a client that is registered a second time under the same id is the newer one', async (t) => {
    const { storage } = await open(t);
    await storage.keepOutboundRegistration({ registration: anOutboundRegistration() });
    const { expiresAt: _, ...registration } = anOutboundRegistration({ sealed: new Uint8Array([9]) });
    const replaced = { registration, replaces: 'client-there-1' };
    assert.equal(await storage.keepOutboundRegistration(replaced), 'kept');
    assert.deepEqual(await storage.findOutboundRegistration(registration.id), registration);
  });

  test('all are listed by issuer and redirect URI', async (t) => {
    const { storage } = await open(t);
    for (const [id, issuer, redirect_uri] of [
      ['1', 'https://b.example', 'https://mcp.example.com/b'],
      ['2', 'https://a.example', 'https://mcp.example.com/b'],
      ['3', 'https://a.example', 'https://mcp.example.com/a'],
    ] as const)
      await storage.keepOutboundRegistration({
        registration: anOutboundRegistration({ id, issuer, redirect_uri }),
      });
    const ids = (await storage.listOutboundRegistrations()).map(({ id }) => id);
    assert.deepEqual(ids, ['3', '2', '1']);
  });

  test('it is forgotten once, and never the one that came after', async (t) => {
    const { storage } = await open(t);
    const registration = anOutboundRegistration();
    const { id } = registration;
    await storage.keepOutboundRegistration({ registration });
    assert.equal(await storage.forgetOutboundRegistration({ id, client_id: 'another' }), 'not_found');
    const forget = () => storage.forgetOutboundRegistration(registration);
    assert.deepEqual(await tally(9, forget), { forgotten: 1, not_found: 8 });
    assert.deepEqual(await storage.listOutboundRegistrations(), []);
    await storage.keepOutboundRegistration({ registration: brought(2) });
    assert.equal(await forget(), 'not_found');
    assert.equal((await storage.findOutboundRegistration(id))?.client_id, 'client-2');
  });

  test('what is only sealed anew stays the same registration', async (t) => {
    const { storage } = await open(t);
    const registration = anOutboundRegistration();
    const { id, sealed: from } = registration;
    await storage.keepOutboundRegistration({ registration });
    const listed = await storage.listSealedValues({ kind: 'outbound_registration', limit: 9 });
    assert.deepEqual(listed, [{ id, sealed: from }]);
    const outcomes = await tally(9, (i) =>
      storage.replaceSealedValue({
        kind: 'outbound_registration',
        id,
        from,
        to: new Uint8Array([i, 1]),
      }),
    );
    assert.deepEqual(outcomes, { replaced: 1, changed: 8 });
    const found = await storage.findOutboundRegistration(id);
    assert.deepEqual(found, { ...registration, sealed: found?.sealed });
  });

  test('a closed store keeps and forgets nothing', async (t) => {
    const { storage } = await open(t);
    const registration = anOutboundRegistration();
    await storage.close();
    await assert.rejects(storage.keepOutboundRegistration({ registration }), StorageUnavailable);
    await assert.rejects(storage.forgetOutboundRegistration(registration), StorageUnavailable);
  });
}

/** Only for stores that two processes can share. */
export function sharedOutboundRegistrationsContract(open: Open): void {
  test('of two processes that bring, replace and forget one at once, one at a time counts', async (t) => {
    const { storage, openAgain } = await open(t);
    assert.ok(openAgain);
    const either = [storage, await openAgain()];
    const pick = (i: number) => either[i % 2] ?? storage;
    const first = await tally(20, (i) => pick(i).keepOutboundRegistration({ registration: brought(i) }));
    assert.deepEqual(first, { kept: 1, superseded: 19 });
    const { client_id: replaces = '' } = (await storage.findOutboundRegistration('registration-1')) ?? {};
    const outcomes = await tally(20, (i) =>
      i % 4 === 3
        ? pick(i).forgetOutboundRegistration({ id: 'registration-1', client_id: replaces })
        : pick(i).keepOutboundRegistration({ registration: brought(100 + i), replaces }),
    );
    assert.equal(outcomes.kept, 1);
    const [there, ...others] = await storage.listOutboundRegistrations();
    assert.deepEqual(others, []);
    assert.match(there?.client_id ?? '', /^client-1\d\d$/);
  });
}
