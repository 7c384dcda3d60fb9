// What other programs ask about tokens and clients: /oauth/validate and /api/oauth/client-info.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, EMAIL, PASSWORD, register } from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

let house: House;
before(async () => {
  house = await openHouse();
  await house.addPerson(EMAIL, PASSWORD);
});
after(() => house.close());

function validate(at: House, token?: string, method = 'POST'): Promise<Response> {
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  return at.ask('/oauth/validate', { method, headers });
}

async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

describe('POST /oauth/validate', () => {
  for (const format of ['jwt', 'opaque']) {
    it(`says of a good ${format} token whose it is and until when`, async () => {
      const at = await openHouse({ environment: { SALLYPORT_TOKENS_ACCESS_FORMAT: format } });
      await at.addPerson(EMAIL, PASSWORD);
      const { tokens } = await connect(at);
      const response = await validate(at, tokens.access_token);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('cache-control'), 'no-store');
      const user = await at.storage.findUserByEmail(EMAIL);
      assert.deepEqual(await json(response), {
        valid: true,
        user_id: user?.id,
        expires_at: '2027-01-15T09:00:00.000Z',
      });
      at.clock.now += 3600;
      assert.equal((await validate(at, tokens.access_token)).status, 401);
      await at.close();
    });
  }

  it('takes the tokens of every server here', async () => {
    const records = { title: 'Records', toolset: 'records' as const, default: false };
    const servers = ['one', 'two'].map((name) => ({ ...records, name, path: `/mcp/${name}` }));
    const at = await openHouse({ configure: (config) => ({ ...config, servers }) });
    await at.addPerson(EMAIL, PASSWORD);
    for (const { path } of servers) {
      const { tokens } = await connect(at, { resource: `${at.origin}${path}` });
      assert.equal((await validate(at, tokens.access_token)).status, 200, path);
    }
    assert.equal((await validate(at, 'nonsense')).status, 401);
    await at.close();
  });

  it('says 401 invalid_token of anything else, and nothing about anybody', async () => {
    const { tokens, client } = await connect(house);
    const revoked = new URLSearchParams({ token: tokens.refresh_token, client_id: client.client_id });
    await house.ask('/oauth/revoke', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: revoked.toString(),
    });
    for (const token of [undefined, 'nonsense', 'a.b.c', tokens.access_token, tokens.refresh_token]) {
      const response = await validate(house, token);
      assert.equal(response.status, 401);
      const body = await json(response);
      assert.equal(body['error'], 'invalid_token');
      assert.deepEqual(Object.keys(body), ['error', 'error_description']);
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
    }
  });

  it('reads a token from the header only, and answers POST only', async () => {
    const { tokens } = await connect(house);
    const { access_token } = tokens;
    const inBody = await house.ask('/oauth/validate', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: access_token }),
    });
    assert.equal(inBody.status, 401);
    const inQuery = await house.ask(`/oauth/validate?access_token=${access_token}`, { method: 'POST' });
    assert.equal(inQuery.status, 400);
    const get = await validate(house, access_token, 'GET');
    assert.equal(get.status, 405);
    assert.equal(get.headers.get('allow'), 'POST');
    assert.equal((await json(get))['error'], 'invalid_request');
  });
});

describe('GET /api/oauth/client-info/:client_id', () => {
  const infoOf = (id: string) => house.ask(`/api/oauth/client-info/${id}`);

  it('says what a client calls itself, and nothing else of it', async () => {
    const { client_id } = await register(house);
    const response = await infoOf(client_id);
    assert.equal(response.status, 200);
    assert.deepEqual(await json(response), { client_id, client_name: 'Example client' });
  });

  it('says its id where it gave no name', async () => {
    const { client_id } = await register(house, { client_name: undefined });
    assert.deepEqual(await json(await infoOf(client_id)), { client_id, client_name: client_id });
  });

  it('says 404 client_not_found of an unknown one', async () => {
    for (const id of ['nobody', '%', '%00', "'%20OR%201=1"]) {
      const response = await infoOf(id);
      assert.equal(response.status, 404, id);
      assert.equal((await json(response))['error'], 'client_not_found');
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
    }
    assert.equal((await house.ask('/api/oauth/client-info')).status, 404);
    assert.equal((await house.ask('/api/oauth/client-info/x', { method: 'POST' })).status, 405);
  });
});
