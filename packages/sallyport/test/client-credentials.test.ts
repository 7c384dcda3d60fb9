// A client that asks for itself (RFC 6749 §4.4): the operator gives it scopes, it proves who it is, and no person is in it.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { addMachineClient, addPreregisteredClient } from '@sallyport/authorization-server';
import type { Client } from '@sallyport/storage';
import { decodeJwt } from 'jose';
import type { Config } from '../src/config/index.ts';
import { pageOf, openBrowserAt } from './house/browser.ts';
import * as client from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';
import { storesOfHouse } from './house/stores.ts';

const { askMcp, askToken, errorOf, register } = client;

interface Machine {
  readonly client_id: string;
  readonly client_secret: string;
}

const mcpOf = (house: House, path = '/mcp'): string => `${house.origin}${path}`;

async function machineAt(
  house: House,
  scope: readonly string[] = ['read', 'write'],
  given: Partial<Parameters<typeof addMachineClient>[1]> = {},
): Promise<Machine> {
  const token_endpoint_auth_method = 'client_secret_post';
  const asked = { client_name: 'Nightly export', token_endpoint_auth_method } as const;
  const ownScope = { [mcpOf(house)]: scope };
  const added = await addMachineClient(house.storage, { ...asked, ownScope, ...given }, house.clock.now);
  assert.ok(added.client_secret !== undefined);
  return { client_id: added.client.client_id, client_secret: added.client_secret };
}

const ask = (house: House, machine: Machine, more: Record<string, string> = {}) =>
  askToken(house, { grant_type: 'client_credentials', ...machine, ...more });

async function tokenOf(house: House, machine: Machine, more: Record<string, string> = {}) {
  const answer = await ask(house, machine, more);
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as client.Tokens;
}

const call = (house: House, access_token: string, name: string, args: object = {}) =>
  askMcp(house, access_token, {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name, arguments: args },
  });

async function open(t: TestContext, options: HouseOptions = {}): Promise<House> {
  const house = await openHouse(options);
  t.after(() => house.close());
  return house;
}

for (const { name, options, urlFor } of storesOfHouse) {
  describe(`a machine client on ${name}`, options, () => {
    it('gets a token that is its own, and works with it as itself', async (t) => {
      const house = await open(t, { storageUrl: await urlFor(t) });
      const machine = await machineAt(house);
      const answer = await ask(house, machine);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      const tokens = (await answer.json()) as client.Tokens;
      assert.deepEqual(Object.keys(tokens).toSorted(), ['access_token', 'expires_in', 'scope', 'token_type']);
      assert.equal(tokens.scope, 'read write');
      const claims = decodeJwt(tokens.access_token);
      assert.equal(claims.sub, machine.client_id);
      assert.equal(claims['client_id'], machine.client_id);
      assert.equal(claims.aud, mcpOf(house));
      const created = await call(house, tokens.access_token, 'create_user_item', { name: 'Export' });
      assert.equal(created.status, 200);
      const listed = await (await call(house, tokens.access_token, 'get_user_items')).text();
      assert.match(listed, /Export/);
      const profile = await (await call(house, tokens.access_token, 'get_user_profile')).text();
      assert.match(profile, /Nightly export/);
      const logged = house.events.find(({ event }) => event === 'mcp_request')?.facts;
      assert.equal(logged?.['userId'], machine.client_id);
    });

    it('that asks 20 times at once has one account and one grant, and a request later writes none', async (t) => {
      const house = await open(t, { storageUrl: await urlFor(t) });
      const machine = await machineAt(house);
      const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenOf(house, machine)));
      const grants = new Set(tokens.map(({ access_token }) => decodeJwt(access_token)['grant_id']));
      assert.equal(grants.size, 1);
      assert.equal((await house.storage.listUsers()).length, 1);
      for (const { access_token } of tokens.slice(0, 3))
        assert.equal((await call(house, access_token, 'get_user_profile')).status, 200);
      const [id] = grants;
      const before = await house.storage.findGrant(String(id));
      house.clock.now += 60;
      assert.equal(decodeJwt((await tokenOf(house, machine)).access_token)['grant_id'], id);
      assert.deepEqual(await house.storage.findGrant(String(id)), before);
      house.clock.now += 2 * house.config.tokens.access.lifetimeSeconds;
      const later = await tokenOf(house, machine);
      assert.equal(decodeJwt(later.access_token)['grant_id'], id, 'and is extended when it would be over');
      assert.equal((await call(house, later.access_token, 'get_user_profile')).status, 200);
    });
  });
}

describe('what a machine client asks for', () => {
  it('is narrowed to what the operator gave it, broader scopes counted for what they include', async (t) => {
    const house = await open(t);
    const reader = await machineAt(house, ['read']);
    assert.equal((await tokenOf(house, reader, { scope: 'read write offline_access' })).scope, 'read');
    assert.equal((await tokenOf(house, reader, { scope: 'offline_access' })).scope, 'read');
    const refused = await ask(house, reader, { scope: 'write' });
    assert.equal(refused.status, 400);
    assert.equal(await errorOf(refused), 'invalid_scope');
    const { access_token } = await tokenOf(house, reader);
    const challenged = await call(house, access_token, 'create_user_item', { name: 'a' });
    assert.equal(challenged.status, 403);
    const twice = await machineAt(house, ['read', 'read']);
    assert.equal((await tokenOf(house, twice)).scope, 'read', 'whatever was written twice');
    const writer = await machineAt(house, ['write']);
    assert.equal((await tokenOf(house, writer, { scope: 'read' })).scope, 'read');
    assert.equal((await tokenOf(house, writer)).scope, 'write');
  });

  it('may be in other words, and is told in them', async (t) => {
    const scopeAliases = { 'mcp:tools': ['read', 'write'] };
    const configure = (config: Config): Config => ({
      ...config,
      servers: config.servers.map((server) => ({ ...server, scopeAliases })),
    });
    const house = await open(t, { configure });
    const machine = await machineAt(house);
    const tokens = await tokenOf(house, machine, { scope: 'mcp:tools' });
    assert.equal(tokens.scope, 'mcp:tools');
    assert.equal(decodeJwt(tokens.access_token)['scope'], 'read write');
    const reader = await machineAt(house, ['read']);
    assert.equal((await tokenOf(house, reader, { scope: 'mcp:tools' })).scope, 'read');
  });

  it('is for one server, of those that it was given', async (t) => {
    const configure = (config: Config): Config => ({
      ...config,
      servers: [
        ...config.servers.map((server) => ({ ...server, default: false })),
        { name: 'other', title: 'Other', path: '/mcp/other', toolset: 'records', default: false },
      ],
    });
    const house = await open(t, { configure });
    const machine = await machineAt(house, ['read']);
    const { access_token } = await tokenOf(house, machine, { resource: `${mcpOf(house)}/` });
    assert.equal(decodeJwt(access_token).aud, mcpOf(house));
    for (const resource of [mcpOf(house, '/mcp/other'), 'https://elsewhere.example.com/mcp', undefined]) {
      const refused = await ask(house, machine, resource === undefined ? {} : { resource });
      assert.equal(refused.status, 400, resource);
      assert.equal(await errorOf(refused), 'invalid_target', resource);
    }
  });

  it('may be opaque, each token of the one grant', async (t) => {
    const house = await open(t);
    const machine = await machineAt(house, ['read'], { accessTokenFormat: 'opaque' });
    const [one, other] = [await tokenOf(house, machine), await tokenOf(house, machine)];
    assert.notEqual(one.access_token, other.access_token);
    for (const { access_token } of [one, other])
      assert.equal((await call(house, access_token, 'get_user_profile')).status, 200);
    await revoke(house, machine, one.access_token);
    assert.equal((await call(house, other.access_token, 'get_user_profile')).status, 401);
  });
});

describe('what ends', () => {
  it('is refused at the gate; a revoked grant does not keep the client from the next', async (t) => {
    const house = await open(t);
    const machine = await machineAt(house);
    const { access_token } = await tokenOf(house, machine);
    assert.equal((await call(house, access_token, 'get_user_profile')).status, 200);
    await revoke(house, machine, access_token);
    assert.equal((await call(house, access_token, 'get_user_profile')).status, 401);
    const next = await tokenOf(house, machine);
    assert.equal((await call(house, next.access_token, 'get_user_profile')).status, 200);
    await house.storage.removeClient(machine.client_id);
    assert.equal((await call(house, next.access_token, 'get_user_profile')).status, 401);
    const refused = await ask(house, machine);
    assert.equal(refused.status, 401);
    assert.equal(await errorOf(refused), 'invalid_client');
    assert.deepEqual(await house.storage.listUsers(), []);
  });

  it('with a scope that is taken away are the tokens that have it', async (t) => {
    const house = await open(t);
    const { client_id, ...machine } = await machineAt(house);
    const writes = await tokenOf(house, { client_id, ...machine });
    const reads = await tokenOf(house, { client_id, ...machine }, { scope: 'read' });
    const change = { client_id, ownScope: { [mcpOf(house)]: ['read'] }, now: house.clock.now };
    await house.storage.setOwnScope(change);
    assert.equal((await call(house, writes.access_token, 'get_user_profile')).status, 401);
    assert.equal((await call(house, reads.access_token, 'get_user_profile')).status, 200);
    assert.equal((await tokenOf(house, { client_id, ...machine })).scope, 'read');
    await house.storage.setOwnScope({ ...change, ownScope: undefined });
    assert.equal((await call(house, reads.access_token, 'get_user_profile')).status, 401);
    const refused = await ask(house, { client_id, ...machine });
    assert.equal(refused.status, 400);
    assert.equal(await errorOf(refused), 'unauthorized_client');
  });

  it('between the authentication and the grant, is refused as well', async (t) => {
    const meanwhile = { happen: async (): Promise<unknown> => undefined };
    const house = await open(t, {
      rig: (storage) => ({
        ...storage,
        async keepOwnGrant(kept) {
          await meanwhile.happen();
          return storage.keepOwnGrant(kept);
        },
      }),
    });
    const machine = await machineAt(house);
    meanwhile.happen = () => house.storage.removeClient(machine.client_id);
    const refused = await ask(house, machine);
    assert.equal(refused.status, 400);
    assert.equal(await errorOf(refused), 'unauthorized_client');
    assert.deepEqual(await house.storage.listUsers(), []);
  });
});

describe('who is no machine client', () => {
  const redirect_uris = [client.REDIRECT_URI];

  it('does not become one by registering', async (t) => {
    const house = await open(t);
    const secret = { token_endpoint_auth_method: 'client_secret_post' };
    const all = await register(house, secret);
    assert.deepEqual(all['grant_types'], ['authorization_code', 'refresh_token']);
    const both = { ...secret, grant_types: ['authorization_code', 'client_credentials'] };
    const { client_id, client_secret, grant_types } = await register(house, both);
    assert.deepEqual(grant_types, ['authorization_code']);
    const refused = await ask(house, { client_id, client_secret: client_secret! });
    assert.equal(refused.status, 400);
    assert.equal(await errorOf(refused), 'unauthorized_client');
    const alone = await house.ask('/oauth/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris, ...secret, grant_types: ['client_credentials'] }),
    });
    assert.equal(alone.status, 400);
    assert.equal(await errorOf(alone), 'invalid_client_metadata');
  });

  it('nor when somebody wrote into its row what only the operator gives', async (t) => {
    const house = await open(t);
    const { client: kept, client_secret = '' } = await addPreregisteredClient(
      house.storage,
      { redirect_uris, token_endpoint_auth_method: 'client_secret_post' },
      { now: house.clock.now, policy: house.config.registration },
    );
    const grant_types = ['client_credentials'];
    const token_endpoint_auth_methods_supported = ['client_secret_post', 'none'];
    const ownScope = { [mcpOf(house)]: ['read'] };
    const forged: readonly (readonly [string, Partial<Client>])[] = [
      ['dynamic', { registeredBy: 'dynamic' }],
      ['public', { metadata: { ...kept.metadata, grant_types, token_endpoint_auth_method: 'none' } }],
      ['either', { metadata: { ...kept.metadata, grant_types, token_endpoint_auth_methods_supported } }],
      ['without', {}],
    ];
    for (const [client_id, given] of forged) {
      const { secretDigest, ...row } = {
        ...kept,
        metadata: { ...kept.metadata, grant_types },
        ...given,
        client_id,
      };
      const isPublic = client_id === 'public' || client_id === 'either';
      await house.storage.addClient({
        ...row,
        ...(!isPublic && secretDigest !== undefined && { secretDigest }),
        ...(client_id !== 'without' && { ownScope }),
      });
      const form = { grant_type: 'client_credentials', client_id, ...(!isPublic && { client_secret }) };
      const refused = await askToken(house, form);
      assert.equal(refused.status, 400, client_id);
      assert.equal(await errorOf(refused), 'unauthorized_client', client_id);
    }
  });

  it('and a wrong secret is a failed authentication like any other', async (t) => {
    const house = await open(t);
    const machine = await machineAt(house);
    const refused = await ask(house, { ...machine, client_secret: 'wrong' });
    assert.equal(refused.status, 401);
    assert.equal(await errorOf(refused), 'invalid_client');
    const asPerson = `/oauth/authorize?${new URLSearchParams({ client_id: machine.client_id, response_type: 'code' }).toString()}`;
    assert.equal((await house.ask(asPerson)).status, 400);
  });
});

describe('a service account', () => {
  it('does not stand in the way of the first person, and nobody signs in as it', async (t) => {
    const house = await open(t);
    const machine = await machineAt(house);
    await tokenOf(house, machine);
    assert.ok(await house.assembled.setupPath(), 'the first account is still to be made');
    await house.addPerson(client.EMAIL, client.PASSWORD);
    const browser = openBrowserAt(house);
    const account = await house.storage.findUser(machine.client_id);
    for (const email of [machine.client_id, account!.email]) {
      const page = pageOf(await browser.open('/sign-in'));
      const refused = pageOf(await browser.submit(page, { email, password: client.PASSWORD }));
      assert.ok(refused.status >= 400, email);
    }
  });

  it('is told by introspection as the subject, without a name', async (t) => {
    const house = await open(t);
    const machine = await machineAt(house);
    const { access_token } = await tokenOf(house, machine);
    const answer = await house.ask('/oauth/introspect', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...machine, token: access_token }).toString(),
    });
    const told = (await answer.json()) as Record<string, unknown>;
    assert.equal(told['active'], true);
    assert.equal(told['sub'], machine.client_id);
    assert.equal(told['client_id'], machine.client_id);
    assert.equal(told['scope'], 'read write');
    assert.ok(!('username' in told));
  });

  it('is in the metadata as a grant type, and in the events of logins once', async (t) => {
    const house = await open(t);
    const metadata = await (await house.ask('/.well-known/oauth-authorization-server')).json();
    const { grant_types_supported } = metadata as { grant_types_supported: string[] };
    assert.ok(grant_types_supported.includes('client_credentials'));
    const machine = await machineAt(house);
    const { access_token } = await tokenOf(house, machine);
    await tokenOf(house, machine);
    await call(house, access_token, 'get_user_profile');
    await house.noteLogins();
    const events = await house.storage.listLoginEvents(10);
    assert.deepEqual(
      events.map(({ event, clientId }) => [event, clientId]),
      [
        ['token_issued', machine.client_id],
        ['tool_called', machine.client_id],
      ],
    );
  });
});

async function revoke(house: House, machine: Machine, token: string): Promise<void> {
  const answer = await house.ask('/oauth/revoke', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...machine, token }).toString(),
  });
  assert.equal(answer.status, 200);
}
