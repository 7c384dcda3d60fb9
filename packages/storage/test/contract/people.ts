// People and sessions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Storage } from '@sallyport/storage';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aClient, aCode, aConsent, aGrant, anItem, aSession, aUser, digestOf, now, tally } = samples;

export function peopleContract(open: Open): void {
  test('a user comes back exactly as added, by id and by email', async (t) => {
    const { storage } = await open(t);
    const user = aUser({ role: 'operator', updatedAt: now + 5 });
    assert.equal(await storage.addUser(user), 'added');
    assert.deepEqual(await storage.findUser(user.id), user);
    assert.deepEqual(await storage.findUserByEmail(user.email), user);
    assert.equal(await storage.findUser('user-2'), undefined);
    assert.equal(await storage.findUserByEmail('two@example.com'), undefined);
  });

  test('a user without a password has no such member', async (t) => {
    const { storage } = await open(t);
    const { passwordHash: _, ...user } = aUser();
    await storage.addUser(user);
    assert.deepEqual(await storage.findUser(user.id), user);
    assert.ok(!('passwordHash' in ((await storage.findUser(user.id)) ?? {})));
  });

  test('an email address belongs to one user', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    assert.equal(await storage.addUser(aUser({ id: 'user-2', email: aUser().email })), 'email_taken');
    assert.equal(await storage.findUser('user-2'), undefined);
    assert.equal((await storage.listUsers()).length, 1);
  });

  test('an id that is taken is an error, and the first user stays', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    await assert.rejects(storage.addUser(aUser({ email: 'other@example.com' })));
    assert.deepEqual(await storage.listUsers(), [aUser()]);
  });

  test('of 20 simultaneous first users one is added', async (t) => {
    const { storage } = await open(t);
    assert.equal(await storage.hasUsers(), false);
    const answers = await tally(20, (i) => storage.addFirstUser(aUser({ id: `user-${i}` })));
    assert.deepEqual(answers, { added: 1, not_first: 19 });
    assert.equal(await storage.hasUsers(), true);
    assert.equal((await storage.listUsers()).length, 1);
  });

  test('a first user is refused once there is any user, and possible again once there is none', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    assert.equal(await storage.addFirstUser(aUser({ id: 'user-2' })), 'not_first');
    await storage.removeUser('user-1');
    assert.equal(await storage.addFirstUser(aUser({ id: 'user-2' })), 'added');
  });

  test('users are listed oldest first', async (t) => {
    const { storage } = await open(t);
    assert.deepEqual(await storage.listUsers(), []);
    await storage.addUser(aUser({ id: 'b', createdAt: now + 2 }));
    await storage.addUser(aUser({ id: 'a', createdAt: now + 1 }));
    assert.deepEqual(
      (await storage.listUsers()).map((user) => user.id),
      ['a', 'b'],
    );
  });

  test('a session is found with its user until the second in which it expires', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    const session = aSession({ createdAt: now + 3, provenAt: 0 });
    assert.equal(await storage.keepSession(session), 'kept');
    assert.deepEqual(await storage.findSession(session.digest, now), { session, user: aUser() });
    assert.ok(await storage.findSession(session.digest, session.expiresAt - 1));
    assert.equal(await storage.findSession(session.digest, session.expiresAt), undefined);
    assert.equal(await storage.findSession(digestOf('another'), now), undefined);
  });

  test('a session of nobody is refused', async (t) => {
    const { storage } = await open(t);
    assert.equal(await storage.keepSession(aSession()), 'user_gone');
    await storage.addUser(aUser());
    assert.equal(await storage.findSession(aSession().digest, now), undefined);
  });

  test('ending a session ends that one only, and twice is no error', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    await storage.keepSession(aSession());
    await storage.keepSession(aSession({ digest: digestOf('second') }));
    await storage.endSession(aSession().digest);
    await storage.endSession(aSession().digest);
    assert.equal(await storage.findSession(aSession().digest, now), undefined);
    assert.ok(await storage.findSession(digestOf('second'), now));
  });

  test('a new password ends every session of this person and of nobody else', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    await storage.addUser(aUser({ id: 'user-2' }));
    await storage.keepSession(aSession());
    await storage.keepSession(aSession({ digest: digestOf('second') }));
    await storage.keepSession(aSession({ digest: digestOf('other'), userId: 'user-2' }));

    const change = { userId: 'user-1', passwordHash: '$argon2id$new', now: now + 9 };
    assert.equal(await storage.setPassword(change), 'changed');
    assert.deepEqual(
      await storage.findUser('user-1'),
      aUser({ passwordHash: '$argon2id$new', updatedAt: now + 9 }),
    );
    assert.equal(await storage.findSession(aSession().digest, now), undefined);
    assert.equal(await storage.findSession(digestOf('second'), now), undefined);
    assert.ok(await storage.findSession(digestOf('other'), now));
    assert.deepEqual(await storage.findUser('user-2'), aUser({ id: 'user-2' }));
    assert.equal(await storage.setPassword({ ...change, userId: 'nobody' }), 'not_found');
  });

  test('a new password leaves the session that is named, when it is this person’s', async (t) => {
    const { storage } = await open(t);
    await withTwoPeople(storage);
    const change = { userId: 'user-1', passwordHash: '$argon2id$new', now };
    await storage.setPassword({ ...change, keepSession: digestOf('one') });
    assert.deepEqual(await sessionsOf(storage, 'user-1'), [digestOf('one')]);
    await storage.setPassword({ ...change, keepSession: digestOf('other') });
    assert.deepEqual(await sessionsOf(storage, 'user-1'), []);
    assert.deepEqual(await sessionsOf(storage, 'user-2'), [digestOf('other')]);
  });

  test('a session remembers browser and network, and when it was last seen', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    const session = aSession({ browser: 'Firefox on Linux', network: '192.0.2.*', seenAt: now + 1 });
    await storage.keepSession(session);
    assert.deepEqual((await storage.findSession(session.digest, now))?.session, session);
    await storage.markSessionSeen(session.digest, now + 7);
    await storage.markSessionSeen(digestOf('another'), now + 7);
    assert.deepEqual(await storage.listSessions('user-1', now), [{ ...session, seenAt: now + 7 }]);
  });

  test('sessions are listed newest first, without expired ones, those of others, and more than 100', async (t) => {
    const { storage } = await open(t);
    await withTwoPeople(storage);
    await storage.keepSession(aSession({ digest: digestOf('expired'), expiresAt: now }));
    assert.deepEqual(await sessionsOf(storage, 'user-1'), [digestOf('two'), digestOf('one')]);
    assert.deepEqual(await sessionsOf(storage, 'nobody'), []);
    for (let i = 0; i < 100; i++)
      await storage.keepSession(aSession({ digest: digestOf(`more ${i}`), createdAt: now + 10 + i }));
    const listed = await sessionsOf(storage, 'user-1');
    assert.equal(listed.length, 100);
    assert.equal(listed[0], digestOf('more 99'));
    assert.ok(!listed.includes(digestOf('one')));
  });

  test('the other sessions of a person end together, as often as one asks', async (t) => {
    const { storage } = await open(t);
    await withTwoPeople(storage);
    for (let i = 0; i < 2; i++) await storage.endOtherSessions({ userId: 'user-1', keep: digestOf('one') });
    assert.deepEqual(await sessionsOf(storage, 'user-1'), [digestOf('one')]);
    assert.deepEqual(await sessionsOf(storage, 'user-2'), [digestOf('other')]);
  });

  test('the last operator is not removed while there are members', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser({ role: 'operator' }));
    await storage.addUser(aUser({ id: 'user-2' }));
    assert.equal(await storage.isLastOperator('user-1'), true);
    assert.equal(await storage.isLastOperator('user-2'), false);
    assert.equal(await storage.removeUserUnlessNeeded('user-1'), 'last_operator');
    assert.ok(await storage.findUser('user-1'));
    assert.equal(await storage.removeUserUnlessNeeded('user-2'), 'removed');
    assert.equal(await storage.isLastOperator('user-1'), false);
    assert.equal(await storage.removeUserUnlessNeeded('user-1'), 'removed');
    assert.equal(await storage.removeUserUnlessNeeded('user-1'), 'not_found');
    assert.equal(await storage.hasUsers(), false);
  });

  test('of two operators who leave at once, one stays with the members', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser({ role: 'operator' }));
    await storage.addUser(aUser({ id: 'user-2', role: 'operator' }));
    await storage.addUser(aUser({ id: 'user-3' }));
    const answers = await tally(2, (i) => storage.removeUserUnlessNeeded(`user-${i + 1}`));
    assert.deepEqual(answers, { removed: 1, last_operator: 1 });
  });

  test('a removed user takes everything along, and nothing of anybody else', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(aClient());
    for (const userId of ['user-1', 'user-2']) {
      await storage.addUser(aUser({ id: userId }));
      await storage.keepSession(aSession({ digest: digestOf(userId), userId }));
      await storage.addItem(anItem({ id: `item of ${userId}`, userId }));
      const grant = aGrant({ id: `grant of ${userId}`, userId });
      const code = aCode({ digest: digestOf(`code of ${userId}`), grantId: grant.id });
      const refreshToken = samples.aToken({ digest: digestOf(`token of ${userId}`), grantId: grant.id });
      await storage.grantAuthorization({ grant, code, consent: aConsent({ userId }), now });
      await storage.redeemCode(samples.redeem({ digest: code.digest, refreshToken }));
    }

    assert.equal(await storage.removeUser('user-1'), 'removed');
    const left = async (userId: string) => [
      await storage.findUser(userId),
      await storage.findSession(digestOf(userId), now),
      await storage.findItem(`item of ${userId}`),
      await storage.findGrant(`grant of ${userId}`),
      await storage.findCode(digestOf(`code of ${userId}`)),
      await storage.findRefreshToken(digestOf(`token of ${userId}`)),
      await storage.findConsent(aConsent({ userId })),
    ];
    assert.deepEqual(
      await left('user-1'),
      Array.from({ length: 7 }, () => undefined),
    );
    assert.ok((await left('user-2')).every((kept) => kept !== undefined));
    assert.ok(await storage.findClient('client-1'));

    const rotation = samples.rotate('token of user-1', 'next');
    assert.equal(await storage.rotateRefreshToken(rotation), 'dead');
    assert.equal(await storage.removeUser('user-1'), 'not_found');
  });
}

/** One person with two sessions, another with one. */
async function withTwoPeople(storage: Storage): Promise<void> {
  await storage.addUser(aUser());
  await storage.addUser(aUser({ id: 'user-2' }));
  await storage.keepSession(aSession({ digest: digestOf('one') }));
  await storage.keepSession(aSession({ digest: digestOf('two'), createdAt: now + 1 }));
  await storage.keepSession(aSession({ digest: digestOf('other'), userId: 'user-2' }));
}

async function sessionsOf(storage: Storage, userId: string): Promise<readonly string[]> {
  return (await storage.listSessions(userId, now)).map(({ digest }) => digest);
}
