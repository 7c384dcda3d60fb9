// Paused authorizations, decisions, consents.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aClient, aCode, aConsent, aGrant, aPaused, aUser, digestOf, now, tally } = samples;
const { withPersonAndClient } = samples;

const pausedId = aPaused().id;
const granting = { pausedId, grant: aGrant(), code: aCode(), consent: aConsent(), now: now + 1 };
const denying = { pausedId, userId: 'user-1', now: now + 1 };

/** A second submit of the same page makes its own grant and code, which must not be kept. */
const grantingAgain = {
  ...granting,
  grant: aGrant({ id: 'grant-2' }),
  code: aCode({ digest: digestOf('code-2'), grantId: 'grant-2' }),
  consent: aConsent({ scope: ['records:delete'] }),
};

export function authorizeContract(open: Open): void {
  test('a paused authorization is found until the second in which it expires', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(aClient());
    assert.equal(await storage.keepPausedAuthorization(aPaused()), 'kept');
    assert.deepEqual(await storage.findPausedAuthorization(pausedId, now), aPaused());
    assert.ok(await storage.findPausedAuthorization(pausedId, aPaused().expiresAt - 1));
    assert.equal(await storage.findPausedAuthorization(pausedId, aPaused().expiresAt), undefined);
    assert.equal(await storage.findPausedAuthorization(digestOf('another'), now), undefined);
  });

  test('a paused authorization of no client is refused', async (t) => {
    const { storage } = await open(t);
    assert.equal(await storage.keepPausedAuthorization(aPaused()), 'client_gone');
    await storage.addClient(aClient());
    assert.equal(await storage.findPausedAuthorization(pausedId, now), undefined);
  });

  test('an allowed authorization keeps grant, code and consent, and marks the client used', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.keepPausedAuthorization(aPaused());
    assert.equal(await storage.grantAuthorization(granting), 'granted');
    assert.deepEqual(await storage.findGrant('grant-1'), aGrant());
    assert.deepEqual(await storage.findCode(aCode().digest), { code: aCode(), grant: aGrant() });
    assert.deepEqual(await storage.findConsent(aConsent()), aConsent());
    assert.deepEqual(await storage.findClient('client-1'), aClient({ usedAt: now + 1 }));
    assert.deepEqual(
      await storage.findPausedAuthorization(pausedId, now),
      aPaused({ decision: 'allowed', decidedBy: 'user-1' }),
    );
  });

  test('an authorization without a page and without a remembered consent keeps grant and code only', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    assert.equal(await storage.grantAuthorization({ grant: aGrant(), code: aCode(), now }), 'granted');
    assert.deepEqual(await storage.findCode(aCode().digest), { code: aCode(), grant: aGrant() });
    assert.equal(await storage.findConsent(aConsent()), undefined);
  });

  test('of 20 simultaneous submits of one page one grants, and the others write nothing', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.keepPausedAuthorization(aPaused());
    const answers = await tally(20, (i) =>
      storage.grantAuthorization({
        ...granting,
        grant: aGrant({ id: `grant-${i}` }),
        code: aCode({ digest: digestOf(`code-${i}`), grantId: `grant-${i}` }),
        consent: aConsent({ scope: [`scope-${i}`] }),
      }),
    );
    assert.deepEqual(answers, { granted: 1, repeated: 19 });
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => storage.findCode(digestOf(`code-${i}`))),
    );
    assert.equal(codes.filter((code) => code !== undefined).length, 1);
    assert.equal((await storage.findConsent(aConsent()))?.scope.length, 1);
  });

  test('a repeated allow writes nothing, not even the time of use', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.keepPausedAuthorization(aPaused());
    await storage.grantAuthorization(granting);
    assert.equal(await storage.grantAuthorization({ ...grantingAgain, now: now + 7 }), 'repeated');
    assert.equal(await storage.findGrant('grant-2'), undefined);
    assert.equal(await storage.findCode(digestOf('code-2')), undefined);
    assert.deepEqual(await storage.findConsent(aConsent()), aConsent());
    assert.equal((await storage.findClient('client-1'))?.usedAt, now + 1);
  });

  test('of an allow and a deny at once one decides, and the other learns that it was decided otherwise', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.keepPausedAuthorization(aPaused());
    const answers = await Promise.all([
      storage.denyAuthorization(denying),
      storage.grantAuthorization(granting),
    ]);
    assert.deepEqual(answers, ['denied', 'decided_otherwise']);
    assert.equal(await storage.findGrant('grant-1'), undefined);
    assert.deepEqual(
      await storage.findPausedAuthorization(pausedId, now),
      aPaused({ decision: 'denied', decidedBy: 'user-1' }),
    );
    assert.equal(await storage.denyAuthorization(denying), 'repeated');
  });

  test('what one person decided, another cannot repeat or change', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.addUser(aUser({ id: 'user-2' }));
    await storage.keepPausedAuthorization(aPaused());
    await storage.grantAuthorization(granting);
    const grant = aGrant({ id: 'grant-2', userId: 'user-2' });
    assert.equal(await storage.grantAuthorization({ ...grantingAgain, grant }), 'decided_otherwise');
    assert.equal(await storage.denyAuthorization({ ...denying, userId: 'user-2' }), 'decided_otherwise');
    assert.equal(await storage.denyAuthorization(denying), 'decided_otherwise');
    assert.equal(await storage.findGrant('grant-2'), undefined);
    assert.ok(await storage.findGrant('grant-1'));
  });

  test('a paused authorization that is unknown or expired can be neither allowed nor denied', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    assert.equal(await storage.grantAuthorization(granting), 'gone');
    assert.equal(await storage.denyAuthorization(denying), 'gone');
    await storage.keepPausedAuthorization(aPaused());
    const late = aPaused().expiresAt;
    assert.equal(await storage.grantAuthorization({ ...granting, now: late }), 'gone');
    assert.equal(await storage.denyAuthorization({ ...denying, now: late }), 'gone');
    assert.equal(await storage.findGrant('grant-1'), undefined);
    assert.deepEqual(await storage.findPausedAuthorization(pausedId, now), aPaused());
    assert.deepEqual(await storage.findClient('client-1'), aClient());
  });

  test('an authorization of a removed user or client is gone, and leaves nothing', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(aClient());
    await storage.keepPausedAuthorization(aPaused());
    const { pausedId: _, ...withoutPage } = granting;
    assert.equal(await storage.grantAuthorization(granting), 'gone');
    assert.equal(await storage.grantAuthorization(withoutPage), 'gone');
    assert.equal(await storage.denyAuthorization(denying), 'gone');
    assert.deepEqual(await storage.findPausedAuthorization(pausedId, now), aPaused());
    assert.deepEqual(await storage.findClient('client-1'), aClient());

    await storage.addUser(aUser());
    await storage.removeClient('client-1');
    assert.equal(await storage.grantAuthorization(granting), 'gone');
    assert.equal(await storage.grantAuthorization(withoutPage), 'gone');
    assert.equal(await storage.findGrant('grant-1'), undefined);
    assert.equal(await storage.findConsent(aConsent()), undefined);
  });

  test('a decided authorization of a user removed since is gone', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.keepPausedAuthorization(aPaused());
    await storage.grantAuthorization(granting);
    await storage.removeUser('user-1');
    assert.equal(await storage.grantAuthorization(grantingAgain), 'gone');
  });

  test('a page for one client cannot become a grant for another', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.addClient(aClient({ client_id: 'client-2' }));
    await storage.keepPausedAuthorization(aPaused());
    const grant = aGrant({ clientId: 'client-2' });
    assert.equal(await storage.grantAuthorization({ ...granting, grant }), 'gone');
    assert.equal(await storage.findGrant('grant-1'), undefined);
    assert.deepEqual(await storage.findPausedAuthorization(pausedId, now), aPaused());
  });

  test('when a part cannot be kept nothing is, and calls beside it are not harmed', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.keepPausedAuthorization(aPaused());
    await storage.grantAuthorization({ grant: aGrant(), code: aCode(), now });

    const grant = aGrant({ id: 'grant-2' });
    const sameCodeAgain = aCode({ grantId: 'grant-2' });
    const [before, failed, after] = await Promise.allSettled([
      storage.addUser(aUser({ id: 'user-2' })),
      storage.grantAuthorization({ ...granting, grant, code: sameCodeAgain, now: now + 7 }),
      storage.addUser(aUser({ id: 'user-3' })),
    ]);
    assert.equal(failed.status, 'rejected');
    assert.equal(before.status, 'fulfilled');
    assert.equal(after.status, 'fulfilled');
    assert.equal(await storage.findGrant('grant-2'), undefined);
    assert.equal(await storage.findConsent(aConsent()), undefined);
    assert.deepEqual(await storage.findPausedAuthorization(pausedId, now), aPaused());
    assert.equal((await storage.findClient('client-1'))?.usedAt, now);
    assert.equal((await storage.listUsers()).length, 3);
  });

  test('a consent grows with every decision and belongs to its origin, resource, client and person', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.grantAuthorization({ grant: aGrant(), code: aCode(), consent: aConsent(), now });
    const { grant, code } = grantingAgain;
    const more = aConsent({ scope: ['records:write', 'records:read'], updatedAt: now + 9 });
    await storage.grantAuthorization({ grant, code, consent: more, now });
    assert.deepEqual(
      await storage.findConsent(aConsent()),
      aConsent({ scope: ['records:read', 'records:write'], updatedAt: now + 9 }),
    );
    for (const other of [
      { userId: 'user-2' },
      { clientId: 'client-2' },
      { redirectOrigin: 'https://client.example.org' },
      { resource: 'https://mcp.example.com/mcp/other' },
    ]) {
      assert.equal(await storage.findConsent(aConsent(other)), undefined);
    }
  });
}
