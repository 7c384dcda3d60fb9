// The operator's API below /api/v1/registrations: behind admin.token, and what another process decides meanwhile.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { JsonObject } from '@sallyport/protocol';
import { openStorage } from '@sallyport/storage';
import { openBrowserAt, pageOf } from './house/browser.ts';
import { askMcp, authorizationUrl, connect, EMAIL, PASSWORD, register } from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';

const operatorToken = 'the-operators-own-token';
const API = '/api/v1/registrations';

async function operated(t: TestContext, mode = 'approval', options: HouseOptions = {}): Promise<House> {
  const environment = { SALLYPORT_REGISTRATION_MODE: mode, SALLYPORT_ADMIN_TOKEN: operatorToken };
  const house = await openHouse({ environment, ...options });
  t.after(() => house.close());
  await house.addPerson(EMAIL, PASSWORD);
  return house;
}

async function api(house: House, method: string, path = '', body?: unknown, token = operatorToken) {
  const response = await house.ask(`${API}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

const paths = [
  ['GET', ''],
  ['GET', '/tokens'],
  ['POST', '/tokens'],
  ['DELETE', '/tokens/ci'],
  ['POST', '/x/approve'],
  ['POST', '/x/refuse'],
] as const;

describe('the operator’s API', () => {
  it('is not there without admin.token, and in no description', async (t) => {
    const house = await openHouse();
    t.after(() => house.close());
    for (const [method, path] of paths) assert.equal((await house.ask(API + path, { method })).status, 404);
    const described = await (await house.ask('/api/v1/openapi.json')).text();
    assert.ok(!described.includes('registrations') && !described.includes('operator'));
  });

  it('is for whoever has the token, and tells others nothing, at last not even that', async (t) => {
    const house = await operated(t);
    await register(house);
    for (const [method, path] of paths)
      for (const authorization of [
        undefined,
        'Bearer',
        `Bearer ${operatorToken}x`,
        `Bearer ${operatorToken.slice(1)}`,
        `Basic ${operatorToken}`,
        operatorToken,
      ]) {
        const response = await house.ask(API + path, {
          method,
          headers: { ...(authorization !== undefined && { authorization }) },
        });
        assert.equal(response.status, 401, `${method} ${path} ${authorization ?? ''}`);
        assert.equal(response.headers.get('www-authenticate'), 'Bearer realm="operator"');
        assert.deepEqual(Object.keys((await response.json()) as object), ['error']);
      }
    for (let n = 0; n < 60; n += 1) await api(house, 'GET', '', undefined, 'wrong');
    const often = await house.ask(API);
    assert.equal(often.status, 429);
    assert.match(often.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    assert.equal((await api(house, 'GET')).status, 200, 'who has the token is not held up by others');
    assert.equal((await house.ask(API, { method: 'PUT' })).status, 405);
  });

  it('lists who waits, and lets in or refuses', async (t) => {
    const house = await operated(t);
    const one = await register(house, { client_name: 'One' });
    const other = await register(house, { token_endpoint_auth_method: 'client_secret_post' });
    const waiting = await api(house, 'GET', '?admission=waiting');
    const listed = waiting.body['registrations'] as JsonObject[];
    assert.deepEqual(
      new Set(listed.map((client) => client['client_id'])),
      new Set([one.client_id, other.client_id]),
    );
    const text = JSON.stringify(waiting.body);
    assert.ok(!/digest|secret_|registration_access/i.test(text.replaceAll('client_secret_post', '')), text);

    const approved = await api(house, 'POST', `/${one.client_id}/approve`);
    assert.deepEqual(
      [approved.status, approved.body['admission'], approved.body['approvedAt']],
      [200, 'admitted', house.clock.now],
    );
    assert.equal(pageOf(await openBrowserAt(house).open(authorizationUrl(one).url)).status, 200);
    const refused = await api(house, 'POST', `/${other.client_id}/refuse`);
    assert.deepEqual([refused.status, refused.body['admission']], [200, 'refused']);
    for (const [admission, expected] of [
      ['waiting', []],
      ['refused', [other.client_id]],
      ['admitted', [one.client_id]],
    ] as const) {
      const { body } = await api(house, 'GET', `?admission=${admission}`);
      assert.deepEqual(
        (body['registrations'] as JsonObject[]).map((client) => client['client_id']),
        expected,
      );
    }
    for (const query of ['?admission=all', '?admission=', '?x=1', '?admission=waiting&admission=refused'])
      assert.equal((await api(house, 'GET', query)).status, 400, query);
    assert.equal((await api(house, 'POST', '/nobody/approve')).status, 404);
    assert.equal((await api(house, 'POST', '/%ff/refuse')).status, 404);
  });

  it('takes a client_id that is a URL, percent-encoded', async (t) => {
    const house = await operated(t);
    const client_id = 'https://app.example.com/oauth/client.json?a=b';
    const { metadata } = (await house.storage.findClient((await register(house)).client_id))!;
    await house.storage.addClient({
      client_id,
      metadata,
      registeredBy: 'document',
      document: { fetchedAt: house.clock.now, freshUntil: house.clock.now + 600 },
      admission: 'waiting',
      createdAt: house.clock.now,
      traceId: 't',
    });
    const { status, body } = await api(house, 'POST', `/${encodeURIComponent(client_id)}/approve`);
    assert.deepEqual([status, body['client_id'], body['admission']], [200, client_id, 'admitted']);
  });

  it('makes a token that is told once, lists it without, and revokes it', async (t) => {
    const house = await operated(t, 'token');
    const made = await api(house, 'POST', '/tokens', { name: 'ci', expiresInSeconds: 60, uses: 1 });
    assert.equal(made.status, 201);
    const { initial_access_token, ...rest } = made.body;
    const token = {
      name: 'ci',
      createdAt: house.clock.now,
      expiresAt: house.clock.now + 60,
      maxUses: 1,
      uses: 0,
    };
    assert.deepEqual(rest, token);
    assert.deepEqual((await api(house, 'GET', '/tokens')).body, { tokens: [token] });
    const registers = () =>
      house.ask('/oauth/register', {
        method: 'POST',
        headers: { authorization: `Bearer ${String(initial_access_token)}` },
        body: JSON.stringify({ redirect_uris: ['https://client.example.com/'] }),
      });
    assert.equal((await registers()).status, 201);
    assert.equal((await registers()).status, 401);
    assert.equal((await api(house, 'POST', '/tokens', { name: 'ci' })).status, 409);
    for (const [body, status] of [
      [{}, 400],
      [{ name: 'a.b' }, 400],
      [{ name: 'a', uses: 0 }, 400],
      [{ name: 'a', uses: '1' }, 400],
      [{ name: 'a', uses: 1e300 }, 400],
      [{ name: 'a', expiresInSeconds: -1 }, 400],
      [{ name: 'a', expiresInSeconds: 1.5 }, 400],
      [{ name: 'a', expiresinseconds: 5 }, 400],
      ['[]', 400],
      ['{', 400],
    ] as const)
      assert.equal((await api(house, 'POST', '/tokens', body)).status, status, JSON.stringify(body));
    assert.equal((await api(house, 'DELETE', '/tokens/ci')).status, 204);
    assert.equal((await api(house, 'DELETE', '/tokens/ci')).status, 404);
  });

  it('is described with each of its paths and methods', async (t) => {
    const house = await operated(t);
    const document = (await (await house.ask('/api/v1/openapi.json')).json()) as {
      paths: Record<string, Record<string, { security: unknown }>>;
    };
    const described = Object.entries(document.paths)
      .filter(([path]) => path.startsWith(API))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    assert.deepEqual(described.toSorted(), [
      `DELETE ${API}/tokens/{name}`,
      `GET ${API}`,
      `GET ${API}/tokens`,
      `POST ${API}/tokens`,
      `POST ${API}/{client_id}/approve`,
      `POST ${API}/{client_id}/refuse`,
    ]);
  });
});

it('what another process decides takes effect here', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-decides-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const storageUrl = `sqlite:${join(folder, 'test.db')}`;
  const house = await operated(t, 'open', { storageUrl });
  const { client, tokens } = await connect(house);
  const { client_id } = client;
  assert.equal((await askMcp(house, tokens.access_token)).status, 200);
  const beside = await openStorage(storageUrl);
  t.after(() => beside.close());
  await beside.decideClient({ client_id, decision: 'refused', now: house.clock.now });
  const page = pageOf(await openBrowserAt(house).open(authorizationUrl(client).url));
  assert.equal(page.status, 403);
  let status = 200;
  for (let waited = 0; status !== 401 && waited < 200; waited += 1) {
    await wait(50);
    ({ status } = await askMcp(house, tokens.access_token));
  }
  assert.equal(status, 401);
});
