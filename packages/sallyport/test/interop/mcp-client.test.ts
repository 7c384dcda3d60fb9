// The official SDK, version 2, in each of its protocol eras: from the first 401 to the refusal after a revocation.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  Client,
  InsufficientScopeError,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { MemoryProvider } from './memory-provider.ts';
import { EMAIL, personAt, type Person } from './person.ts';
import { askMcp } from '../house/client.ts';
import { revoke } from './revocation.ts';
import { call, keepsRecords, listsTheTools, readsTheProfile } from './tools.ts';

const eras: readonly { readonly mode: VersionNegotiationMode; readonly speaks: string }[] = [
  { mode: 'legacy', speaks: '2025-11-25' },
  { mode: { pin: '2026-07-28' }, speaks: '2026-07-28' },
  { mode: 'auto', speaks: '2026-07-28' },
];

for (const { mode, speaks } of eras) {
  describe(`@modelcontextprotocol/client with version negotiation ${JSON.stringify(mode)}`, () => {
    let house: ListeningHouse;
    let person: Person;
    let client: Client;
    let transport: StreamableHTTPClientTransport;
    const provider = new MemoryProvider();
    before(async () => {
      house = await openListeningHouse();
      person = await personAt(house);
    });
    after(async () => {
      await client?.close();
      await house.close();
    });

    async function connect(onInsufficientScope: 'reauthorize' | 'throw' = 'reauthorize'): Promise<void> {
      client = new Client({ name: 'interop', version: '1.0.0' }, { versionNegotiation: { mode } });
      transport = new StreamableHTTPClientTransport(house.mcpUrl, {
        authProvider: provider,
        onInsufficientScope,
      });
      await client.connect(transport);
    }

    async function finish(...expected: readonly RegExp[]): Promise<void> {
      const answer = await person.allow(provider.lastSentTo(), ...expected);
      provider.judgeState(answer);
      await transport.finishAuth(answer.searchParams);
    }

    it('discovers, registers and asks for authorization when it meets the 401', async () => {
      await assert.rejects(connect(), UnauthorizedError);
      assert.ok(provider.client);
      assert.equal(provider.client.client_secret, undefined);
      const { searchParams } = provider.lastSentTo();
      assert.equal(searchParams.get('client_id'), provider.client.client_id);
      assert.equal(searchParams.get('resource'), house.mcpUrl.href);
      assert.equal(searchParams.get('scope'), 'read offline_access');
      assert.equal(searchParams.get('code_challenge_method'), 'S256');
      assert.equal(provider.stored, undefined);
    });

    it('exchanges the code that the person allowed, and is let in', async () => {
      await finish(/Interop client/, /read your profile, items, clients and tags/);
      assert.equal(provider.tokensNow.scope, 'read');
      assert.ok(provider.tokensNow.refresh_token);
      await connect();
      assert.equal(client.getNegotiatedProtocolVersion(), speaks);
      await listsTheTools(client);
      await readsTheProfile(client, EMAIL);
      assert.equal(provider.sentTo.length, 1);
    });

    it('refreshes by itself when the access token has expired', async () => {
      const old = provider.tokensNow;
      house.clock.now += house.config.tokens.access.lifetimeSeconds;
      await readsTheProfile(client, EMAIL);
      assert.notEqual(provider.tokensNow.access_token, old.access_token);
      assert.notEqual(provider.tokensNow.refresh_token, old.refresh_token);
      assert.equal(provider.tokensNow.scope, 'read');
      assert.equal(provider.sentTo.length, 1);
    });

    it('learns which scopes are missing when it would rather ask its person first', async () => {
      await client.close();
      await connect('throw');
      await assert.rejects(call(client, 'create_user_item', { name: 'Milk' }), (error) => {
        assert.ok(error instanceof InsufficientScopeError);
        assert.equal(error.requiredScope, 'write');
        return true;
      });
      assert.equal(provider.sentTo.length, 1);
      await client.close();
      await connect();
    });

    it('steps up from `read` to `read write` when a tool needs it', async () => {
      await assert.rejects(call(client, 'create_user_item', { name: 'Milk' }), UnauthorizedError);
      assert.equal(provider.sentTo.length, 2);
      assert.equal(provider.lastSentTo().searchParams.get('scope'), 'read write offline_access');
      await finish(/create, change and delete items/);
      assert.equal(provider.tokensNow.scope, 'read write');
      await keepsRecords(client);
      assert.equal(provider.sentTo.length, 2);
    });

    it('is refused after the revocation, drops its tokens and asks for authorization again', async () => {
      const { access_token, refresh_token } = provider.tokensNow;
      await revoke(house, { client_id: provider.client!.client_id, token: refresh_token! });
      assert.equal((await askMcp(house, access_token)).status, 401);
      await assert.rejects(call(client, 'get_user_profile'), UnauthorizedError);
      assert.deepEqual(provider.invalidated, ['tokens']);
      assert.equal(provider.stored, undefined);
      assert.equal(provider.sentTo.length, 3);
    });
  });
}
