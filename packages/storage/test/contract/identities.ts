// Who people are at the providers that they sign in with.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSONAL_ACCESS_TOKENS, type Storage } from '@sallyport/storage';
import { aCode, aGrant, anIdentity, aPersonalAccessToken, aSession, aUser, aVaultEntry } from './samples.ts';
import { digestOf, hearing, now, tally, withPersonAndClient } from './samples.ts';
import type { Open } from './samples.ts';

const { passwordHash: _, ...withoutPassword } = aUser();
const ways = ['example', 'other'];

/** As they come from a provider: without a password. */
const aPerson = (id = 'user-1') => ({ ...withoutPassword, id, email: `${id}@example.com` });

const subjectsOf = async (storage: Storage, userId?: string) =>
  (await storage.listIdentities(userId)).map(({ subject }) => subject);

export function identitiesContract(open: Open): void {
  test('an account and its identity come together, and back exactly as added', async (t) => {
    const { storage } = await open(t);
    const user = { ...aPerson(), role: 'operator' as const, operatorBy: 'example' };
    assert.equal(await storage.addUserWithIdentity({ user, identity: anIdentity() }), 'added');
    assert.deepEqual(await storage.findIdentity(anIdentity()), { identity: anIdentity(), user });
    assert.deepEqual(await storage.listIdentities('user-1'), [anIdentity()]);
    assert.equal(await storage.findIdentity({ provider: 'other', subject: 'subject-1' }), undefined);
    assert.equal(await storage.findIdentity({ provider: 'example', subject: 'Subject-1' }), undefined);
    assert.deepEqual(await storage.listIdentities('user-2'), []);
  });

  test('what the provider did not say is no member', async (t) => {
    const { storage } = await open(t);
    const { email: _email, name: _name, username: _username, ...bare } = anIdentity({ emailVerified: false });
    await storage.addUserWithIdentity({ user: aPerson(), identity: bare });
    assert.deepEqual(await storage.listIdentities(), [bare]);
  });

  test('neither the account nor the identity is made when one of them is taken', async (t) => {
    const { storage } = await open(t);
    await storage.addUserWithIdentity({ user: aPerson(), identity: anIdentity() });
    const another = anIdentity({ subject: 'subject-2' });
    const sameEmail = { ...aPerson('user-2'), email: aPerson().email };
    assert.equal(await storage.addUserWithIdentity({ user: sameEmail, identity: another }), 'email_taken');
    assert.equal(
      await storage.addUserWithIdentity({ user: aPerson('user-2'), identity: anIdentity() }),
      'identity_taken',
    );
    assert.equal(
      await storage.addUserWithIdentity({ user: sameEmail, identity: anIdentity() }),
      'identity_taken',
      'what says whose it is comes first',
    );
    assert.equal(await storage.findUser('user-2'), undefined);
    assert.deepEqual(await subjectsOf(storage), ['subject-1']);
  });

  test('of 20 who come at once with the same identity, one makes the account', async (t) => {
    const { storage } = await open(t);
    for (const [round, address] of [
      ['a', (id: string) => `${id}@example.com`],
      ['b', () => 'same@example.com'],
    ] as const) {
      const answers = await tally(20, (i) => {
        const id = `user-${round}-${i}`;
        const user = { ...aPerson(id), email: address(id) };
        return storage.addUserWithIdentity({ user, identity: anIdentity({ subject: round }) });
      });
      assert.deepEqual(answers, { added: 1, identity_taken: 19 });
    }
    assert.equal((await storage.listUsers()).length, 2);
    assert.equal((await storage.listIdentities()).length, 2);
  });

  test('of 20 simultaneous first accounts with different identities one is added', async (t) => {
    const { storage } = await open(t);
    const answers = await tally(20, (i) =>
      storage.addUserWithIdentity({
        user: aPerson(`user-${i}`),
        identity: anIdentity({ subject: `${i}` }),
        isFirst: true,
      }),
    );
    assert.deepEqual(answers, { added: 1, not_first: 19 });
    assert.equal((await storage.listIdentities()).length, 1);
  });

  test('another identity is linked to an account that is there, once, and to no second one', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    await storage.addUser(aUser({ id: 'user-2' }));
    assert.equal(await storage.linkIdentity({ identity: anIdentity() }), 'linked');
    assert.equal(await storage.linkIdentity({ identity: anIdentity({ email: 'x@example.com' }) }), 'linked');
    assert.deepEqual(await storage.listIdentities('user-1'), [anIdentity()]);
    const ofAnother = anIdentity({ userId: 'user-2' });
    assert.equal(await storage.linkIdentity({ identity: ofAnother }), 'identity_taken');
    const ofNobody = anIdentity({ subject: 'subject-2', userId: 'nobody' });
    assert.equal(await storage.linkIdentity({ identity: ofNobody }), 'user_gone');
    assert.deepEqual(await subjectsOf(storage), ['subject-1']);
  });

  test('of 20 accounts that want the same identity at once, one has it', async (t) => {
    const { storage } = await open(t);
    for (let i = 0; i < 20; i++) await storage.addUser(aUser({ id: `user-${i}` }));
    const answers = await tally(20, (i) =>
      storage.linkIdentity({ identity: anIdentity({ userId: `user-${i}` }) }),
    );
    assert.deepEqual(answers, { linked: 1, identity_taken: 19 });
  });

  test('an invitation is taken once, and only while the account has no way to sign in', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aPerson());
    const answers = await tally(10, (i) =>
      storage.linkIdentity({ identity: anIdentity({ provider: `provider-${i}` }), isInvited: true }),
    );
    assert.deepEqual(answers, { linked: 1, not_invited: 9 });
    await storage.addUser(aUser({ id: 'user-2' }));
    const ofPassword = anIdentity({ subject: 'subject-2', userId: 'user-2' });
    assert.equal(await storage.linkIdentity({ identity: ofPassword, isInvited: true }), 'not_invited');
    const ofNobody = anIdentity({ subject: 'subject-2', userId: 'nobody' });
    assert.equal(await storage.linkIdentity({ identity: ofNobody, isInvited: true }), 'not_invited');
  });

  test('a way to sign in is unlinked, but not the last one', async (t) => {
    const { storage } = await open(t);
    await storage.addUserWithIdentity({ user: aPerson(), identity: anIdentity() });
    const first = { userId: 'user-1', provider: 'example', subject: 'subject-1', ways, now };
    assert.equal(await storage.unlinkIdentity(first), 'last_way');
    await storage.linkIdentity({ identity: anIdentity({ provider: 'gone' }) });
    assert.equal(await storage.unlinkIdentity(first), 'last_way', 'nobody can use a provider that is gone');
    await storage.linkIdentity({ identity: anIdentity({ provider: 'other' }) });
    assert.equal(await storage.unlinkIdentity({ ...first, userId: 'user-2' }), 'not_found');
    assert.equal(await storage.unlinkIdentity({ ...first, subject: 'subject-2' }), 'not_found');
    assert.equal(await storage.unlinkIdentity(first), 'unlinked');
    assert.equal(await storage.unlinkIdentity(first), 'not_found');
    assert.equal(await storage.findIdentity(anIdentity()), undefined);
    assert.equal(await storage.unlinkIdentity({ ...first, provider: 'other' }), 'last_way');
  });

  test('a password counts as a way exactly where people can sign in with one', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    await storage.linkIdentity({ identity: anIdentity() });
    const only = { userId: 'user-1', provider: 'example', subject: 'subject-1', now };
    assert.equal(await storage.unlinkIdentity({ ...only, ways }), 'last_way');
    assert.equal(await storage.unlinkIdentity({ ...only, ways: ['password'] }), 'unlinked');
  });

  test('of two ways that are unlinked at once, one stays', async (t) => {
    const { storage } = await open(t);
    for (let round = 0; round < 5; round++) {
      const id = `user-${round}`;
      const one = anIdentity({ subject: id, userId: id });
      await storage.addUserWithIdentity({ user: aPerson(id), identity: one });
      await storage.linkIdentity({ identity: { ...one, provider: 'other' } });
      const answers = await tally(2, (i) =>
        storage.unlinkIdentity({ userId: id, provider: ways[i]!, subject: id, ways, now }),
      );
      assert.deepEqual(answers, { unlinked: 1, last_way: 1 });
      assert.equal((await storage.listIdentities(id)).length, 1);
    }
  });

  test('the sessions that began with an identity end with it, and no others', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    await storage.addUser(aUser({ id: 'user-2' }));
    await storage.linkIdentity({ identity: anIdentity() });
    const identity = { provider: 'example', subject: 'subject-1' };
    const keep = async (expected: string) => {
      for (const name of ['here', 'there'])
        assert.equal(await storage.keepSession(aSession({ digest: digestOf(name), ...identity })), expected);
    };
    await keep('kept');
    await storage.keepSession(aSession({ digest: digestOf('password') }));
    const another = { provider: 'example', subject: 'subject-2' };
    await storage.linkIdentity({ identity: anIdentity(another) });
    await storage.keepSession(aSession({ digest: digestOf('another'), ...another }));
    const ofAnother = aSession({ digest: digestOf('of another'), userId: 'user-2', ...identity });
    assert.equal(await storage.keepSession(ofAnother), 'user_gone', 'the identity is somebody else’s');
    const here = (await storage.findSession(digestOf('here'), now))?.session;
    assert.deepEqual([here?.provider, here?.subject], ['example', 'subject-1']);
    const unlinked = {
      userId: 'user-1',
      ...identity,
      ways: ['password'],
      keepSession: digestOf('here'),
      now,
    };
    assert.equal(await storage.unlinkIdentity(unlinked), 'unlinked');
    const left = async () => new Set((await storage.listSessions('user-1', now)).map(({ digest }) => digest));
    assert.deepEqual(await left(), new Set(['here', 'password', 'another'].map(digestOf)));
    await storage.endSession(digestOf('here'));
    await keep('user_gone');
    await storage.linkIdentity({ identity: anIdentity() });
    await keep('kept');
    await storage.endAccessOfIdentity({ userId: 'user-1', ...identity, now });
    assert.deepEqual(await left(), new Set(['password', 'another'].map(digestOf)));
  });

  test('what was allowed by an identity ends with its access, once, is told, and nothing else is', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.addUser(aUser({ id: 'user-2' }));
    const identity = { provider: 'example', subject: 'subject-1' };
    const grants = [
      aGrant({ id: 'this', ...identity, traceId: 'trace-this' }),
      aGrant({ id: 'older than subjects', provider: 'example' }),
      aGrant({ id: 'another subject', provider: 'example', subject: 'subject-2' }),
      aGrant({ id: 'another provider', provider: 'other', subject: 'subject-1' }),
      aGrant({ id: 'older than providers' }),
      aGrant({ id: 'another person', userId: 'user-2', ...identity }),
    ];
    for (const grant of grants) {
      const code = aCode({ digest: digestOf(grant.id), grantId: grant.id });
      assert.equal(await storage.grantAuthorization({ grant, code, now }), 'granted');
    }
    const token = aPersonalAccessToken({ id: 'personal' });
    const made = { token, digest: digestOf('t'), maxOfPerson: 9, traceId: 'trace-p' };
    assert.equal(await storage.addPersonalAccessToken({ ...made, ...identity }), 'added');
    assert.deepEqual(await storage.findGrant('this').then((grant) => grant?.subject), 'subject-1');
    const { heard, stop } = hearing(storage);
    const end = () => storage.endAccessOfIdentity({ userId: 'user-1', ...identity, now: now + 5 });
    const ended = await end();
    const byId = ended.grants.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const clientId = 'client-1';
    assert.deepEqual(byId, [
      { id: 'older than subjects', clientId, traceId: aGrant().traceId },
      { id: 'personal', clientId: PERSONAL_ACCESS_TOKENS, traceId: 'trace-p' },
      { id: 'this', clientId, traceId: 'trace-this' },
    ]);
    assert.deepEqual(heard.toSorted(), ['older than subjects', 'personal', 'this']);
    stop();
    assert.deepEqual((await end()).grants, []);
    for (const { id: grantId } of grants) {
      const isOver = byId.some((one) => one.id === grantId);
      const { revokedAt } = (await storage.findGrant(grantId)) ?? assert.fail();
      assert.equal(revokedAt, isOver ? now + 5 : undefined, grantId);
    }
  });

  test('nothing of an identity is kept that is unlinked at the same moment', async (t) => {
    const { storage, openAgain } = await open(t);
    const another = (await openAgain?.()) ?? storage;
    await storage.addUser(aUser());
    const { provider, subject } = anIdentity();
    const unlinked = { userId: 'user-1', provider, subject, ways: ['password'], now };
    for (let round = 0; round < 20; round++) {
      const digest = digestOf(`${round}`);
      await storage.linkIdentity({ identity: anIdentity() });
      const [kept] = await Promise.all([
        another.keepVaultEntry({ ...aVaultEntry({ provider, subject }), isOfIdentity: true, now }),
        another.keepSession(aSession({ digest, provider, subject })),
        storage.unlinkIdentity(unlinked),
      ]);
      assert.ok(kept === 'kept' || kept === 'user_gone');
      assert.equal(await storage.findVaultEntry('entry-1'), undefined, `round ${round}`);
      assert.equal(await storage.findSession(digest, now), undefined, `round ${round}`);
    }
    const late = { ...aVaultEntry({ provider, subject }), isOfIdentity: true, now };
    assert.equal(await storage.keepVaultEntry(late), 'user_gone');
    assert.equal(await storage.keepVaultEntry({ ...late, isOfIdentity: false }), 'kept', 'of no sign-in');
  });

  test('what a provider gave for the person goes with the identity, and nothing else of the vault', async (t) => {
    const { storage } = await open(t);
    for (const userId of ['user-1', 'user-2']) await storage.addUser(aUser({ id: userId }));
    await storage.linkIdentity({ identity: anIdentity() });
    const { provider, subject } = anIdentity();
    const kept = [
      { id: 'this', userId: 'user-1', provider, subject },
      { id: 'of another subject', userId: 'user-1', provider, subject: 'subject-2' },
      { id: 'of another provider', userId: 'user-1', provider: 'other', subject },
      { id: 'of another person', userId: 'user-2', provider, subject },
    ];
    for (const one of kept) await storage.keepVaultEntry({ ...aVaultEntry(one), now });
    await storage.unlinkIdentity({ userId: 'user-1', provider, subject, ways: ['password'], now });
    const left = kept.map(({ id }) => storage.findVaultEntry(id));
    assert.deepEqual(
      (await Promise.all(left)).map((entry) => entry?.id),
      [undefined, 'of another subject', 'of another provider', 'of another person'],
    );
  });

  test('what the provider says is noted with each sign-in, and what it no longer says is forgotten', async (t) => {
    const { storage } = await open(t);
    await storage.addUserWithIdentity({ user: aPerson(), identity: anIdentity() });
    const key = { provider: 'example', subject: 'subject-1' };
    const said = { ...key, emailVerified: false, username: 'renamed', now: now + 9 };
    assert.equal(await storage.noteIdentitySignIn(said), 'noted');
    const { email: _email, name: _name, ...kept } = anIdentity();
    assert.deepEqual(await storage.listIdentities('user-1'), [
      { ...kept, emailVerified: false, username: 'renamed', signedInAt: now + 9 },
    ]);
    assert.deepEqual(await storage.findUser('user-1'), aPerson(), 'the account is as it was');
    assert.equal(await storage.noteIdentitySignIn({ ...said, subject: 'nobody' }), 'not_found');
  });

  test('a rule makes an operator, and takes back only what it gave', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser({ role: 'operator' }));
    await storage.addUser(aUser({ id: 'user-2' }));
    const rule = { userId: 'user-2', provider: 'example', now: now + 3 };
    assert.equal(await storage.setOperatorByRule({ ...rule, isOperator: false }), 'unchanged');
    assert.equal(await storage.setOperatorByRule({ ...rule, isOperator: true }), 'promoted');
    assert.equal(await storage.setOperatorByRule({ ...rule, isOperator: true }), 'unchanged');
    const promoted = aUser({ id: 'user-2', role: 'operator', operatorBy: 'example', updatedAt: now + 3 });
    assert.deepEqual(await storage.findUser('user-2'), promoted);
    const other = { ...rule, provider: 'other' };
    assert.equal(await storage.setOperatorByRule({ ...other, isOperator: true }), 'unchanged');
    assert.equal(await storage.setOperatorByRule({ ...other, isOperator: false }), 'unchanged');
    const byHand = { ...rule, userId: 'user-1', isOperator: false };
    assert.equal(await storage.setOperatorByRule(byHand), 'unchanged');
    assert.equal(await storage.setOperatorByRule({ ...rule, isOperator: false }), 'demoted');
    assert.deepEqual(await storage.findUser('user-2'), aUser({ id: 'user-2', updatedAt: now + 3 }));
    const nobody = { ...rule, userId: 'nobody' };
    assert.equal(await storage.setOperatorByRule({ ...nobody, isOperator: true }), 'unchanged');
    assert.equal(await storage.setOperatorByRule({ ...nobody, isOperator: false }), 'unchanged');
  });

  test('what a rule gave goes with the last identity of its provider, since no rule could take it back', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser({ role: 'operator' }));
    const user = aUser({ id: 'user-2', role: 'operator', operatorBy: 'example' });
    const mine = anIdentity({ userId: 'user-2' });
    const second = { ...mine, subject: 'subject-2' };
    await storage.addUserWithIdentity({ user, identity: mine });
    for (const identity of [second, { ...mine, provider: 'other' }]) await storage.linkIdentity({ identity });
    const unlink = async ({ userId, provider, subject } = mine) => {
      const unlinked = { userId, provider, subject, ways: ['password'], now: now + 5 };
      assert.equal(await storage.unlinkIdentity(unlinked), 'unlinked');
      return storage.findUser(userId);
    };
    assert.deepEqual(await unlink({ ...mine, provider: 'other' }), user);
    assert.deepEqual(await unlink(), user, 'the other one speaks for it still');
    const { operatorBy: _gone, ...member } = user;
    assert.deepEqual(await unlink(second), { ...member, role: 'member', updatedAt: now + 5 });
    const last = aUser({ id: 'user-3', role: 'operator', operatorBy: 'example' });
    await storage.removeUser('user-1');
    await storage.addUserWithIdentity({ user: last, identity: anIdentity() });
    assert.equal((await unlink({ ...mine, userId: 'user-3' }))?.role, 'operator', 'somebody must be');
  });

  test('of two operators who lose that at once, one stays with the members', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser({ id: 'member' }));
    for (const id of ['user-1', 'user-2'])
      await storage.addUser(aUser({ id, role: 'operator', operatorBy: 'example' }));
    const answers = await tally(2, (i) =>
      storage.setOperatorByRule({ userId: `user-${i + 1}`, provider: 'example', isOperator: false, now }),
    );
    assert.deepEqual(answers, { demoted: 1, last_operator: 1 });
  });

  test('a removed account takes its identities along, and they can be had again', async (t) => {
    const { storage } = await open(t);
    await storage.addUserWithIdentity({ user: aPerson(), identity: anIdentity() });
    await storage.linkIdentity({ identity: anIdentity({ provider: 'other' }) });
    const another = anIdentity({ subject: 'subject-2' });
    await storage.addUserWithIdentity({ user: aPerson('user-2'), identity: another });
    await storage.removeUser('user-1');
    assert.deepEqual(await subjectsOf(storage), ['subject-2']);
    assert.equal(
      await storage.addUserWithIdentity({ user: aPerson('user-3'), identity: anIdentity() }),
      'added',
    );
  });
}
