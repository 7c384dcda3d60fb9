// What a person has allowed, and taking it back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Storage } from '@sallyport/storage';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aClient, aCode, aConsent, aGrant, aUser, digestOf, now, redeem, rotate, withRefreshToken } = samples;
const records = aGrant().resource;
const sales = 'https://mcp.example.com/mcp/sales';
const ofClient1 = { clientId: 'client-1', resource: records };

/** Ada allows two clients, the first at two servers; Grace allows the first one too. */
async function withAccess(storage: Storage): Promise<void> {
  await storage.addUser(aUser());
  await storage.addUser(aUser({ id: 'user-2' }));
  await storage.addClient(aClient());
  await storage.addClient(aClient({ client_id: 'client-2' }));
  await allow(storage, 'grant-1', {});
  await allow(storage, 'grant-2', { createdAt: now + 10, scope: ['records:write'] });
  await allow(storage, 'sales', { createdAt: now + 20, resource: sales });
  await allow(storage, 'other client', { createdAt: now + 30, clientId: 'client-2' });
  await allow(storage, 'other person', { createdAt: now + 40, userId: 'user-2' });
}

async function allow(storage: Storage, id: string, given: Parameters<typeof aGrant>[0]): Promise<void> {
  const grant = aGrant({ id, ...given });
  const { userId, clientId, resource, scope, createdAt } = grant;
  const code = aCode({ digest: digestOf(id), grantId: id });
  const consent = aConsent({ userId, clientId, resource, scope, updatedAt: createdAt });
  await storage.grantAuthorization({ grant, code, consent, now: createdAt });
}

const summary = async (storage: Storage, userId = 'user-1', at = now + 60) =>
  (await storage.listClientAccess(userId, at)).map(({ client, resource, scope, since, lastUsedAt }) => [
    client.client_id,
    resource,
    scope.join(' '),
    since - now,
    lastUsedAt === undefined ? undefined : lastUsedAt - now,
  ]);

export function clientAccessContract(open: Open): void {
  test('what was allowed is one entry for each client and server, with the scopes of all its grants', async (t) => {
    const { storage } = await open(t);
    await withAccess(storage);
    assert.deepEqual(await summary(storage), [
      ['client-2', records, 'records:read records:write', 30, undefined],
      ['client-1', sales, 'records:read records:write', 20, undefined],
      ['client-1', records, 'records:read records:write', 0, undefined],
    ]);
    const [{ client } = { client: undefined }] = await storage.listClientAccess('user-1', now);
    assert.deepEqual(client, aClient({ client_id: 'client-2', usedAt: now + 30 }));
    assert.deepEqual(await storage.listClientAccess('nobody', now), []);
  });

  test('a consent is listed without any grant, since when it was first given', async (t) => {
    const { storage } = await open(t);
    await withAccess(storage);
    const afterGrants = aGrant().expiresAt + 100;
    assert.deepEqual((await summary(storage, 'user-2', afterGrants))[0]?.slice(0, 4), [
      'client-1',
      records,
      'records:read records:write',
      40,
    ]);
    assert.deepEqual(
      (await summary(storage, 'user-1', afterGrants)).map(([, , , since]) => since),
      [30, 20, 0],
    );
  });

  test('a grant without a consent is listed until it is revoked or expires', async (t) => {
    const { storage } = await open(t);
    await samples.withCode(storage);
    const { expiresAt } = aGrant();
    assert.equal((await summary(storage, 'user-1', expiresAt - 1)).length, 1);
    assert.deepEqual(await summary(storage, 'user-1', expiresAt), []);
    await storage.revokeGrant('grant-1', now);
    assert.deepEqual(await summary(storage), []);
  });

  test('a token that is issued is a use, and a later use that is told moves it on, never back', async (t) => {
    const { storage } = await open(t);
    const lastUsed = async () => (await summary(storage))[0]?.[4];
    await withRefreshToken(storage);
    assert.equal(await lastUsed(), 0);
    await storage.rotateRefreshToken(rotate('token-1', 'token-2'));
    assert.equal(await lastUsed(), 1);
    await storage.markGrantsUsed([
      { grantId: 'grant-1', at: now + 50 },
      { grantId: 'unknown', at: now + 50 },
    ]);
    assert.equal(await lastUsed(), 50);
    await storage.markGrantsUsed([{ grantId: 'grant-1', at: now + 49 }]);
    await storage.markGrantsUsed([]);
    assert.equal(await lastUsed(), 50);
  });

  test('access that is removed is gone with its grants and its consent, and nothing else is', async (t) => {
    const { storage } = await open(t);
    await withAccess(storage);
    const { heard: ended } = samples.hearing(storage);
    const removing = { userId: 'user-1', of: ofClient1, now: now + 50 };
    await Promise.all([storage.removeClientAccess(removing), storage.removeClientAccess(removing)]);
    assert.deepEqual(ended.sort(), ['grant-1', 'grant-2']);
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, now + 50);
    assert.equal((await storage.findGrant('grant-2'))?.revokedAt, now + 50);
    assert.equal(await storage.findConsent(aConsent()), undefined);
    assert.equal(await storage.redeemCode(redeem({ digest: digestOf('grant-1') })), 'dead');
    assert.deepEqual(
      (await summary(storage)).map(([clientId, resource]) => [clientId, resource]),
      [
        ['client-2', records],
        ['client-1', sales],
      ],
    );
    assert.equal((await summary(storage, 'user-2')).length, 1);
    assert.ok(await storage.findConsent(aConsent({ userId: 'user-2' })));
  });

  test('all access of a person can be removed at once, and nobody else’s is', async (t) => {
    const { storage } = await open(t);
    await withAccess(storage);
    const { heard: ended } = samples.hearing(storage);
    for (let i = 0; i < 2; i++)
      await storage.removeClientAccess({ userId: 'user-1', of: 'everything', now: now + 50 });
    assert.deepEqual(ended.sort(), ['grant-1', 'grant-2', 'other client', 'sales']);
    assert.deepEqual(await summary(storage), []);
    assert.equal((await summary(storage, 'user-2')).length, 1);
  });

  test('after it was removed, access can be allowed anew', async (t) => {
    const { storage } = await open(t);
    await withAccess(storage);
    await storage.removeClientAccess({ userId: 'user-1', of: 'everything', now: now + 50 });
    await allow(storage, 'again', { createdAt: now + 55, scope: ['records:read'] });
    assert.deepEqual(await summary(storage), [['client-1', records, 'records:read', 55, undefined]]);
  });
}
