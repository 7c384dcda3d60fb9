// Clients of others that ask for themselves (MCP's extension io.modelcontextprotocol/oauth-client-credentials): the official
// SDK with a secret and with a key, and the certified client library, strict.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  Client,
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client';
import { addMachineClient } from '@sallyport/authorization-server';
import { exportJWK, exportPKCS8, generateKeyPair, type CryptoKey } from 'jose';
import * as oauth from 'oauth4webapi';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { call, keepsRecords } from './tools.ts';

const insecure = { [oauth.allowInsecureRequests]: true } as const;

async function open(t: TestContext): Promise<ListeningHouse> {
  const house = await openListeningHouse();
  t.after(() => house.close());
  return house;
}

async function machineAt(
  house: ListeningHouse,
  method: Partial<Parameters<typeof addMachineClient>[1]>,
  scope: readonly string[] = ['read', 'write'],
) {
  const token_endpoint_auth_method = 'client_secret_basic';
  const asked = { client_name: 'Nightly export', token_endpoint_auth_method, ...method };
  const ownScope = { [house.mcpUrl.href]: scope };
  const added = await addMachineClient(house.storage, { ...asked, ownScope }, house.clock.now);
  return { client_id: added.client.client_id, client_secret: added.client_secret ?? '' };
}

async function keyPair(): Promise<{ privateKey: CryptoKey; jwks: object }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] } };
}

async function connect(t: TestContext, house: ListeningHouse, authProvider: OAuthClientProvider) {
  const client = new Client({ name: 'interop', version: '1.0.0' });
  t.after(() => client.close());
  await client.connect(new StreamableHTTPClientTransport(house.mcpUrl, { authProvider }));
  return client;
}

describe('@modelcontextprotocol/client', () => {
  it('with ClientCredentialsProvider calls tools as itself, and steps up to what the operator gave it', async (t) => {
    const house = await open(t);
    const { client_id: clientId, client_secret: clientSecret } = await machineAt(house, {});
    const expectedIssuer = house.origin;
    const provider = new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer });
    const client = await connect(t, house, provider);
    assert.equal((await call(client, 'get_user_profile'))['id'], clientId);
    assert.equal(provider.tokens()?.scope, 'read', 'what the challenge names, and no more');
    await keepsRecords(client);
    assert.equal(provider.tokens()?.scope, 'read write');
  });

  it('that may only read is refused, and goes in no circle', async (t) => {
    const house = await open(t);
    const { client_id: clientId, client_secret: clientSecret } = await machineAt(house, {}, ['read']);
    const client = await connect(
      t,
      house,
      new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer: house.origin }),
    );
    const asked = (): number => house.events.filter(({ event }) => event === 'tokens_issued').length;
    const before = asked();
    await assert.rejects(call(client, 'create_user_item', { name: 'Milk' }), /insufficient_scope|403/);
    assert.ok(asked() - before <= 2, `${asked() - before} tokens for one call`);
  });

  it('with PrivateKeyJwtProvider shares no secret', async (t) => {
    const house = await open(t);
    const { privateKey, jwks } = await keyPair();
    const { client_id: clientId, client_secret } = await machineAt(house, {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks,
    });
    assert.equal(client_secret, '');
    const provider = new PrivateKeyJwtProvider({
      clientId,
      privateKey: await exportPKCS8(privateKey),
      algorithm: 'ES256',
      expectedIssuer: house.origin,
    });
    const client = await connect(t, house, provider);
    assert.equal((await call(client, 'get_user_profile'))['id'], clientId);
  });
});

describe('oauth4webapi, strict', () => {
  it('gets a token with a secret, and with a key', async (t) => {
    const house = await open(t);
    const issuer = new URL(house.origin);
    const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    const as = await oauth.processDiscoveryResponse(issuer, discovered);
    assert.ok(as.grant_types_supported?.includes('client_credentials'));
    const { privateKey, jwks } = await keyPair();
    const withSecret = await machineAt(house, { token_endpoint_auth_method: 'client_secret_post' });
    const withKey = await machineAt(house, { token_endpoint_auth_method: 'private_key_jwt', jwks });
    const authentications: readonly (readonly [string, oauth.ClientAuth])[] = [
      [withSecret.client_id, oauth.ClientSecretPost(withSecret.client_secret)],
      [withKey.client_id, oauth.PrivateKeyJwt({ key: privateKey, kid: 'one' })],
    ];
    for (const [client_id, authentication] of authentications) {
      const client = { client_id };
      const parameters = new URLSearchParams({ resource: house.mcpUrl.href, scope: 'read' });
      const response = await oauth.clientCredentialsGrantRequest(
        as,
        client,
        authentication,
        parameters,
        insecure,
      );
      const tokens = await oauth.processClientCredentialsResponse(as, client, response);
      assert.equal(tokens.scope, 'read');
      assert.ok(!('refresh_token' in tokens));
    }
  });
});
