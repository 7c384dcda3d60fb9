// Opaque access tokens: for all clients, or for one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addPreregisteredClient } from '@sallyport/authorization-server';
import {
  askMcp,
  authorizeAndAllow,
  connect,
  EMAIL,
  PASSWORD,
  redeem,
  REDIRECT_URI,
  refresh,
  type Tokens,
} from './house/client.ts';
import { openHouse, type HouseOptions } from './house/open-house.ts';

async function houseWith(environment: HouseOptions['environment'] = {}) {
  const house = await openHouse({ environment });
  await house.addPerson(EMAIL, PASSWORD);
  return house;
}

const opaque = { SALLYPORT_TOKENS_ACCESS_FORMAT: 'opaque' };

describe('opaque access tokens', () => {
  it('say nothing, open the gate for their scope, and stand in no row or log', async () => {
    const house = await houseWith(opaque);
    const { tokens } = await connect(house);
    assert.match(tokens.access_token, /^[A-Za-z0-9_-]{48}$/);
    assert.equal(tokens.scope, 'read');
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    const create = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'create_user_item', arguments: { name: 'a' } },
    };
    assert.equal((await askMcp(house, tokens.access_token, create)).status, 403);
    assert.ok(!JSON.stringify(house.events).includes(tokens.access_token));
    await house.close();
  });

  it('end with their lifetime, and with their grant at once', async () => {
    const house = await houseWith(opaque);
    const first = await connect(house);
    const second = await connect(house);
    assert.equal((await askMcp(house, second.tokens.access_token)).status, 200);
    const form = { token: second.tokens.access_token, client_id: second.client.client_id };
    const revoked = await house.ask('/oauth/revoke', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    assert.equal(revoked.status, 200);
    assert.equal((await askMcp(house, second.tokens.access_token)).status, 401);
    assert.equal((await askMcp(house, first.tokens.access_token)).status, 200);
    house.clock.now += 3600;
    assert.equal((await askMcp(house, first.tokens.access_token)).status, 401);
    const next = (await (await refresh(house, first.client, first.tokens.refresh_token)).json()) as Tokens;
    assert.equal((await askMcp(house, next.access_token)).status, 200);
    assert.equal((await askMcp(house, first.tokens.access_token)).status, 401);
    await house.close();
  });

  it('of one server are refused by another, and made-up ones by all', async () => {
    const house = await openHouse({
      environment: opaque,
      configure: (config) => ({
        ...config,
        servers: ['one', 'two'].map(
          (name) =>
            ({ name, title: name, path: `/mcp/${name}`, toolset: 'records', default: false }) as const,
        ),
      }),
    });
    await house.addPerson(EMAIL, PASSWORD);
    const { tokens } = await connect(house, { resource: `${house.origin}/mcp/one` });
    const status = async (path: string, token: string) =>
      (await house.ask(path, { method: 'POST', headers: { authorization: `Bearer ${token}` } })).status;
    assert.notEqual(await status('/mcp/one', tokens.access_token), 401);
    assert.equal(await status('/mcp/two', tokens.access_token), 401);
    for (const wrong of [`${tokens.access_token}x`, tokens.refresh_token, 'x'])
      assert.equal(await status('/mcp/one', wrong), 401);
    await house.close();
  });

  it('survive repeated refreshes: every answer has one that works', async () => {
    const house = await houseWith(opaque);
    const { client, tokens } = await connect(house);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => refresh(house, client, tokens.refresh_token)),
    );
    const all = (await Promise.all(answers.map((answer) => answer.json()))) as Tokens[];
    assert.equal(new Set(all.map(({ refresh_token }) => refresh_token)).size, 1);
    assert.equal(new Set(all.map(({ access_token }) => access_token)).size, 5);
    for (const { access_token } of all) assert.equal((await askMcp(house, access_token)).status, 200);
    await house.close();
  });

  it('can be for one client only, while the others get JWTs', async () => {
    const house = await houseWith();
    const { client } = await addPreregisteredClient(
      house.storage,
      { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' },
      { now: house.clock.now, policy: house.config.registration, accessTokenFormat: 'opaque' },
    );
    const registered = { client_id: client.client_id };
    const { code, code_verifier } = await authorizeAndAllow(house, registered);
    const tokens = await redeem(house, registered, code, code_verifier);
    assert.doesNotMatch(tokens.access_token, /\./);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    assert.match((await connect(house)).tokens.access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    await house.close();
  });
});

describe('settings of the gate', () => {
  it('give a client that asks for nothing the operator’s default scopes', async () => {
    const house = await openHouse({
      configure: (config) => ({
        ...config,
        servers: config.servers.map((server) => ({ ...server, defaultScopes: ['read', 'write'] })),
      }),
    });
    await house.addPerson(EMAIL, PASSWORD);
    assert.match((await askMcp(house)).headers.get('www-authenticate') ?? '', /scope="read write"/);
    assert.equal((await connect(house)).tokens.scope, 'read write');
    await house.close();
  });

  it('let web pages of a listed origin call', async () => {
    const origin = 'https://inspector.example.com';
    const house = await openHouse({ configure: (config) => ({ ...config, allowedOrigins: [origin] }) });
    assert.equal((await house.ask('/mcp', { method: 'POST', headers: { origin } })).status, 401);
    assert.equal(
      (await house.ask('/mcp', { method: 'POST', headers: { origin: `${origin}.evil.example` } })).status,
      403,
    );
    await house.close();
  });
});
