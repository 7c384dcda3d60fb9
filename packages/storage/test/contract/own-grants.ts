// What clients may do for themselves: their service accounts, and the grants that stand for them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Grant, Storage } from '@sallyport/storage';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aClient, aGrant, anAccessToken, anItem, aSession, aUser, now, tally } = samples;

const { resource } = aGrant();
const read = ['read'];
const client = aClient({
  client_id: 'machine',
  registeredBy: 'operator',
  ownScope: { [resource]: ['read', 'write'] },
});

const own = (id: string, given: Partial<Grant> = {}): Grant => {
  const {
    scopeWords: _,
    provider: __,
    ...grant
  } = aGrant({
    id,
    userId: 'machine',
    clientId: 'machine',
    scope: read,
    ...given,
  });
  return grant;
};
const keep = (storage: Storage, id: string, given: Partial<Grant> = {}) =>
  storage.keepOwnGrant({ client, grant: own(id, given), now });
const find = (storage: Storage, scope: readonly string[] = read, at = now) =>
  storage.findOwnGrant({ clientId: 'machine', resource, scope, now: at });

export function ownGrantsContract(open: Open): void {
  test('a client gets one grant and one service account, by which it is found again', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(client);
    assert.equal(await find(storage), undefined);
    assert.deepEqual(await keep(storage, 'grant-1'), own('grant-1'));
    assert.deepEqual(await find(storage), own('grant-1'));
    assert.deepEqual(await storage.findGrant('grant-1'), own('grant-1'));
    const account = await storage.findUser('machine');
    assert.equal(account?.clientId, 'machine');
    assert.equal(account.name, 'Example client');
    assert.ok(!account.email.includes('@') && !('passwordHash' in account));
    assert.equal((await storage.findClient('machine'))?.usedAt, now);
  });

  test('it is extended, never shortened, and the same for the scopes in any order', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(client);
    const both = { scope: ['write', 'read'], expiresAt: now + 100 };
    await keep(storage, 'grant-1', both);
    const again = await keep(storage, 'grant-2', { scope: ['read', 'write'], expiresAt: now + 300 });
    assert.deepEqual(again, own('grant-1', { ...both, expiresAt: now + 300 }));
    const shorter = await keep(storage, 'grant-3', { scope: ['read', 'write'], expiresAt: now + 200 });
    assert.ok(shorter !== 'gone' && shorter.expiresAt === now + 300);
    const other = await keep(storage, 'grant-4');
    assert.ok(other !== 'gone' && other.id === 'grant-4', 'other scopes have a grant of their own');
    assert.ok(await find(storage, ['read', 'write'], now + 299));
    assert.equal(await find(storage, ['read', 'write'], now + 300), undefined);
  });

  test('of 20 simultaneous first ones, all get the same', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(client);
    const ids = await tally(20, async (i) => {
      const kept = await keep(storage, `grant-${i}`);
      return kept === 'gone' ? 'gone' : 'kept';
    });
    assert.deepEqual(ids, { kept: 20 });
    const standing = await find(storage);
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => storage.findGrant(`grant-${i}`)));
    assert.deepEqual(
      all.filter((grant) => grant !== undefined),
      [standing],
    );
    assert.equal((await storage.listUsers()).length, 1);
  });

  test('an opaque token is one of the grant that stands', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(client);
    await keep(storage, 'grant-1');
    const accessToken = anAccessToken({ grantId: 'grant-2' });
    await storage.keepOwnGrant({ client, grant: own('grant-2'), accessToken, now });
    assert.equal((await storage.findAccessToken(accessToken.digest))?.grant.id, 'grant-1');
  });

  test('a revoked one is not found, and does not stand in the way of the next', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(client);
    await keep(storage, 'grant-1');
    await storage.revokeGrant('grant-1', now + 1);
    assert.equal(await find(storage), undefined);
    assert.deepEqual(await keep(storage, 'grant-2'), own('grant-2'));
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now + 1);
  });

  test('with other scopes than it was judged by, or none, a client gets nothing', async (t) => {
    const { storage } = await open(t);
    assert.equal(await keep(storage, 'grant-1'), 'gone');
    await storage.addClient({ ...client, ownScope: { [resource]: read } });
    assert.equal(await keep(storage, 'grant-1'), 'gone');
    await storage.addClient(aClient({ client_id: 'without' }));
    const without = { client: aClient({ client_id: 'without' }), grant: own('grant-2'), now };
    assert.equal(await storage.keepOwnGrant(without), 'gone');
    assert.equal(await storage.findGrant('grant-1'), undefined);
    assert.deepEqual(await storage.listUsers(), []);
  });

  test('of a person with the same id it gets nothing', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(client);
    await storage.addUser(aUser({ id: 'machine' }));
    assert.equal(await keep(storage, 'grant-1'), 'gone');
    assert.equal(await storage.findGrant('grant-1'), undefined);
    assert.deepEqual(await storage.findUser('machine'), aUser({ id: 'machine' }));
  });

  test('other scopes end the grants that exceed them, and no other', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(client);
    await keep(storage, 'reads');
    await keep(storage, 'writes', { scope: ['read', 'write'] });
    await keep(storage, 'elsewhere', { resource: `${resource}/other` });
    const narrowed = { client_id: 'machine', ownScope: { [resource]: read }, now: now + 1 };
    assert.equal(await storage.setOwnScope(narrowed), 'changed');
    const revokedAt = async (id: string) => (await storage.findGrant(id))?.revokedAt;
    assert.equal(await revokedAt('reads'), undefined);
    assert.equal(await revokedAt('writes'), now + 1);
    assert.equal(await revokedAt('elsewhere'), now + 1);
    assert.equal(await keep(storage, 'again', { scope: ['read', 'write'] }), 'gone', 'judged by what it had');
    assert.equal(
      await storage.setOwnScope({ client_id: 'machine', ownScope: undefined, now: now + 2 }),
      'changed',
    );
    assert.equal(await revokedAt('reads'), now + 2);
    assert.equal((await storage.findClient('machine'))?.ownScope, undefined);
  });

  test('in the configuration too, other scopes end the grants that exceed them', async (t) => {
    const { storage } = await open(t);
    const configured = { ...client, registeredBy: 'configuration' } as const;
    await storage.keepConfiguredClients([configured]);
    const keepConfigured = (id: string, given: Partial<Grant>) =>
      storage.keepOwnGrant({ client: configured, grant: own(id, given), now });
    await keepConfigured('reads', {});
    await keepConfigured('writes', { scope: ['read', 'write'] });
    await storage.keepConfiguredClients([configured]);
    assert.equal((await storage.findGrant('writes'))?.revokedAt, undefined, 'the same start again');
    await storage.keepConfiguredClients([
      { ...configured, ownScope: { [resource]: read }, createdAt: now + 5 },
    ]);
    assert.equal((await storage.findGrant('writes'))?.revokedAt, now + 5);
    assert.equal((await storage.findGrant('reads'))?.revokedAt, undefined);
    await storage.keepConfiguredClients([]);
    assert.equal(await keepConfigured('again', {}), 'gone', 'not while it is not in the configuration');
  });

  test('only what the operator added can get scopes of its own', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(aClient());
    const change = { ownScope: { [resource]: read }, now };
    assert.equal(await storage.setOwnScope({ ...change, client_id: 'client-1' }), 'not_found');
    assert.equal(await storage.setOwnScope({ ...change, client_id: 'nobody' }), 'not_found');
    assert.equal((await storage.findClient('client-1'))?.ownScope, undefined);
  });

  test('grants that are kept while scopes are taken away do not survive it', async (t) => {
    const { storage } = await open(t);
    for (let round = 0; round < 5; round += 1) {
      const machine = { ...client, client_id: `machine-${round}` };
      await storage.addClient(machine);
      const ids = Array.from({ length: 6 }, (_, i) => `grant-${round}-${i}`);
      const keeping = ids.map((id, i) => {
        const place = {
          userId: machine.client_id,
          clientId: machine.client_id,
          resource: `${resource}/${i}`,
        };
        return storage.keepOwnGrant({ client: machine, grant: own(id, place), now });
      });
      await Promise.all([
        ...keeping,
        storage.setOwnScope({ client_id: machine.client_id, ownScope: undefined, now: now + 1 }),
      ]);
      for (const id of ids) {
        const grant = await storage.findGrant(id);
        assert.ok(grant === undefined || grant.revokedAt === now + 1, id);
      }
    }
  });

  test('a service account is no person: it is not counted, typed, signed in, changed or removed', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(client);
    await keep(storage, 'grant-1');
    const account = (await storage.findUser('machine'))!;
    assert.equal(await storage.hasUsers(), false);
    assert.equal(await storage.findUserByEmail(account.email), undefined);
    assert.deepEqual(await storage.listUsers(), [account]);
    const change = { userId: 'machine', passwordHash: 'x', now };
    assert.equal(await storage.setPassword(change), 'not_found');
    const session = aSession({ userId: 'machine' });
    assert.equal(await storage.keepSession(session), 'user_gone');
    assert.equal(await storage.findSession(session.digest, now), undefined);
    assert.equal(await storage.removeUser('machine'), 'not_found');
    assert.equal(await storage.removeUserUnlessNeeded('machine'), 'not_found');
    assert.ok(await find(storage), 'nor are its grants');
    assert.equal(await storage.addFirstUser(aUser({ role: 'operator' })), 'added');
    assert.equal(await storage.isLastOperator('user-1'), false, 'nobody is left without an operator');
    assert.equal(await storage.removeUserUnlessNeeded('user-1'), 'removed');
  });

  test('it goes with its client, and so does what it kept', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(client);
    await keep(storage, 'grant-1');
    await storage.addItem(anItem({ userId: 'machine' }));
    const told: unknown[] = [];
    t.after(storage.onChange((change) => void told.push(change)));
    assert.equal(await storage.removeClient('machine'), 'removed');
    assert.ok(
      told.some(
        (change) => typeof change === 'object' && (change as { grantId?: string }).grantId === 'grant-1',
      ),
    );
    assert.equal(await storage.findUser('machine'), undefined);
    assert.equal(await storage.findGrant('grant-1'), undefined);
    assert.equal(await storage.findItem(anItem().id), undefined);
  });
}
