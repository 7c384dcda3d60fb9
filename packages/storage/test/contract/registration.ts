// Clients that register themselves: found again, counted, let in and refused; and the tokens that vouch for them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client, Storage } from '@sallyport/storage';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aClient, aCode, aConsent, aDocumentClient, aGrant, aPaused, aUser, digestOf, hearing, now, tally } =
  samples;

const day = 24 * 3600;
const metadataDigest = digestOf('metadata');
const most = { unused: 100, unusedOfToken: 100, waiting: 100 };

type Registration = Parameters<Storage['registerClient']>[0];

const asStranger = (client: Partial<Client>, given: Partial<Registration> = {}): Registration => ({
  client: aClient({ metadataDigest, ...client }),
  identical: { metadataDigest, unusedSince: now - day },
  most,
  evictBefore: now - 3600,
  now,
  ...given,
});

const withToken = (client_id: string, given: Partial<Registration> = {}): Registration => ({
  client: aClient({ client_id, registeredWith: 'ci', registrationDigest: digestOf(client_id) }),
  initialAccessToken: digestOf('ci'),
  most,
  evictBefore: now - 3600,
  now,
  ...given,
});

const aVouch = { name: 'ci', digest: digestOf('ci'), createdAt: now, uses: 0 };

export function registrationContract(open: Open): void {
  test('identical registrations at once are one client', async (t) => {
    const { storage } = await open(t);
    let registered: string | undefined;
    const found = new Set<string>();
    const answers = await tally(20, async (i) => {
      const answer = await storage.registerClient(asStranger({ client_id: `client-${i}` }));
      assert.ok(typeof answer === 'object');
      if (answer.outcome === 'registered') registered = answer.client.client_id;
      found.add(answer.client.client_id);
      return answer.outcome;
    });
    assert.deepEqual(answers, { registered: 1, found: 19 });
    assert.deepEqual([...found], [registered]);
    assert.equal((await storage.listClients()).length, 1);
  });

  test('what has a secret, can be managed, was vouched for or is old and unused is not found again', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(
      aClient({ client_id: 'secret', metadataDigest, secretDigest: digestOf('secret') }),
    );
    await storage.addClient(aClient({ client_id: 'managed', metadataDigest, registrationDigest: 'r' }));
    await storage.addClient(aClient({ client_id: 'vouched', metadataDigest, registeredWith: 'ci' }));
    await storage.addClient(aClient({ client_id: 'old', metadataDigest, createdAt: now - day - 1 }));
    await storage.addClient(aClient({ client_id: 'waiting', metadataDigest, admission: 'waiting' }));
    const asked = { metadataDigest, isWaiting: false, unusedSince: now - day };
    assert.equal(await storage.findIdenticalClient(asked), undefined);
    assert.equal((await storage.findIdenticalClient({ ...asked, isWaiting: true }))?.client_id, 'waiting');
    const answer = await storage.registerClient(asStranger({ client_id: 'new' }));
    assert.deepEqual(answer, {
      outcome: 'registered',
      client: aClient({ client_id: 'new', metadataDigest }),
    });
    await storage.addClient(
      aClient({ client_id: 'used', metadataDigest, createdAt: now - 99 * day, usedAt: now }),
    );
    await storage.removeClient('new');
    assert.equal((await storage.findIdenticalClient(asked))?.client_id, 'used');
  });

  test('a refused client is found by whoever registers the same, with a secret or without', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(
      aClient({ metadataDigest, secretDigest: digestOf('secret'), registrationDigest: 'r' }),
    );
    assert.equal(await storage.decideClient({ client_id: 'client-1', decision: 'refused', now }), 'decided');
    const answer = await storage.registerClient(asStranger({ client_id: 'again' }));
    assert.ok(typeof answer === 'object');
    assert.deepEqual([answer.outcome, answer.client.client_id], ['found', 'client-1']);
    assert.equal(answer.client.admission, 'refused');
  });

  test('only so many are kept that nobody has used, and the oldest stranger goes first', async (t) => {
    const { storage } = await open(t);
    const few = { unused: 2, unusedOfToken: 1, waiting: 1 };
    const register = (client: Partial<Client>) =>
      storage.registerClient(asStranger(client, { most: few, identical: undefined }));
    const outcome = async (client: Partial<Client>) => {
      const answer = await register(client);
      return typeof answer === 'string' ? answer : answer.outcome;
    };
    assert.equal(await outcome({ client_id: 'oldest', createdAt: now - 3602 }), 'registered');
    assert.equal(await outcome({ client_id: 'young' }), 'registered');
    // Of an hour ago, and so not in the middle of connecting.
    assert.equal(await outcome({ client_id: 'third' }), 'registered');
    assert.equal(await storage.findClient('oldest'), undefined);
    assert.equal(await outcome({ client_id: 'fourth' }), 'full');
    assert.equal(await storage.findClient('fourth'), undefined);

    assert.equal(await outcome({ client_id: 'waits', admission: 'waiting' }), 'registered');
    assert.equal(await outcome({ client_id: 'waits too', admission: 'waiting' }), 'full');
    const document = aDocumentClient({ admission: 'waiting' });
    assert.equal(await storage.keepDocumentClient({ client: document, maxUnused: 9, maxWaiting: 1 }), 'full');
    await storage.decideClient({ client_id: 'waits', decision: 'approved', now });
    assert.equal(await outcome({ client_id: 'waits too', admission: 'waiting' }), 'registered');

    await storage.addInitialAccessToken(aVouch);
    assert.notEqual(await storage.registerClient(withToken('vouched', { most: few })), 'full');
    assert.equal(await storage.registerClient(withToken('vouched too', { most: few })), 'full');
    // Nothing was registered, so it was not used.
    assert.equal((await storage.findInitialAccessToken(aVouch.digest))?.uses, 1);
  });

  test('a token is used as often as it may be, however many ask at once', async (t) => {
    const { storage } = await open(t);
    await storage.addInitialAccessToken({ ...aVouch, maxUses: 3 });
    const answers = await tally(20, async (i) => {
      const answer = await storage.registerClient(withToken(`client-${i}`));
      return typeof answer === 'string' ? answer : answer.outcome;
    });
    assert.deepEqual(answers, { registered: 3, token_spent: 17 });
    assert.equal((await storage.listClients()).length, 3);
    const spent = { ...aVouch, maxUses: 3, uses: 3, lastUsedAt: now };
    assert.deepEqual(await storage.findInitialAccessToken(aVouch.digest), spent);
  });

  test('an initial access token comes back as added, once by its name and once by its digest, until removed', async (t) => {
    const { storage } = await open(t);
    const full = {
      ...aVouch,
      name: 'agents',
      digest: digestOf('agents'),
      expiresAt: now + 9,
      maxUses: 2,
      uses: 1,
      lastUsedAt: now + 1,
    };
    assert.equal(await storage.addInitialAccessToken(aVouch), 'added');
    assert.equal(await storage.addInitialAccessToken(full), 'added');
    assert.equal(await storage.addInitialAccessToken({ ...aVouch, digest: 'another' }), 'taken');
    assert.equal(await storage.addInitialAccessToken({ ...aVouch, name: 'another' }), 'taken');
    assert.deepEqual(await storage.listInitialAccessTokens(), [full, aVouch]);
    assert.deepEqual(await storage.findInitialAccessToken(full.digest), full);
    assert.equal(await storage.removeInitialAccessToken('ci'), 'removed');
    assert.equal(await storage.removeInitialAccessToken('ci'), 'not_found');
    assert.equal(await storage.findInitialAccessToken(aVouch.digest), undefined);
    assert.equal(await storage.registerClient(withToken('late')), 'token_spent');
    const expired = withToken('expired', { initialAccessToken: full.digest, now: now + 9 });
    assert.equal(await storage.registerClient(expired), 'token_spent');
  });

  test('a registration is changed by its own token only', async (t) => {
    const { storage } = await open(t);
    const client = aClient({ registrationDigest: 'r', metadataDigest });
    await storage.addClient(client);
    await storage.addClient(aClient({ client_id: 'shared' }));
    const metadata = { ...client.metadata, client_name: 'Renamed' };
    const change = {
      client_id: 'client-1',
      registrationDigest: 'r',
      metadata,
      metadataDigest: digestOf('renamed'),
      mustWait: false,
    };
    assert.equal(await storage.changeRegistration({ ...change, registrationDigest: 'x' }), 'unchanged');
    assert.equal(await storage.changeRegistration({ ...change, client_id: 'shared' }), 'unchanged');
    assert.equal(await storage.changeRegistration(change), 'changed');
    const changed = { ...client, metadata, metadataDigest: change.metadataDigest };
    assert.deepEqual(await storage.findClient('client-1'), changed);
    await storage.decideClient({ client_id: 'client-1', decision: 'approved', now });
    assert.deepEqual(await storage.findClient('client-1'), { ...changed, approvedAt: now });
    assert.equal(await storage.changeRegistration({ ...change, mustWait: true }), 'changed');
    assert.deepEqual(await storage.findClient('client-1'), { ...changed, admission: 'waiting' });
    assert.equal(await storage.changeRegistration(change), 'unchanged');
    await storage.decideClient({ client_id: 'client-1', decision: 'refused', now });
    assert.equal(await storage.changeRegistration({ ...change, mustWait: true }), 'unchanged');
    assert.equal((await storage.findClient('client-1'))?.admission, 'refused');
  });

  test('to refuse a client ends what it has, tells of it, and nothing is granted to it any more', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    for (const clientId of ['client-1', 'client-2']) {
      await storage.addClient(aClient({ client_id: clientId }));
      await storage.keepPausedAuthorization(aPaused({ id: digestOf(clientId), clientId }));
      const grant = aGrant({ id: `grant of ${clientId}`, clientId });
      const code = aCode({ digest: digestOf(`code of ${clientId}`), grantId: grant.id });
      await storage.grantAuthorization({ grant, code, consent: aConsent({ clientId }), now });
    }
    const { heard, stop } = hearing(storage);
    t.after(stop);
    assert.equal(await storage.decideClient({ client_id: 'nobody', decision: 'refused', now }), 'not_found');
    assert.equal(await storage.decideClient({ client_id: 'client-1', decision: 'refused', now }), 'decided');
    assert.deepEqual(heard, ['grant of client-1']);
    assert.equal((await storage.findGrant('grant of client-1'))?.revokedAt, now);
    assert.equal((await storage.findGrant('grant of client-2'))?.revokedAt, undefined);
    assert.equal(await storage.findConsent(aConsent()), undefined);
    assert.equal(await storage.findPausedAuthorization(digestOf('client-1'), now), undefined);
    assert.ok(await storage.findPausedAuthorization(digestOf('client-2'), now));

    const again = () =>
      storage.grantAuthorization({
        grant: aGrant({ id: 'new' }),
        code: aCode({ digest: digestOf('new'), grantId: 'new' }),
        now,
      });
    assert.equal(await again(), 'gone');
    assert.equal(await storage.findGrant('new'), undefined);
    assert.equal(
      await storage.decideClient({ client_id: 'client-1', decision: 'approved', now: now + 1 }),
      'decided',
    );
    assert.equal(await again(), 'granted');
    assert.equal((await storage.findClient('client-1'))?.approvedAt, now + 1);
  });

  test('the sweep forgets who waited for a week and tokens long expired, and nobody whom the operator decided on', async (t) => {
    const { storage } = await open(t);
    const old = { createdAt: now - 7 * day - 1 } as const;
    await storage.addClient(aClient({ client_id: 'waited', admission: 'waiting', ...old }));
    await storage.addClient(aClient({ client_id: 'waits', admission: 'waiting', createdAt: now - 7 * day }));
    await storage.addClient(
      aClient({ client_id: 'waits again', admission: 'waiting', usedAt: now - 9 * day, ...old }),
    );
    await storage.addClient(aClient({ client_id: 'refused', admission: 'refused', ...old }));
    await storage.addClient(aClient({ client_id: 'approved', approvedAt: now - 7 * day, ...old }));
    const document = { fetchedAt: now - 2 * 3600, freshUntil: now };
    const url = (name: string) => `https://${name}.example.com/c`;
    for (const [name, admission] of [
      ['waits', { admission: 'waiting' }],
      ['refused', { admission: 'refused' }],
      ['approved', { approvedAt: now }],
    ] as const)
      await storage.addClient(aDocumentClient({ client_id: url(name), document, ...admission }));
    await storage.addInitialAccessToken({ ...aVouch, expiresAt: now - 30 * day - 1 });
    await storage.addInitialAccessToken({
      ...aVouch,
      name: 'late',
      digest: 'late',
      expiresAt: now - 30 * day,
    });
    assert.equal(await storage.sweep({ now, unusedClientsBefore: now, limit: 10 }), 2);
    assert.deepEqual((await storage.listClients()).map(({ client_id }) => client_id).sort(), [
      'approved',
      url('approved'),
      url('refused'),
      url('waits'),
      'refused',
      'waits',
      'waits again',
    ]);
    assert.deepEqual(
      (await storage.listInitialAccessTokens()).map(({ name }) => name),
      ['late'],
    );
  });
}
