// Registered clients.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as samples from './samples.ts';
import type { Open } from './samples.ts';

const { aClient, aCode, aConsent, aGrant, aPaused, aUser, digestOf, now, tally } = samples;

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
    });
    for (const client of [aClient(), full]) {
      assert.equal(await storage.addClient(client), 'added');
      assert.deepEqual(await storage.findClient(client.client_id), client);
    }
    assert.equal(await storage.findClient('client-3'), undefined);
  });

  test('a client_id belongs to one client', async (t) => {
    const { storage } = await open(t);
    const answers = await tally(5, (i) => storage.addClient(aClient({ traceId: `trace-${i}` })));
    assert.deepEqual(answers, { added: 1, taken: 4 });
    assert.equal((await storage.findClient('client-1'))?.traceId, 'trace-0');
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
}
