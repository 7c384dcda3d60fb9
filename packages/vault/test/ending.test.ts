// When a provider refuses somebody's tokens for good, what came by their identity ends: by its own word, and by nothing else.
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { StorageUnavailable, type Storage } from '@sallyport/storage';
import { endsInARow } from '../src/limits.ts';
import { refuse } from '../src/refusals.ts';
import { now, of, openHouse } from './house.ts';

const due = now + 3600;
const gone = () => refuse('provider_grant_refused', { providerError: 'invalid_grant' });

/** A person who signed in by the provider, whose access ends with it. */
async function openEnding(
  t: TestContext,
  changes: { readonly providers?: ReadonlySet<string>; readonly wrap?: (storage: Storage) => Storage } = {},
) {
  const { providers = new Set([of.provider]), ...rest } = changes;
  const ended: string[] = [];
  const tell = ({ sessions }: { sessions: number }, about: { userId: string; reason: string }) =>
    void ended.push(`${about.userId} ${about.reason} ${sessions}`);
  const house = await openHouse(t, { ending: { providers, tell }, ...rest });
  const { storage } = house;
  const has = async (digest = 'by provider') => (await storage.findSession(digest, now)) !== undefined;
  const arrive = async (userId: string, subject: string, digest: string) => {
    const { provider } = of;
    const times = { createdAt: now, expiresAt: now + 10 ** 6 };
    const identity = { provider, subject, issuer: 'i', userId, emailVerified: false };
    await storage.linkIdentity({ identity: { ...identity, createdAt: now, signedInAt: now } });
    assert.equal(await storage.keepSession({ digest, userId, provider, subject, ...times }), 'kept');
  };
  await arrive(of.userId, of.subject, 'by provider');
  await storage.keepSession({
    digest: 'by password',
    userId: of.userId,
    provider: 'password',
    createdAt: now,
    expiresAt: now + 10 ** 6,
  });
  await house.signIn();
  return { ...house, ended, has, arrive };
}

describe('the end of somebody at their provider', () => {
  for (const providerError of ['invalid_grant', 'bad_refresh_token'])
    test(`is its word, ${providerError}: what came by it ends, once, and nothing else`, async (t) => {
      const { vault, another, provider, ended, has } = await openEnding(t);
      provider.before = async () => {
        throw refuse('provider_grant_refused', { providerError });
      };
      await Promise.all([vault, another(), another()].map((one) => one.refreshDue(due)));
      assert.deepEqual(ended, ['user-1 provider_grant_refused 1']);
      assert.deepEqual([await has(), await has('by password')], [false, true]);
      assert.equal((await vault.accessToken(of, due)).outcome, 'dead');
    });

  test('ends nothing where the operator has not said so', async (t) => {
    const { vault, provider, ended, has } = await openEnding(t, { providers: new Set() });
    provider.before = async () => {
      throw gone();
    };
    assert.deepEqual(await vault.refreshDue(due), { dead: 1 });
    assert.deepEqual([ended, await has()], [[], true]);
  });

  for (const [what, failure] of [
    ['that it is away', refuse('provider_unreachable')],
    ['trouble of its own', refuse('provider_failing', { providerError: 'invalid_grant' })],
    ['that it is busy', refuse('provider_busy')],
    ['nonsense', refuse('provider_answer_unreadable')],
    ['a wrong client secret', refuse('provider_client_refused', { providerError: 'invalid_client' })],
    ['a client that may not', refuse('provider_client_refused', { providerError: 'unauthorized_client' })],
    ['a registration that is gone', refuse('provider_registration_gone')],
    ['a request it refuses', refuse('provider_request_refused', { providerError: 'invalid_scope' })],
    [
      'that somebody must look there',
      refuse('provider_grant_refused', { providerError: 'interaction_required' }),
    ],
    ['our own judgement of an ID token', refuse('provider_answer_unreadable', { isSpent: true })],
    ['a slip of ours', new Error('a slip of ours')],
  ] as const)
    test(`is not ${what}`, async (t) => {
      const { vault, provider, ended, has } = await openEnding(t);
      provider.before = async () => {
        throw failure;
      };
      for (let at = due; at < due + 3600; at += 600) await vault.refreshDue(at);
      assert.ok(provider.asked.length > 0);
      assert.deepEqual([ended, await has()], [[], true]);
    });

  test('is heard after it was busy, or did not know this server, which used nothing up', async (t) => {
    for (const reason of ['provider_busy', 'provider_client_refused'] as const) {
      const { vault, provider, ended, has } = await openEnding(t);
      provider.before = async () => {
        throw refuse(reason);
      };
      await vault.refreshDue(due);
      provider.before = async () => {
        throw gone();
      };
      await vault.refreshDue(due + 600);
      assert.deepEqual([ended.length, await has()], [1, false]);
    }
  });

  test('is not what it says of a token that it took for another one, whose answer was lost', async (t) => {
    const { vault, provider, ended, has, events } = await openEnding(t);
    provider.before = async (token) => {
      if (!token.startsWith(`refresh-${provider.newest}-`)) throw gone();
    };
    provider.after = async () => {
      throw refuse('provider_unreachable');
    };
    assert.deepEqual(await vault.refreshDue(due), { dead: 1 });
    assert.equal(provider.newest, 2, 'it had rotated');
    assert.deepEqual([ended, await has()], [[], true]);
    assert.ok(events().includes('access_not_ended'));
  });

  test('is not that either when the instance that asked was killed', async (t) => {
    const { vault, storage, provider, ended, has } = await openEnding(t);
    const [entry = assert.fail()] = await storage.listVaultEntries(of);
    // Another instance has shown it, the provider has rotated, and nobody is left who knows.
    assert.equal(await storage.noteVaultAsked({ ...entry, now: due }), 'first');
    provider.issue(due);
    provider.before = async () => {
      throw gone();
    };
    assert.deepEqual(await vault.refreshDue(due), { dead: 1 });
    assert.deepEqual([ended, await has()], [[], true]);
  });

  test('does not count for whoever signs in at that moment', async (t) => {
    const { vault, provider, signIn, ended, has } = await openEnding(t);
    provider.before = async () => {
      await signIn(due);
      throw gone();
    };
    assert.deepEqual(await vault.refreshDue(due), { not_due: 1 });
    assert.deepEqual([ended, await has()], [[], true]);
    assert.equal((await vault.accessToken(of, due)).outcome, 'token');
  });

  test('is written however long the store is away, and what was never asked is not marked', async (t) => {
    let failures = 3;
    const wrap = (storage: Storage): Storage =>
      new Proxy(storage, {
        get: (target, name, receiver) =>
          name === 'endVaultEntryWithAccess' && failures-- > 0
            ? () => Promise.reject(new StorageUnavailable('away'))
            : (Reflect.get(target, name, receiver) as unknown),
      });
    const { vault, provider, ended, has } = await openEnding(t, { wrap });
    provider.before = async () => {
      throw gone();
    };
    assert.deepEqual(await vault.refreshDue(due), { dead: 1 });
    assert.deepEqual([ended.length, await has(), failures], [1, false, -1]);
  });

  test('ends a few at a time when everybody is refused, until somebody is honoured again', async (t) => {
    const { vault, storage, provider, ended, has, arrive, events } = await openEnding(t);
    const people = Array.from({ length: 20 }, (_, i) => `person-${String(i).padStart(2, '0')}`);
    for (const id of people) {
      await storage.addUser({
        id,
        email: `${id}@example.com`,
        name: id,
        role: 'member',
        createdAt: now,
        updatedAt: now,
      });
      await arrive(id, id, id);
      await vault.keep({ userId: id, provider: of.provider, subject: id, tokens: provider.issue(now), now });
    }
    provider.before = async () => {
      throw gone();
    };
    for (let at = due; at < due + 3600; at += 301) await vault.refreshDue(at);
    assert.equal(ended.length, endsInARow);
    assert.ok(events().includes('access_end_held_back'));
    const live = [];
    for (const id of people) if (await has(id)) live.push(id);
    assert.ok(live.length >= 15);
    provider.before = async (token) => {
      if (!token.startsWith(`refresh-${provider.newest}-`)) throw gone();
    };
    for (let at = due + 7200; ended.length < 21 && at < due + 40_000; at += 3601) {
      await vault.keep({ ...of, tokens: provider.issue(at - 3600), now: at - 3600 });
      await vault.refreshDue(at);
    }
    for (const id of people) assert.equal(await has(id), false, id);
  });
});
