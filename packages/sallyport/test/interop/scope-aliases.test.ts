// The official SDK, version 2, asks with other words for the scopes, as its host was told for another server, and steps up.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { auth, Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { openListeningHouse } from '../house/listening-house.ts';
import { MemoryProvider } from './memory-provider.ts';
import { EMAIL, personAt } from './person.ts';
import { call, keepsRecords, readsTheProfile } from './tools.ts';

it('a client that holds an alias steps up once, and goes in no circle', async (t) => {
  const house = await openListeningHouse({
    configure: (config) => ({
      ...config,
      servers: config.servers.map((server) => ({
        ...server,
        scopeAliases: { 'mcp:tools': ['read', 'write'], 'mcp:resource': ['read'] },
      })),
    }),
  });
  t.after(() => house.close());
  const person = await personAt(house);
  const provider = new MemoryProvider();
  const asked = { serverUrl: house.mcpUrl, scope: 'mcp:resource' };
  assert.equal(await auth(provider, asked), 'REDIRECT');
  assert.equal(provider.lastSentTo().searchParams.get('scope')?.split(' ')[0], 'mcp:resource');
  const answer = await person.allow(provider.lastSentTo(), /read your profile/);
  const authorizationCode = answer.searchParams.get('code')!;
  const iss = answer.searchParams.get('iss')!;
  assert.equal(await auth(provider, { ...asked, authorizationCode, iss }), 'AUTHORIZED');
  assert.equal(provider.tokensNow.scope, 'mcp:resource');

  const client = new Client({ name: 'interop', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(house.mcpUrl, { authProvider: provider });
  t.after(() => client.close());
  await client.connect(transport);
  await readsTheProfile(client, EMAIL);
  await assert.rejects(call(client, 'create_user_item', { name: 'Milk' }), UnauthorizedError);
  assert.equal(provider.sentTo.length, 2);
  const words = provider.lastSentTo().searchParams.get('scope')!.split(' ');
  assert.deepEqual(
    words.filter((word) => word !== 'offline_access'),
    ['mcp:resource', 'write'],
  );
  await transport.finishAuth((await person.allow(provider.lastSentTo())).searchParams);
  assert.equal(provider.tokensNow.scope, 'mcp:resource write');
  await keepsRecords(client);
  assert.equal(provider.sentTo.length, 2);
});
