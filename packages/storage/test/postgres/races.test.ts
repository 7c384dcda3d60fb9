// What two processes do at the same moment has the effect of one after the other, and nobody meets an error for it.
// Each race is run again and again, since a single one proves little.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { openStorage } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';
import * as samples from '../contract/samples.ts';
import { onPostgres, readySchema } from './schema.ts';

const { aClient, aCode, aConsent, aGrant, aLoginEvent, anAccessToken, anItem, aSession, aTag } = samples;
const { anIdentity, aToken, aUser, aVaultEntry, digestOf, hearing, now, redeem, rotate, tally } = samples;

const rounds = 8;

/** The same store, as four processes have it. */
async function fourProcesses(t: TestContext) {
  const { url } = await readySchema(t);
  const open = async () => {
    const storage = await openStorage(url, { poolSize: 3 });
    t.after(() => storage.close());
    return storage;
  };
  const processes = await Promise.all([open(), open(), open(), open()]);
  const [one, two] = processes;
  const any = (i: number): Storage => processes[i % processes.length]!;
  return { one, two, any };
}

const granting = (id: string, given: { clientId?: string; userId?: string; scope?: string } = {}) => {
  const { clientId = 'client-1', userId = 'user-1', scope } = given;
  return {
    grant: aGrant({ id, clientId, userId }),
    code: aCode({ digest: digestOf(`code ${id}`), grantId: id }),
    ...(scope === undefined ? {} : { consent: aConsent({ clientId, userId, scope: [scope] }) }),
    now,
  };
};

const redeeming = (id: string) =>
  redeem({
    digest: digestOf(`code ${id}`),
    refreshToken: aToken({ digest: digestOf(`1 ${id}`), grantId: id }),
    accessToken: anAccessToken({ digest: digestOf(`access ${id}`), grantId: id }),
  });

suite('at the same moment', onPostgres, () => {
  test('everything that was consented to is remembered', async (t) => {
    const { one, any } = await fourProcesses(t);
    await samples.withPersonAndClient(one);
    for (let round = 0; round < 3; round++) {
      const scopes = Array.from({ length: 20 }, (_, i) => `scope-${round}-${i}`);
      const answers = await tally(20, (i) =>
        any(i).grantAuthorization(granting(`grant-${round}-${i}`, { scope: scopes[i]! })),
      );
      assert.deepEqual(answers, { granted: 20 });
      const consent = await one.findConsent(aConsent());
      for (const scope of scopes) assert.ok(consent?.scope.includes(scope), scope);
    }
    assert.equal((await one.findConsent(aConsent()))?.scope.length, 60);
  });

  test('many people use one client, and its use is noted', async (t) => {
    const { one, any } = await fourProcesses(t);
    await one.addClient(aClient());
    for (let i = 0; i < 20; i++) await one.addUser(aUser({ id: `user-${i}` }));
    const answers = await tally(40, (i) =>
      any(i).grantAuthorization(granting(`grant-${i}`, { userId: `user-${i % 20}` })),
    );
    assert.deepEqual(answers, { granted: 40 });
    assert.equal((await one.findClient('client-1'))?.usedAt, now);
  });

  for (const what of ['client', 'person'] as const) {
    test(`a ${what} is removed with every grant, and whatever was made meanwhile is told`, async (t) => {
      const { one, any } = await fourProcesses(t);
      await samples.withPersonAndClient(one);
      for (let round = 0; round < rounds; round++) {
        const [userId, clientId] = [`user of ${round}`, `client of ${round}`];
        await one.addUser(aUser({ id: userId }));
        await one.addClient(aClient({ client_id: clientId }));
        const told = Array.from({ length: 4 }, (_, i) => hearing(any(i)));
        const remove = () => (what === 'client' ? one.removeClient(clientId) : one.removeUser(userId));
        const made: string[] = [];
        const make = async (i: number) => {
          const id = `grant ${round} ${i}`;
          const answer = await any(i).grantAuthorization(granting(id, { userId, clientId, scope: `${i}` }));
          if (answer === 'granted') made.push(id);
          else assert.equal(answer, 'gone');
          if (answer === 'granted') await any(i + 1).redeemCode(redeeming(id));
        };
        const [removed] = await Promise.all([remove(), ...Array.from({ length: 12 }, (_, i) => make(i))]);
        assert.equal(removed, 'removed');
        for (const id of made) {
          assert.equal(await one.findGrant(id), undefined);
          assert.ok(told[0]?.heard.includes(id), `nobody was told of ${id}`);
        }
        assert.equal(new Set(told[0]?.heard).size, told[0]?.heard.length, 'and of each once');
        for (const { stop } of told) stop();
      }
    });
  }

  test('tokens are rotated and redeemed while their grants, clients and people go', async (t) => {
    const { one, any } = await fourProcesses(t);
    for (let round = 0; round < rounds; round++) {
      const [userId, clientId] = [`user ${round}`, `client ${round}`];
      await one.addUser(aUser({ id: userId }));
      await one.addClient(aClient({ client_id: clientId }));
      const ids = Array.from({ length: 6 }, (_, i) => `${round} ${i}`);
      for (const id of ids) {
        await one.grantAuthorization(granting(id, { userId, clientId }));
        await one.redeemCode(redeeming(id));
      }
      const ends = [
        () => one.removeClient(clientId),
        () => one.removeUser(userId),
        () => one.removeClientAccess({ userId, of: 'everything', now }),
        () => one.sweep({ now: now + 10 ** 9, unusedClientsBefore: now + 1, limit: 200 }),
      ];
      const use = async (id: string, i: number) => {
        const answers = [
          await any(i).rotateRefreshToken({
            ...rotate(`1 ${id}`, `2 ${id}`),
            accessToken: anAccessToken({ digest: digestOf(`more ${id}`), grantId: id }),
          }),
          await any(i + 1).redeemCode(redeeming(id)),
        ];
        for (const answer of answers) assert.match(answer, /^(rotated|replayed|dead)$/);
      };
      await Promise.all([ends[round % 4]?.(), ends[(round + 1) % 4]?.(), ...ids.map(use)]);
      for (const id of ids) {
        const grant = await one.findGrant(id);
        assert.ok(grant === undefined || grant.revokedAt !== undefined, `${id} is alive`);
        const access = await one.findAccessToken(digestOf(`more ${id}`));
        assert.ok(access === undefined || access.grant.revokedAt !== undefined);
      }
    }
  });

  test('a way to sign in is unlinked, and nothing that came of it meanwhile is left', async (t) => {
    const { one, any } = await fourProcesses(t);
    await one.addUser(aUser());
    const { provider, subject } = anIdentity();
    for (let round = 0; round < rounds; round++) {
      const digest = digestOf(`${round}`);
      await one.linkIdentity({ identity: anIdentity() });
      const [unlinked] = await Promise.all([
        any(0).unlinkIdentity({ userId: 'user-1', provider, subject, ways: ['password'], now }),
        any(1).keepVaultEntry({ ...aVaultEntry({ provider, subject }), isOfIdentity: true, now }),
        any(2).keepSession(aSession({ digest, provider, subject })),
      ]);
      assert.equal(unlinked, 'unlinked');
      assert.equal(await one.findVaultEntry('entry-1'), undefined);
      assert.equal(await one.findSession(digest, now), undefined);
    }
  });

  test('a client that is used for the first time is not swept', async (t) => {
    const { one, any } = await fourProcesses(t);
    await one.addUser(aUser());
    for (let round = 0; round < rounds; round++) {
      const clientIds = Array.from({ length: 4 }, (_, i) => `client ${round} ${i}`);
      for (const client_id of clientIds) await one.addClient(aClient({ client_id, createdAt: 1 }));
      const sweeping = [0, 1, 2, 3].map((i) => any(i).sweep({ now, unusedClientsBefore: now, limit: 100 }));
      const granted = await Promise.all(
        clientIds.map((clientId, i) => any(i).grantAuthorization(granting(clientId, { clientId }))),
      );
      await Promise.all(sweeping);
      for (const [i, clientId] of clientIds.entries()) {
        const isThere = (await one.findClient(clientId)) !== undefined;
        assert.equal(granted[i], isThere ? 'granted' : 'gone');
        assert.equal((await one.findGrant(clientId)) !== undefined, isThere);
      }
    }
  });

  test('several sweep, and all that expired is gone once', async (t) => {
    const { one, any } = await fourProcesses(t);
    await one.addUser(aUser());
    await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        any(i).keepSession(aSession({ digest: digestOf(`${i}`), expiresAt: now - i })),
      ),
    );
    let deleted = 0;
    for (let round = 0; round < 20; round++) {
      const work = { now, unusedClientsBefore: 0, limit: 50 };
      for (const n of await Promise.all([0, 1, 2, 3].map((i) => any(i).sweep(work)))) deleted += n;
    }
    assert.equal(deleted, 300);
  });

  test('somebody is the first user, and nobody else', async (t) => {
    for (let round = 0; round < 4; round++) {
      const { any, one } = await fourProcesses(t);
      const answers = await tally(20, (i) =>
        any(i).addFirstUser(aUser({ id: `user-${i}`, email: `${i % 2}@example.com` })),
      );
      assert.deepEqual(answers, { added: 1, not_first: 19 });
      assert.equal((await one.listUsers()).length, 1);
      await one.removeUser((await one.listUsers())[0]!.id);
    }
  });

  test('an e-mail address belongs to one person', async (t) => {
    const { any, one } = await fourProcesses(t);
    for (let round = 0; round < rounds; round++) {
      const answers = await tally(8, (i) =>
        any(i).addUser(aUser({ id: `user-${round}-${i}`, email: `${round}@example.com` })),
      );
      assert.deepEqual(answers, { added: 1, email_taken: 7 });
    }
    assert.equal((await one.listUsers()).length, rounds);
  });

  test('of two operators that leave, one stays while there are members', async (t) => {
    const { one, two, any } = await fourProcesses(t);
    await one.addUser(aUser({ id: 'member' }));
    for (let round = 0; round < rounds; round++) {
      const ids = [`a ${round}`, `b ${round}`];
      for (const id of ids) await one.addUser(aUser({ id, role: 'operator' }));
      const answers = await Promise.all([
        one.removeUserUnlessNeeded(ids[0]!),
        two.removeUserUnlessNeeded(ids[1]!),
      ]);
      assert.deepEqual(answers.toSorted(), ['last_operator', 'removed']);
      for (const id of ids) await any(round).removeUser(id);
    }
  });

  test('the first call of a tool is told once', async (t) => {
    const { any, one } = await fourProcesses(t);
    await one.addClient(aClient());
    for (let round = 0; round < rounds; round++) {
      const traceId = `trace-${round}`;
      await one.keepLoginEvents([aLoginEvent({ id: `a ${round}`, traceId, event: 'token_issued' })]);
      await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          any(i).keepLoginEvents([
            aLoginEvent({ id: `b ${round} ${i}`, traceId, event: 'tool_called' }),
            aLoginEvent({ id: `c ${round} ${i}`, traceId, event: 'refused' }),
          ]),
        ),
      );
      const events = (await one.findLoginEvents(traceId)).map(({ event }) => event);
      assert.equal(events.filter((event) => event === 'tool_called').length, 1);
      assert.equal(events.filter((event) => event === 'refused').length, 8);
    }
  });

  test('grants are marked as used in any order', async (t) => {
    const { any, one } = await fourProcesses(t);
    await samples.withPersonAndClient(one);
    const ids = Array.from({ length: 30 }, (_, i) => `grant-${i}`);
    await Promise.all(ids.map((id, i) => any(i).grantAuthorization(granting(id))));
    for (let round = 0; round < rounds; round++) {
      const marks = (order: readonly string[]) => order.map((grantId) => ({ grantId, at: now + round }));
      await Promise.all(
        [0, 1, 2, 3].map((i) => any(i).markGrantsUsed(marks(i % 2 === 0 ? ids : ids.toReversed()))),
      );
    }
    const [access] = await one.listClientAccess('user-1', now);
    assert.equal(access?.lastUsedAt, now + rounds - 1);
  });

  test('tags are put on items while they go', async (t) => {
    const { one, two, any } = await fourProcesses(t);
    await one.addUser(aUser());
    await one.addItem(anItem());
    for (let round = 0; round < rounds; round++) {
      const tagIds = Array.from({ length: 4 }, (_, i) => `tag-${round}-${i}`);
      for (const id of tagIds) await one.addTag(aTag({ id, name: id }));
      const [removed, ...changed] = await Promise.all([
        two.removeTag({ id: tagIds[1]!, userId: 'user-1' }),
        ...[0, 1, 2, 3].map((i) =>
          any(i).changeItem({
            id: 'item-1',
            userId: 'user-1',
            tagIds: i % 2 ? tagIds : tagIds.toReversed(),
            now,
          }),
        ),
      ]);
      assert.equal(removed, 'removed');
      for (const answer of changed) assert.ok(answer === 'tag_not_found' || typeof answer === 'object');
      const kept = (await one.findItem('item-1'))?.tags.map(({ id }) => id) ?? [];
      assert.ok(!kept.includes(tagIds[1]!));
    }
  });
});
