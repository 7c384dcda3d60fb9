// Registered clients.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '../../src/contract.ts';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aClient, aCode, aConsent, aDocumentClient, aGrant, aPaused, aUser, digestOf, now, tally } = samples;

export function clientsContract(open: Open): void {
  test('a client comes back exactly as added', async (t) => {
    const { storage } = await open(t);
    const full = aClient({
      client_id: 'client-2',
      metadata: {
        ...aClient().metadata,
        client_uri: 'https://client.example.com',
        contacts: ['ops@example.com'],
        scope: 'records:read',
        software_id: "it's \u0000 \u{1F6AA}",
      },
      registeredBy: 'operator',
      secretDigest: digestOf('secret'),
      usedAt: now,
      accessTokenFormat: 'opaque',
      introspects: ['https://mcp.example.com/mcp'],
      formerSecret: { digest: digestOf('former'), validUntil: now + 60 },
      admission: 'waiting',
      approvedAt: now + 1,
      registeredWith: 'the agents team',
      registrationDigest: digestOf('registration access token'),
      metadataDigest: digestOf('metadata'),
      requirePkce: false,
      ownScope: { 'https://mcp.example.com/mcp': ['records:read'] },
    });
    const configured = aClient({ client_id: 'client-4', registeredBy: 'configuration' });
    const withdrawn = { ...configured, client_id: 'client-5', withdrawn: true as const };
    const document = { fetchedAt: now, freshUntil: now + 60, isPinned: true } as const;
    const pinned = aDocumentClient({ client_id: 'https://pinned.example.com/client.json', document });
    for (const client of [aClient(), full, configured, withdrawn, pinned]) {
      assert.equal(await storage.addClient(client), 'added');
      assert.deepEqual(await storage.findClient(client.client_id), client);
    }
    assert.equal(await storage.findClient('client-3'), undefined);
  });

  test('a client_id belongs to one client', async (t) => {
    const { storage } = await open(t);
    let winner: string | undefined;
    const answers = await tally(5, async (i) => {
      const traceId = `trace-${i}`;
      const answer = await storage.addClient(aClient({ traceId }));
      if (answer === 'added') winner = traceId;
      return answer;
    });
    assert.deepEqual(answers, { added: 1, taken: 4 });
    assert.equal((await storage.findClient('client-1'))?.traceId, winner);
  });

  test('clients are listed newest first', async (t) => {
    const { storage } = await open(t);
    assert.deepEqual(await storage.listClients(), []);
    await storage.addClient(aClient({ client_id: 'old', createdAt: now - 1 }));
    await storage.addClient(aClient({ client_id: 'new', createdAt: now + 1 }));
    assert.deepEqual(
      (await storage.listClients()).map((client) => client.client_id),
      ['new', 'old'],
    );
  });

  test('a client secret is replaced, and nothing else of the client', async (t) => {
    const { storage } = await open(t);
    await storage.addClient(aClient({ secretDigest: digestOf('before') }));
    const change = { client_id: 'client-1', secretDigest: digestOf('after') };
    assert.equal(await storage.replaceClientSecret(change), 'replaced');
    assert.deepEqual(await storage.findClient('client-1'), aClient({ secretDigest: digestOf('after') }));
    assert.equal(await storage.replaceClientSecret({ ...change, client_id: 'nobody' }), 'not_found');
  });

  test('the secret before is kept for as long as was said, and only that one', async (t) => {
    const { storage } = await open(t);
    const client_id = 'client-1';
    const secrets = async () => {
      const { secretDigest, formerSecret } = (await storage.findClient(client_id)) ?? {};
      return [secretDigest, formerSecret];
    };
    const replace = (name: string, formerUntil?: number) =>
      storage.replaceClientSecret({
        client_id,
        secretDigest: digestOf(name),
        ...(formerUntil !== undefined && { formerUntil }),
      });
    await storage.addClient(aClient({ secretDigest: digestOf('first') }));
    await replace('second', now + 60);
    assert.deepEqual(await secrets(), [
      digestOf('second'),
      { digest: digestOf('first'), validUntil: now + 60 },
    ]);
    await replace('third', now + 90);
    assert.deepEqual(await secrets(), [
      digestOf('third'),
      { digest: digestOf('second'), validUntil: now + 90 },
    ]);
    for (const _ of ['ended', 'and once more'])
      assert.equal(await storage.endFormerSecret(client_id), 'ended');
    assert.deepEqual(await secrets(), [digestOf('third'), undefined]);
    await replace('fourth', now + 60);
    await replace('fifth');
    assert.deepEqual(await secrets(), [digestOf('fifth'), undefined]);
    assert.equal(await storage.endFormerSecret('nobody'), 'not_found');
  });

  test('the clients of the configuration are those of the last start, and come back as they were', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    const configured = (client_id: string, change: Partial<Client> = {}) =>
      aClient({ client_id, registeredBy: 'configuration', ...change });
    const added = { taken: [], withdrawn: [] };
    const [a, b] = [configured('a', { secretDigest: digestOf('a') }), configured('b')];
    assert.deepEqual(await storage.keepConfiguredClients([a, b]), added);
    assert.deepEqual([await storage.findClient('a'), await storage.findClient('b')], [a, b]);
    const grant = aGrant({ id: 'grant of b', clientId: 'b' });
    await storage.grantAuthorization({ grant, code: aCode({ grantId: grant.id }), now });

    const changed = configured('a', {
      secretDigest: digestOf('new'),
      formerSecret: { digest: digestOf('a'), validUntil: now + 60 },
      metadata: { ...a.metadata, client_name: 'Renamed' },
      requirePkce: false,
      createdAt: now + 9,
      traceId: 'another',
    });
    assert.deepEqual(await storage.keepConfiguredClients([changed]), { taken: [], withdrawn: ['b'] });
    const { createdAt, traceId } = a;
    assert.deepEqual(await storage.findClient('a'), { ...changed, createdAt, traceId });
    assert.equal((await storage.findClient('b'))?.withdrawn, true);
    // What it was granted waits for it, and nothing new is granted.
    const { revokedAt, clientWithdrawn } = (await storage.findGrant('grant of b')) ?? {};
    assert.deepEqual([revokedAt, clientWithdrawn], [undefined, true]);
    const another = aGrant({ id: 'grant-2', clientId: 'b' });
    const code = aCode({ digest: digestOf('code-2'), grantId: another.id });
    assert.equal(await storage.grantAuthorization({ grant: another, code, now }), 'gone');

    assert.deepEqual(await storage.keepConfiguredClients([b]), { taken: [], withdrawn: ['a'] });
    const { withdrawn, usedAt } = (await storage.findClient('b')) ?? {};
    assert.deepEqual([withdrawn, usedAt], [undefined, now]);
    assert.deepEqual(await storage.findGrant('grant of b'), grant);
    assert.equal(await storage.removeClient('a'), 'removed');
    assert.deepEqual(await storage.keepConfiguredClients([]), { taken: [], withdrawn: ['b'] });
  });

  test('that a client is withdrawn is told before the call is answered, since its grants count no more', async (t) => {
    const { storage } = await open(t);
    await storage.keepConfiguredClients([aClient({ client_id: 'a', registeredBy: 'configuration' })]);
    let isTold = false;
    t.after(storage.onChange((change) => void (isTold ||= change === 'anything')));
    await storage.keepConfiguredClients([]);
    assert.ok(isTold);
  });

  test('a client_id of another kind is not taken by the configuration, and nothing is written', async (t) => {
    const { storage } = await open(t);
    const others = [
      aClient({ client_id: 'dynamic' }),
      aClient({ client_id: 'operator', registeredBy: 'operator' }),
    ];
    for (const client of others) await storage.addClient(client);
    await storage.keepConfiguredClients([aClient({ client_id: 'kept', registeredBy: 'configuration' })]);
    const wanted = ['a', 'dynamic', 'operator', 'z'].map((client_id) =>
      aClient({ client_id, registeredBy: 'configuration' }),
    );
    assert.deepEqual(await storage.keepConfiguredClients(wanted), {
      taken: ['dynamic', 'operator'],
      withdrawn: [],
    });
    for (const client of others) assert.deepEqual(await storage.findClient(client.client_id), client);
    assert.deepEqual([await storage.findClient('a'), await storage.findClient('z')], [undefined, undefined]);
    assert.equal((await storage.findClient('kept'))?.withdrawn, undefined);
  });

  test('instances that start at once agree on the clients of the configuration', async (t) => {
    const { storage } = await open(t);
    const wanted = ['a', 'b', 'c'].map((client_id) => aClient({ client_id, registeredBy: 'configuration' }));
    const answers = await tally(6, async () => JSON.stringify(await storage.keepConfiguredClients(wanted)));
    assert.deepEqual(answers, { '{"taken":[],"withdrawn":[]}': 6 });
    assert.equal((await storage.listClients()).length, 3);
  });

  test('a removed client takes everything along, and nothing of another client', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    for (const clientId of ['client-1', 'client-2']) {
      await storage.addClient(aClient({ client_id: clientId }));
      await storage.keepPausedAuthorization(aPaused({ id: digestOf(clientId), clientId }));
      const grant = aGrant({ id: `grant of ${clientId}`, clientId });
      const code = aCode({ digest: digestOf(`code of ${clientId}`), grantId: grant.id });
      await storage.grantAuthorization({ grant, code, consent: aConsent({ clientId }), now });
    }

    assert.equal(await storage.removeClient('client-1'), 'removed');
    const left = async (clientId: string) => [
      await storage.findClient(clientId),
      await storage.findPausedAuthorization(digestOf(clientId), now),
      await storage.findConsent(aConsent({ clientId })),
      await storage.findGrant(`grant of ${clientId}`),
      await storage.findCode(digestOf(`code of ${clientId}`)),
    ];
    assert.deepEqual(
      await left('client-1'),
      Array.from({ length: 5 }, () => undefined),
    );
    assert.ok((await left('client-2')).every((kept) => kept !== undefined));
    assert.ok(await storage.findUser('user-1'));
    assert.equal(await storage.redeemCode(samples.redeem({ digest: digestOf('code of client-1') })), 'dead');
    assert.equal(await storage.removeClient('client-1'), 'not_found');
  });

  test('a client of a document comes back as it is kept, and takes what a newer document says', async (t) => {
    const { storage } = await open(t);
    const first = aDocumentClient();
    const { client_id } = first;
    assert.deepEqual(await storage.keepDocumentClient({ client: first, maxUnused: 1 }), first);
    assert.deepEqual(await storage.findClient(client_id), first);

    const metadata = {
      ...first.metadata,
      client_name: 'Renamed',
      redirect_uris: ['https://new.example.com/'],
    };
    const document = { fetchedAt: now + 9, freshUntil: now + 10 };
    const newer = aDocumentClient({ metadata, document, createdAt: now + 9, traceId: 'trace-2' });
    const kept = { ...first, metadata, document };
    assert.deepEqual(await storage.keepDocumentClient({ client: newer, maxUnused: 1 }), kept);
    // An answer that was on its way for longer.
    assert.deepEqual(await storage.keepDocumentClient({ client: first, maxUnused: 1 }), kept);
    assert.deepEqual(await storage.listClients(), [kept]);
  });

  test('a client of a document keeps what was granted to it, whatever its document says next', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    const client = aDocumentClient();
    const { client_id } = client;
    await storage.keepDocumentClient({ client, maxUnused: 1 });
    await storage.grantAuthorization({ grant: aGrant({ clientId: client_id }), code: aCode(), now });
    const document = { fetchedAt: now + 9, freshUntil: now + 10 };
    await storage.keepDocumentClient({ client: { ...client, document }, maxUnused: 1 });
    assert.equal((await storage.findClient(client_id))?.usedAt, now);
    assert.ok(await storage.findGrant('grant-1'));
  });

  test('a client that others registered is not changed by a document', async (t) => {
    const { storage } = await open(t);
    const registered = aClient({ client_id: aDocumentClient().client_id, registeredBy: 'operator' });
    await storage.addClient(registered);
    assert.deepEqual(
      await storage.keepDocumentClient({ client: aDocumentClient(), maxUnused: 9 }),
      registered,
    );
  });

  test('only so many clients of documents are kept that nobody has used', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    const keep = (n: number) =>
      storage.keepDocumentClient({
        client: aDocumentClient({ client_id: `https://app.example.com/${n}` }),
        maxUnused: 2,
      });
    await storage.addClient(aClient());
    await keep(1);
    await keep(2);
    assert.equal(await keep(3), 'full');
    assert.equal(await storage.findClient('https://app.example.com/3'), undefined);
    assert.notEqual(await keep(2), 'full');
    const grant = aGrant({ clientId: 'https://app.example.com/1' });
    await storage.grantAuthorization({ grant, code: aCode(), now });
    assert.notEqual(await keep(3), 'full');
    assert.equal(await keep(4), 'full');
  });

  test('a document that is kept by several at once is one client', async (t) => {
    const { storage } = await open(t);
    const answers = await tally(5, async () => {
      const kept = await storage.keepDocumentClient({ client: aDocumentClient(), maxUnused: 9 });
      return kept === 'full' ? kept : kept.client_id;
    });
    assert.deepEqual(answers, { [aDocumentClient().client_id]: 5 });
    assert.equal((await storage.listClients()).length, 1);
  });

  test('clients of documents that nobody has used are swept an hour after their fetch', async (t) => {
    const { storage } = await open(t);
    await storage.addUser(aUser());
    const fetchedAt = (seconds: number) => ({ fetchedAt: seconds, freshUntil: now + 9 });
    const keep = (name: string, seconds: number) =>
      storage.keepDocumentClient({
        client: aDocumentClient({ client_id: `https://${name}.example.com/c`, document: fetchedAt(seconds) }),
        maxUnused: 9,
      });
    await keep('old', now - 3601);
    await keep('young', now - 3600);
    await keep('used', now - 3601);
    const grant = aGrant({ clientId: 'https://used.example.com/c' });
    await storage.grantAuthorization({ grant, code: aCode(), now });
    assert.equal(await storage.sweep({ now, unusedClientsBefore: 0, limit: 10 }), 1);
    const left = (await storage.listClients()).map(({ client_id }) => client_id).sort();
    assert.deepEqual(left, ['https://used.example.com/c', 'https://young.example.com/c']);
  });
}
