// Arriving from a provider, on a real store: what is kept, and what two who come at once make of it.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { isEmail, isRefusal } from '@sallyport/protocol';
import { openStorage, type Storage } from '@sallyport/storage';
import { arrival, type Arriving } from '../../src/accounts/arrive.ts';
import { aKnown, anIdentity, aPolicy, aUser, now } from './people.ts';

const digest = (letter: string) => letter.repeat(43);

async function open(t: TestContext) {
  const storage = await openStorage('sqlite::memory:');
  t.after(() => storage.close());
  const lines: string[] = [];
  const arrive = arrival({
    storage,
    log: (_level, event, facts) => void lines.push(`${event} ${JSON.stringify(facts)}`),
  });
  const come = (given: Partial<Arriving> = {}) =>
    arrive({ identity: anIdentity(), policy: aPolicy(), traceId: 'trace-1', now, ...given });
  return { storage, come, lines };
}

const withOperator = (storage: Storage) =>
  storage.addUser(aUser({ id: 'operator', email: 'root@example.com', role: 'operator', passwordHash: 'x' }));

/** An app, by what the person had signed in with. */
async function allow(
  storage: Storage,
  id: string,
  by: { readonly userId: string; readonly provider: string; readonly subject?: string },
): Promise<void> {
  await storage.addClient({
    client_id: 'app',
    metadata: {
      redirect_uris: ['https://app.example/back'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
    registeredBy: 'dynamic',
    createdAt: now,
    traceId: 'registered',
  });
  const grant = { id, clientId: 'app', resource: 'https://mcp.example.com/mcp', scope: ['read'] };
  const times = { createdAt: now, expiresAt: now + 99 };
  const granted = await storage.grantAuthorization({
    grant: { ...grant, ...by, ...times, traceId: `of ${id}` },
    code: { digest: `code of ${id}`, grantId: id, redirect_uri: 'https://app.example/back', ...times },
    now,
  });
  assert.equal(granted, 'granted');
}

const reasonOf = (failure: unknown) => (isRefusal(failure) ? failure.reason : failure);
const refused = (asked: Promise<unknown>) => asked.then(() => 'let in', reasonOf);

describe('who comes from a provider', () => {
  it('gets an account the first time, and the same one ever after', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const first = await come();
    assert.equal(first.outcome, 'created');
    const { id, email, name, role } = first.user;
    assert.deepEqual([email, name, role], ['ada@example.com', 'Ada', 'member']);
    const renamed = anIdentity({ email: 'new@example.com', username: 'ada2', name: undefined });
    const again = await come({ identity: renamed, now: now + 9 });
    assert.deepEqual([again.outcome, again.user.id, again.user.email], ['signed_in', id, 'ada@example.com']);
    const [identity] = await storage.listIdentities(id);
    assert.deepEqual(
      [identity?.email, identity?.username, identity?.name, identity?.createdAt, identity?.signedInAt],
      ['new@example.com', 'ada2', undefined, now, now + 9],
    );
  });

  it('has an account without an address when the provider has verified none', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const { user } = await come({ identity: anIdentity({ emailVerified: false, name: undefined }) });
    assert.deepEqual([user.email, user.name], ['example:subject-1', 'ada']);
    const bare = { subject: 'subject-2', email: undefined, name: ' \u202e', username: undefined };
    const nameless = await come({ identity: anIdentity(bare) });
    assert.deepEqual([nameless.user.email, nameless.user.name], ['example:subject-2', 'example']);
    assert.equal(await storage.findUserByEmail('ada@example.com'), undefined);
  });

  it('gets another account where the one that unlinked this way is called by it', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const identity = anIdentity({ emailVerified: false });
    const { user } = await come({ identity });
    const other = anIdentity({ provider: 'other', emailVerified: false });
    await come({ identity: other, linking: { userId: user.id, signedIn: user } });
    const { provider, subject } = identity;
    const unlinked = { userId: user.id, provider, subject, ways: ['other'], now };
    assert.equal(await storage.unlinkIdentity(unlinked), 'unlinked');
    const all = await Promise.all(Array.from({ length: 3 }, () => come({ identity })));
    assert.equal(new Set(all.map((one) => one.user.id)).size, 1);
    const [{ user: another }] = all as [(typeof all)[0]];
    assert.notEqual(another.id, user.id);
    assert.ok(!isEmail(another.email));
  });

  it('is one account, however often the same one comes at once', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const all = await Promise.all(Array.from({ length: 20 }, () => come()));
    assert.equal(new Set(all.map(({ user }) => user.id)).size, 1);
    assert.equal(all.filter(({ outcome }) => outcome === 'created').length, 1);
    assert.equal((await storage.listUsers()).length, 2);
  });

  it('of two providers with one address at once, gets one account and a way to the other', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const both = ['example', 'other'].map((provider) =>
      refused(come({ identity: anIdentity({ provider }) })),
    );
    assert.deepEqual(new Set(await Promise.all(both)), new Set(['let in', 'email_has_account']));
    assert.equal((await storage.listUsers()).length, 2);
  });

  it('takes over an invitation with what the operator gave, once', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    await storage.addUser(aUser({ id: 'invited', role: 'operator' }));
    const policy = aPolicy({ accounts: 'invited' });
    assert.equal(
      await refused(come({ policy, identity: anIdentity({ email: 'eve@example.com' }) })),
      'person_not_invited',
    );
    assert.equal(
      await refused(come({ policy, identity: anIdentity({ emailVerified: false }) })),
      'person_not_invited',
    );
    const both = ['example', 'other'].map((provider) =>
      refused(come({ policy, identity: anIdentity({ provider }) })),
    );
    assert.deepEqual(new Set(await Promise.all(both)), new Set(['let in', 'email_has_account']));
    const [identity] = await storage.listIdentities('invited');
    const taken = await come({ policy, identity: anIdentity({ provider: identity?.provider ?? '' }) });
    assert.deepEqual([taken.user.id, taken.user.role, taken.outcome], ['invited', 'operator', 'signed_in']);
  });

  it('is not let into the account of somebody who signed up with their address', async (t) => {
    const { storage, come } = await open(t);
    await storage.addUser(aUser({ passwordHash: 'chosen by who came first' }));
    const policy = aPolicy({ linkByVerifiedEmail: true });
    assert.equal(await refused(come({ policy })), 'email_has_account');
    assert.deepEqual(await storage.listIdentities(), []);
  });

  it('links by a verified address where both have it verified and the operator wants that', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const { user } = await come();
    const other = anIdentity({ provider: 'other' });
    assert.equal(await refused(come({ identity: other })), 'email_has_account');
    const linked = await come({ identity: other, policy: aPolicy({ linkByVerifiedEmail: true }) });
    assert.deepEqual([linked.outcome, linked.user.id], ['linked', user.id]);
    assert.equal((await come({ identity: other })).outcome, 'signed_in');
  });

  it('links another way only to the account that asked for it, while it is signed in', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const { user } = await come();
    const identity = anIdentity({ provider: 'other', email: 'eve@example.com' });
    const asked = (signedIn = user, userId = user.id) => ({ identity, linking: { userId, signedIn } });
    assert.equal(await refused(come(asked(aUser({ id: 'eve' })))), 'link_session_changed');
    assert.equal(
      await refused(come({ identity, linking: { userId: user.id, signedIn: undefined } })),
      'link_session_changed',
    );
    assert.deepEqual(await come(asked()).then(({ outcome }) => outcome), 'linked');
    assert.deepEqual(await come(asked()).then(({ outcome }) => outcome), 'signed_in', 'twice is no harm');
    const eve = await come({ identity: anIdentity({ subject: 'eve', email: 'eve@example.com' }) });
    assert.equal(await refused(come(asked(eve.user, eve.user.id))), 'identity_of_another_account');
    assert.equal((await storage.listIdentities(user.id)).length, 2);
  });

  it('is somebody else when another issuer says the same', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const { user } = await come();
    await storage.keepSession({
      digest: digest('a'),
      userId: user.id,
      createdAt: now,
      expiresAt: now + 9,
      provider: 'example',
      subject: 'subject-1',
    });
    const elsewhere = anIdentity({ issuer: 'https://evil.example' });
    assert.equal(await refused(come({ identity: elsewhere })), 'identity_issuer_changed');
    assert.ok(await storage.findSession(digest('a'), now), 'and ends nothing of the other');
  });

  it('ends with the way that is closed now what was allowed by it, whatever rule closes it, and tells each login', async (t) => {
    const rules = [
      [{ deny: { emails: ['ada@example.com'] } }, {}, 'person_denied'],
      [{ allow: { emailDomains: ['example.com'] } }, { email: 'ada@gone.example' }, 'person_denied'],
      [{ allow: { organizations: ['acme'] } }, { organizations: [] }, 'person_denied'],
      [{ allow: { groups: ['staff'] } }, { groups: undefined }, 'membership_unknown'],
      [{ allow: { emailDomains: ['example.com'] } }, { emailVerified: false }, 'verified_email_missing'],
    ] as const;
    for (const [rule, said, reason] of rules) {
      const { storage, come, lines } = await open(t);
      await withOperator(storage);
      const { user } = await come();
      await allow(storage, 'by this', { userId: user.id, provider: 'example', subject: 'subject-1' });
      await allow(storage, 'by password', { userId: user.id, provider: 'password' });
      const policy = aPolicy(rule);
      assert.equal(await refused(come({ policy, identity: anIdentity(said), now: now + 5 })), reason);
      assert.equal((await storage.findGrant('by this'))?.revokedAt, now + 5);
      assert.equal((await storage.findGrant('by password'))?.revokedAt, undefined);
      const told = lines.filter((line) => /^(access_of_identity_ended|grant_revoked) /.test(line));
      const who = { userId: user.id, provider: 'example', reason };
      const ended = { ...who, traceId: 'trace-1', sessions: 0, grants: 1 };
      const { userId, provider } = who;
      const grant = { grantId: 'by this', client_id: 'app', userId, provider, reason, traceId: 'of by this' };
      assert.deepEqual(told, [
        `access_of_identity_ended ${JSON.stringify(ended)}`,
        `grant_revoked ${JSON.stringify(grant)}`,
      ]);
    }
  });

  it('ends nothing by being refused for another reason, nor of another person, nor of another identity of theirs', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const { user } = await come();
    const eve = await come({ identity: anIdentity({ subject: 'eve', email: 'eve@example.com' }) });
    const whose = { userId: user.id, provider: 'example', subject: 'subject-1' };
    await allow(storage, 'of ada', whose);
    const isLive = async () => (await storage.findGrant('of ada'))?.revokedAt === undefined;
    const deny = aPolicy({ deny: { emails: ['eve@example.com', 'private@example.com'] } });
    const denied = anIdentity({ subject: 'eve', email: 'eve@example.com' });
    assert.equal(await refused(come({ identity: denied, policy: deny })), 'person_denied');
    assert.ok(await isLive(), 'another person was denied');
    const stranger = anIdentity({ subject: 'nobody', email: 'eve@example.com' });
    assert.equal(await refused(come({ identity: stranger, policy: deny })), 'person_denied');
    const elsewhere = anIdentity({ issuer: 'https://evil.example', email: 'eve@example.com' });
    assert.equal(await refused(come({ identity: elsewhere, policy: deny })), 'identity_issuer_changed');
    const linking = { userId: eve.user.id, signedIn: eve.user };
    assert.equal(await refused(come({ linking })), 'identity_of_another_account');
    assert.ok(await isLive(), 'and the person may come by it');
    const asAda = { userId: user.id, signedIn: user };
    const second = anIdentity({ subject: 'private', email: 'private@example.com' });
    await come({ identity: second, linking: asAda });
    assert.equal(await refused(come({ identity: second, policy: deny })), 'person_denied');
    assert.ok(await isLive(), 'by another identity of the same provider');
    const shut = { policy: aPolicy({ deny: { emails: ['ada@example.com'] } }), linking: asAda };
    assert.equal(await refused(come(shut)), 'person_denied');
    assert.ok(!(await isLive()), 'linking proves the same');
  });

  it('loses the sessions of the way that is closed now, and keeps those of others', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const { user } = await come();
    const session = { userId: user.id, createdAt: now, expiresAt: now + 9 };
    await storage.keepSession({ ...session, digest: digest('a'), provider: 'example', subject: 'subject-1' });
    await storage.keepSession({ ...session, digest: digest('b'), provider: 'password' });
    const policy = aPolicy({ deny: { emails: ['ada@example.com'] } });
    assert.equal(await refused(come({ policy })), 'person_denied');
    assert.equal(await storage.findSession(digest('a'), now), undefined);
    assert.ok(await storage.findSession(digest('b'), now));
    assert.ok(await storage.findIdentity(aKnown()), 'the account stays');
  });

  it('is the first only with the link that makes the first account, or by the rule for operators', async (t) => {
    const { storage, come } = await open(t);
    assert.equal(await refused(come()), 'first_account_missing');
    const all = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        refused(
          come({ hasSetupLink: true, identity: anIdentity({ subject: `${i}`, email: `${i}@example.com` }) }),
        ),
      ),
    );
    assert.deepEqual(
      all.map(String).toSorted((one, other) => one.localeCompare(other)),
      ['let in', ...Array.from({ length: 4 }, () => 'setup_link_spent')],
    );
    const [first, ...others] = await storage.listUsers();
    assert.deepEqual([first?.role, first?.operatorBy, others.length], ['operator', undefined, 0]);
    const empty = await open(t);
    const { user } = await empty.come({ policy: aPolicy({ operators: { emails: ['ada@example.com'] } }) });
    assert.deepEqual([user.role, user.operatorBy], ['operator', 'example']);
  });

  it('becomes an operator by a rule, and is none when the rule no longer says so', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const policy = aPolicy({ operators: { groups: ['admins'] } });
    const roleOf = async (groups: string[]) =>
      (await come({ policy, identity: anIdentity({ groups }) })).user.role;
    assert.equal(await roleOf([]), 'member');
    assert.equal(await roleOf(['admins']), 'operator');
    assert.equal(await roleOf(['admins']), 'operator');
    assert.equal(await roleOf([]), 'member');
    assert.equal(await roleOf(['admins']), 'operator');
    assert.equal((await come()).user.role, 'member', 'a rule that is gone gives nothing');
    await roleOf(['admins']);
    await storage.addUser(aUser({ id: 'member', email: 'member@example.com' }));
    await storage.removeUser('operator');
    assert.equal(await roleOf([]), 'operator', 'somebody must be');
  });

  it('is no operator by a rule of a provider any more that does not let them in', async (t) => {
    const { storage, come } = await open(t);
    await withOperator(storage);
    const policy = aPolicy({ allow: { groups: ['staff'] }, operators: { groups: ['admins'] } });
    const { user } = await come({ policy, identity: anIdentity({ groups: ['staff', 'admins'] }) });
    const roleOf = async () => (await storage.findUser(user.id))?.role;
    assert.equal(await roleOf(), 'operator');
    // A password would still let them in.
    for (const groups of [['admins'], undefined]) {
      assert.notEqual(await refused(come({ policy, identity: anIdentity({ groups }) })), 'let in');
      assert.equal(await roleOf(), 'member');
      await come({ policy, identity: anIdentity({ groups: ['staff', 'admins'] }) });
    }
    const elsewhere = anIdentity({ issuer: 'https://evil.example' });
    assert.equal(await refused(come({ policy, identity: elsewhere })), 'identity_issuer_changed');
    assert.equal(await roleOf(), 'operator', 'nobody else takes it from them');
  });

  it('leaves no address in the log, and says who was linked, made and promoted', async (t) => {
    const { storage, come, lines } = await open(t);
    await withOperator(storage);
    const policy = aPolicy({ operators: { groups: ['admins'] }, linkByVerifiedEmail: true });
    await come({ policy });
    await come({ policy, identity: anIdentity({ provider: 'other', groups: ['admins'] }) });
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['signed_up', 'identity_linked', 'role_by_rule'],
    );
    assert.doesNotMatch(lines.join('\n'), /@|subject-1/);
  });
});
