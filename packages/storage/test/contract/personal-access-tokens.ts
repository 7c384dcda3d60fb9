// Tokens that people make themselves: a grant each, to a client that nobody else can find.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSONAL_ACCESS_TOKENS, type PersonalAccessToken, type Storage } from '@sallyport/storage';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aClient, aPersonalAccessToken, aUser, digestOf, hearing, now, tally } = samples;

const add = (storage: Storage, given: Partial<PersonalAccessToken> = {}, maxOfPerson = 50) => {
  const token = aPersonalAccessToken(given);
  return storage.addPersonalAccessToken({
    token,
    digest: digestOf(token.id),
    maxOfPerson,
    traceId: 'trace-1',
    provider: 'password',
  });
};

const idsOf = async (storage: Storage, userId?: string, at = now) =>
  (await storage.listPersonalAccessTokens({ now: at, ...(userId !== undefined && { userId }) })).map(
    ({ id }) => id,
  );

async function withPeople(storage: Storage): Promise<void> {
  await storage.addUser(aUser());
  await storage.addUser(aUser({ id: 'user-2' }));
}

export function personalAccessTokensContract(open: Open): void {
  test('a token is found by its digest, with its grant, and listed to its owner', async (t) => {
    const { storage } = await open(t);
    await withPeople(storage);
    assert.equal(await add(storage), 'added');
    assert.equal(await add(storage, { id: 'other', userId: 'user-2' }), 'added');
    assert.equal(await add(storage, { id: 'later', createdAt: now + 1 }), 'added');
    const { id, userId, resource, scope, createdAt, expiresAt } = aPersonalAccessToken();
    const found = await storage.findAccessToken(digestOf(id));
    assert.deepEqual(found, {
      token: { digest: digestOf(id), grantId: id, scope, createdAt, expiresAt },
      grant: {
        id,
        userId,
        clientId: PERSONAL_ACCESS_TOKENS,
        resource,
        scope,
        traceId: 'trace-1',
        createdAt,
        expiresAt,
        provider: 'password',
      },
    });
    await storage.markGrantsUsed([{ grantId: id, at: now + 60 }]);
    assert.deepEqual(await storage.listPersonalAccessTokens({ userId, now }), [
      aPersonalAccessToken({ id: 'later', createdAt: now + 1 }),
      aPersonalAccessToken({ lastUsedAt: now + 60 }),
    ]);
    assert.deepEqual(await idsOf(storage), ['later', 'other', 'personal-1']);
    assert.deepEqual(await idsOf(storage, 'nobody'), []);
    assert.deepEqual(await idsOf(storage, userId, expiresAt), []);
    assert.deepEqual(await storage.listClientAccess(userId, now), [], 'it is no app');
  });

  test('the client that they are granted to is none to anybody', async (t) => {
    const { storage } = await open(t);
    await withPeople(storage);
    const builtIn = aClient({ client_id: PERSONAL_ACCESS_TOKENS });
    for (const _time of ['before there is a token', 'and after']) {
      assert.equal(await storage.addClient(builtIn), 'taken');
      assert.equal(await storage.findClient(PERSONAL_ACCESS_TOKENS), undefined);
      assert.deepEqual(await storage.listClients(), []);
      assert.equal(await storage.removeClient(PERSONAL_ACCESS_TOKENS), 'not_found');
      await add(storage);
    }
    await storage.sweep({ now: now + 60, unusedClientsBefore: now + 60, limit: 100 });
    assert.deepEqual(await idsOf(storage), ['personal-1']);
  });

  test('added twice at once it is one, and a person who is gone has none', async (t) => {
    const { storage } = await open(t);
    await withPeople(storage);
    assert.deepEqual(await tally(10, () => add(storage)), { added: 1, repeated: 9 });
    assert.equal(await add(storage, { id: 'nobody', userId: 'nobody' }), 'user_gone');
    await storage.removeUser('user-1');
    assert.deepEqual(await idsOf(storage), []);
    assert.equal(await storage.findAccessToken(digestOf('personal-1')), undefined);
  });

  test('so many at once as a person may have, and no more', async (t) => {
    const { storage } = await open(t);
    await withPeople(storage);
    const answers = await tally(12, (i) => add(storage, { id: `token-${i}` }, 5));
    assert.deepEqual(answers, { added: 5, too_many: 7 });
    assert.equal(await add(storage, { id: 'other', userId: 'user-2' }, 5), 'added');
    const [first] = await idsOf(storage, 'user-1');
    await storage.removePersonalAccessToken({ id: first!, userId: 'user-1', now });
    assert.equal(await add(storage, { id: 'in its place' }, 5), 'added');
    const { expiresAt } = aPersonalAccessToken();
    assert.equal(await add(storage, { id: 'when all expired', createdAt: expiresAt }, 5), 'added');
  });

  test('removed, it is over at once, told to who remembers it, forgotten within days, and not made anew meanwhile', async (t) => {
    const { storage } = await open(t);
    await withPeople(storage);
    await add(storage);
    const of = { id: 'personal-1', userId: 'user-1', now: now + 10 };
    const { heard, stop } = hearing(storage);
    assert.equal(await storage.removePersonalAccessToken({ ...of, userId: 'user-2' }), 'not_found');
    assert.equal(await storage.removePersonalAccessToken({ ...of, id: 'none' }), 'not_found');
    assert.deepEqual(heard, []);
    assert.equal(await storage.removePersonalAccessToken(of), 'removed');
    assert.equal(await storage.removePersonalAccessToken(of), 'not_found');
    assert.deepEqual(heard, ['personal-1']);
    stop();
    assert.equal((await storage.findGrant('personal-1'))?.revokedAt, now + 10);
    assert.deepEqual(await idsOf(storage), []);
    assert.equal(await add(storage), 'repeated');
    await storage.sweep({ now: now + 3600, unusedClientsBefore: 0, limit: 100 });
    assert.equal(await add(storage), 'repeated');
    await storage.sweep({ now: now + 3 * 24 * 3600, unusedClientsBefore: 0, limit: 100 });
    assert.equal(await storage.findGrant('personal-1'), undefined);
    assert.equal(await storage.findAccessToken(digestOf('personal-1')), undefined);
  });

  test('only what is one is removed as one', async (t) => {
    const { storage } = await open(t);
    await samples.withCode(storage);
    const removed = { id: 'grant-1', userId: 'user-1', now };
    assert.equal(await storage.removePersonalAccessToken(removed), 'not_found');
    assert.equal((await storage.findGrant('grant-1'))?.revokedAt, undefined);
  });

  test('it ends with all that a person allowed, and is swept when it expired', async (t) => {
    const { storage } = await open(t);
    await withPeople(storage);
    await add(storage);
    await add(storage, { id: 'short', expiresAt: now + 10 });
    await add(storage, { id: 'other', userId: 'user-2' });
    await storage.sweep({ now: now + 10, unusedClientsBefore: 0, limit: 100 });
    assert.equal(await storage.findGrant('short'), undefined);
    const { resource } = aPersonalAccessToken();
    const oneApp = { clientId: 'client-1', resource };
    await storage.removeClientAccess({ userId: 'user-1', of: oneApp, now });
    assert.deepEqual(await idsOf(storage), ['other', 'personal-1']);
    await storage.removeClientAccess({ userId: 'user-1', of: 'everything', now });
    assert.deepEqual(await idsOf(storage), ['other']);
  });
}
