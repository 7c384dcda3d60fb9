// A client that is told to wait keeps its registration and its tokens, and sends nobody to sign in again: the official
// SDKs, whose hosts would otherwise have lost the person's connection to one busy minute.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auth as authOfVersion2 } from '@modelcontextprotocol/client';
import { auth as authOfVersion1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { askMcp } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { MemoryProvider } from './memory-provider.ts';
import { personAt, type Person } from './person.ts';

const versions = [
  ['sdk 1.x', authOfVersion1],
  ['client 2.x', authOfVersion2],
] as const;

for (const [name, auth] of versions) {
  describe(`@modelcontextprotocol/${name}`, () => {
    let house: ListeningHouse;
    let person: Person;
    let lastStatus = 0;
    const provider = new MemoryProvider();

    /** As if it came from another computer: this one is not limited. */
    const fetchFn = async (url: string | URL, init?: RequestInit): Promise<Response> => {
      const headers = new Headers(init?.headers);
      headers.set('x-forwarded-for', '203.0.113.9');
      const response = await fetch(url, { ...init, headers });
      lastStatus = response.status;
      return response;
    };
    const authorize = (code?: string) =>
      auth(provider, {
        serverUrl: house.mcpUrl.href,
        fetchFn,
        ...(code !== undefined && { authorizationCode: code, iss: house.origin }),
      });

    before(async () => {
      house = await openListeningHouse({
        environment: {
          SALLYPORT_TRUSTED_PROXIES: '127.0.0.1,::1',
          SALLYPORT_RATE_LIMITS_REGISTRATIONS_PER_MINUTE: '1',
          SALLYPORT_RATE_LIMITS_TOKEN_REQUESTS_PER_MINUTE: '2',
        },
      });
      person = await personAt(house);
    });
    after(() => house.close());

    it('gets its tokens and refreshes them', async () => {
      assert.equal(await authorize(), 'REDIRECT');
      const answer = await person.allow(provider.lastSentTo());
      assert.equal(await authorize(answer.searchParams.get('code') ?? ''), 'AUTHORIZED');
      assert.equal(await authorize(), 'AUTHORIZED');
    });

    it('keeps everything when it is told to wait, and nobody has to sign in again', async () => {
      const before = { tokens: provider.tokensNow, client: provider.client, sentTo: provider.sentTo.length };
      await assert.rejects(authorize(), /asks too often/);
      assert.equal(lastStatus, 429);
      assert.deepEqual(provider.tokensNow, before.tokens);
      assert.deepEqual(provider.client, before.client);
      assert.equal(provider.sentTo.length, before.sentTo);
      assert.deepEqual(provider.invalidated, []);
      assert.equal((await askMcp(house, provider.tokensNow.access_token)).status, 200);
    });

    it('says why when too many register', async () => {
      const another = new MemoryProvider();
      await assert.rejects(
        auth(another, { serverUrl: house.mcpUrl.href, fetchFn }),
        /Too many clients registered from this network/,
      );
      assert.equal(lastStatus, 429);
      assert.deepEqual(another.sentTo, []);
    });
  });
}
