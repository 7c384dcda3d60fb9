// The official SDK, version 1, as most clients of the field still have it: from the first 401 to the refusal after a
// revocation; with and without refresh tokens, because its step-up depends on that.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auth, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { askMcp } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { MemoryProvider } from './memory-provider.ts';
import { EMAIL, personAt, type Person } from './person.ts';
import { revoke } from './revocation.ts';
import { call, keepsRecords, listsTheTools, readsTheProfile } from './tools.ts';

let house: ListeningHouse;
let person: Person;
before(async () => {
  house = await openListeningHouse();
  person = await personAt(house);
});
after(() => house.close());

interface Connection {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  connect(): Promise<void>;
}

function connectionOf(provider: MemoryProvider): Connection {
  const client = new Client({ name: 'interop', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(house.mcpUrl, { authProvider: provider });
  return { client, transport, connect: () => client.connect(transport) };
}

/** The person allows what the client has just asked for. */
async function codeFor(provider: MemoryProvider, ...expected: readonly RegExp[]): Promise<string> {
  const answer = await person.allow(provider.lastSentTo(), ...expected);
  provider.judgeState(answer);
  assert.equal(answer.searchParams.get('iss'), house.origin);
  const code = answer.searchParams.get('code');
  assert.ok(code);
  return code;
}

/** From the 401 to a client that is let in. */
async function letIn(provider: MemoryProvider): Promise<Connection> {
  const first = connectionOf(provider);
  await assert.rejects(first.connect(), UnauthorizedError);
  await first.transport.finishAuth(await codeFor(provider, /Interop client/));
  const connection = connectionOf(provider);
  await connection.connect();
  return connection;
}

describe('@modelcontextprotocol/sdk 1.x as a public client with refresh tokens', () => {
  const provider = new MemoryProvider();
  let connection: Connection;
  after(() => connection?.client.close());

  it('discovers, registers, exchanges the code and is let in', async () => {
    connection = await letIn(provider);
    const { searchParams } = provider.lastSentTo();
    assert.equal(searchParams.get('resource'), house.mcpUrl.href);
    assert.equal(searchParams.get('scope'), 'read');
    assert.equal(provider.client?.client_secret, undefined);
    assert.equal(provider.tokensNow.scope, 'read');
    await listsTheTools(connection.client);
    await readsTheProfile(connection.client, EMAIL);
  });

  it('refreshes by itself when the access token has expired', async () => {
    const old = provider.tokensNow;
    house.clock.now += house.config.tokens.access.lifetimeSeconds;
    await readsTheProfile(connection.client, EMAIL);
    assert.notEqual(provider.tokensNow.access_token, old.access_token);
    assert.notEqual(provider.tokensNow.refresh_token, old.refresh_token);
    assert.equal(provider.sentTo.length, 1);
  });

  // It answers every challenge with a refresh, which cannot widen a scope (RFC 6749 §6), and gives up:
  // modelcontextprotocol/typescript-sdk#2255, mended in 2.x only. Its host must ask for the scopes itself.
  it('gives up its own step-up after a refresh; its host asks for `read write` and the call succeeds', async () => {
    await assert.rejects(call(connection.client, 'create_user_item', { name: 'Milk' }), (error) => {
      assert.ok(error instanceof StreamableHTTPError);
      assert.equal(error.code, 403);
      return true;
    });
    assert.equal(provider.tokensNow.scope, 'read');
    assert.equal(provider.sentTo.length, 1);

    provider.invalidateCredentials('tokens');
    const asked = { serverUrl: house.mcpUrl, scope: 'read write' };
    assert.equal(await auth(provider, asked), 'REDIRECT');
    const authorizationCode = await codeFor(provider, /create, change and delete items/);
    assert.equal(await auth(provider, { ...asked, authorizationCode }), 'AUTHORIZED');
    assert.equal(provider.tokensNow.scope, 'read write');
    await keepsRecords(connection.client);
  });

  it('is refused after the revocation, drops its tokens and asks for authorization again', async () => {
    const { access_token, refresh_token } = provider.tokensNow;
    provider.invalidated.length = 0;
    await revoke(house, { client_id: provider.client!.client_id, token: refresh_token! });
    assert.equal((await askMcp(house, access_token)).status, 401);
    await assert.rejects(call(connection.client, 'get_user_profile'), UnauthorizedError);
    assert.deepEqual(provider.invalidated, ['tokens']);
    assert.equal(provider.stored, undefined);
    assert.equal(provider.sentTo.length, 3);
  });
});

for (const token_endpoint_auth_method of ['client_secret_basic', 'client_secret_post']) {
  describe(`@modelcontextprotocol/sdk 1.x with ${token_endpoint_auth_method}, without refresh tokens`, () => {
    const provider = new MemoryProvider({ grant_types: ['authorization_code'], token_endpoint_auth_method });
    let connection: Connection;
    after(() => connection?.client.close());

    it('is let in, and gets no refresh token that it did not register for', async () => {
      connection = await letIn(provider);
      assert.ok(provider.client?.client_secret);
      assert.equal(provider.tokensNow.scope, 'read');
      assert.equal(provider.tokensNow.refresh_token, undefined);
      await readsTheProfile(connection.client, EMAIL);
    });

    it('steps up from `read` to `write`, which includes it, by itself when a tool needs it', async () => {
      await assert.rejects(call(connection.client, 'create_user_item', { name: 'Milk' }), UnauthorizedError);
      assert.equal(provider.lastSentTo().searchParams.get('scope'), 'write');
      await connection.transport.finishAuth(await codeFor(provider, /create, change and delete items/));
      assert.equal(provider.tokensNow.scope, 'write');
      const item = await call(connection.client, 'create_user_item', { name: 'Milk' });
      assert.deepEqual(await call(connection.client, 'get_user_item', { id: item['id'] }), item);
      await readsTheProfile(connection.client, EMAIL);
      assert.equal(provider.sentTo.length, 2);
    });
  });
}
