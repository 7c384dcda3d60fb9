// Records over REST: the shapes and errors that programs written for earlier records servers know, behind the same
// tokens as the tools.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { readChallenge, type JsonObject, type Log } from '@sallyport/protocol';
import { StorageUnavailable } from '@sallyport/storage';
import { restPaths } from '../src/rest/index.ts';
import { askMcp, connect, EMAIL, PASSWORD } from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

let house: House;
let token: string;
const PRESENT = '2027-01-15T08:00:00.000Z';

before(async () => {
  house = await openHouse();
  await house.addPerson(EMAIL, PASSWORD);
  token = (await connect(house, { scope: 'read write' })).tokens.access_token;
});
after(() => house.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
}

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly at?: House;
  readonly token?: string | undefined;
}

/** One request with the good token; a text is sent as it is, all else as JSON. */
async function rest(method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { body, at = house } = asked;
  const bearer = 'token' in asked ? asked.token : token;
  const response = await at.ask(`/api/v1/user/${path}`, {
    method,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...asked.headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as JsonObject),
  };
}

async function created(plural: string, body: JsonObject): Promise<JsonObject> {
  const answer = await rest('POST', plural, { body });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

async function refused(expected: readonly [number, string], asking: Promise<Answer>): Promise<void> {
  const { status, body } = await asking;
  assert.deepEqual([status, body], [expected[0], { error: expected[1] }]);
}

const nouns = ['item', 'client', 'tag'] as const;
const capital = (noun: string): string => noun.charAt(0).toUpperCase() + noun.slice(1);

describe('the profile', () => {
  it('is who the token is for, without the password or the role', async () => {
    const { status, headers, body } = await rest('GET', 'profile');
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'application/json');
    assert.equal(headers.get('cache-control'), 'no-store');
    const user = await house.storage.findUserByEmail(EMAIL);
    assert.deepEqual(body, {
      id: user?.id,
      email: EMAIL,
      name: user?.name,
      created: PRESENT,
      updated: PRESENT,
    });
  });
});

for (const noun of nouns) {
  const plural = `${noun}s`;

  describe(plural, () => {
    it('are created, found, listed, changed and deleted', async () => {
      const first = await created(plural, { name: ' First ' });
      const second = await created(plural, { name: 'Second' });
      assert.equal(first['name'], 'First');
      assert.deepEqual((await rest('GET', `${plural}/${String(first['id'])}`)).body, first);
      const list = await rest('GET', `${plural}?limit=2`);
      assert.deepEqual(list.body, { [plural]: [second, first], page: 1, perPage: 2, count: 2 });
      assert.deepEqual((await rest('GET', `${plural}?limit=1&page=2`)).body[plural], [first]);

      house.clock.now += 60;
      const path = `${plural}/${String(first['id'])}`;
      const changed = await rest('PATCH', path, { body: { name: 'Renamed', id: second['id'], user: 'x' } });
      house.clock.now -= 60;
      assert.equal(changed.status, 200);
      assert.deepEqual(changed.body, { ...first, name: 'Renamed', updated: '2027-01-15T08:01:00.000Z' });

      const deleted = await rest('DELETE', path);
      assert.deepEqual([deleted.status, deleted.body], [204, {}]);
      assert.equal(deleted.headers.get('content-type'), null);
      const lost = [404, `${capital(noun)} not found`] as const;
      await refused(lost, rest('GET', path));
      await refused(lost, rest('PATCH', path, { body: { name: 'x' } }));
      await refused(lost, rest('DELETE', path));
      assert.deepEqual((await rest('GET', `${plural}/${String(second['id'])}`)).body, second);
    });

    it('need a name', async () => {
      const required = [400, `${capital(noun)} name is required`] as const;
      await refused(required, rest('POST', plural, { body: {} }));
      await refused(required, rest('POST', plural, { body: { name: '  ' } }));
      const { id } = await created(plural, { name: 'x' });
      await refused(required, rest('PATCH', `${plural}/${String(id)}`, { body: { name: '' } }));
    });

    it('of another person are refused, and in no list', async () => {
      const { storage } = house;
      const theirs = { id: `their-${noun}`, userId: 'other', name: 'Theirs', content: '', tags: [] };
      const other = { id: 'other', email: 'other@example.com', name: 'Other', role: 'member' as const };
      const times = { createdAt: house.clock.now, updatedAt: house.clock.now };
      await storage.addUser({ ...other, ...times });
      if (noun === 'item') await storage.addItem({ ...theirs, ...times });
      if (noun === 'client') await storage.addRecordsClient({ ...theirs, ...times });
      if (noun === 'tag') await storage.addTag({ ...theirs, ...times });
      const denied = [403, `Access denied: This ${noun} does not belong to you`] as const;
      await refused(denied, rest('GET', `${plural}/their-${noun}`));
      await refused(denied, rest('PATCH', `${plural}/their-${noun}`, { body: { name: 'Mine' } }));
      await refused(denied, rest('DELETE', `${plural}/their-${noun}`));
      const { body } = await rest('GET', `${plural}?limit=100`);
      assert.ok(!JSON.stringify(body).includes('Theirs'));
      await storage.removeUser('other');
    });

    it('are listed by pages of 1 to 100, and nothing else is guessed', async () => {
      const full = await rest('GET', plural);
      assert.equal(full.body['perPage'], 50);
      for (const query of [
        'limit=0',
        'limit=101',
        'limit=-1',
        'limit=1.5',
        'limit=',
        'limit=x',
        'page=0',
        'page=99999999999999999999',
      ])
        assert.equal((await rest('GET', `${plural}?${query}`)).status, 400, query);
      await refused(
        [400, 'A parameter of the query was sent twice.'],
        rest('GET', `${plural}?page=1&page=2`),
      );
      assert.equal((await rest('GET', `${plural}?limit=100&page=7&other=x`)).status, 200);
    });

    it('name the methods that they take', async () => {
      const sentence = 'This address does not take this method; the Allow header lists those it takes.';
      const all = await rest('PUT', plural, { body: {} });
      assert.deepEqual([all.status, all.body], [405, { error: sentence }]);
      assert.equal(all.headers.get('allow'), 'GET, POST, HEAD');
      const one = await rest('POST', `${plural}/x`, { body: {} });
      assert.equal(one.status, 405);
      assert.equal(one.headers.get('allow'), 'GET, PATCH, DELETE, HEAD');
    });
  });
}

describe('tags on items and clients', () => {
  it('go out whole, under the name that each has had', async () => {
    const tag = await created('tags', { name: 'Urgent' });
    const tags = [tag['id']];
    const item = await created('items', { name: 'x', content: 'Text', tags });
    const { user } = tag;
    assert.deepEqual(item, {
      id: item['id'],
      name: 'x',
      content: 'Text',
      tags: [tag],
      user,
      created: PRESENT,
      updated: PRESENT,
    });
    for (const given of [{ tags }, { accessTags: tags }]) {
      const client = await created('clients', { name: 'x', ...given });
      assert.deepEqual(client, {
        id: client['id'],
        name: 'x',
        accessTags: [tag],
        user,
        created: PRESENT,
        updated: PRESENT,
      });
    }
    const path = `items/${String(item['id'])}`;
    assert.equal((await rest('DELETE', `tags/${String(tag['id'])}`)).status, 204);
    assert.deepEqual((await rest('GET', path)).body['tags'], []);
  });

  it('must exist and be one’s own, or nothing is written', async () => {
    const before = await rest('GET', 'items');
    await refused([400, 'Tag not found'], rest('POST', 'items', { body: { name: 'x', tags: ['nothing'] } }));
    const other = { id: 'other', email: 'other@example.com', name: 'Other', role: 'member' as const };
    const times = { createdAt: 1, updatedAt: 1 };
    await house.storage.addUser({ ...other, ...times });
    await house.storage.addTag({ id: 'foreign', userId: 'other', name: 'x', ...times });
    await refused(
      [403, 'Access denied: This tag does not belong to you'],
      rest('POST', 'items', { body: { name: 'x', tags: ['foreign'] } }),
    );
    await house.storage.removeUser('other');
    assert.deepEqual((await rest('GET', 'items')).body, before.body);
  });
});

describe('a body', () => {
  it('must be a JSON object, announced as such, of at most 1 MiB', async () => {
    const unreadable = [400, 'The body is not a JSON object.'] as const;
    for (const body of ['', '{', 'null', '[]', '"name"', '1', '{"name":"x"} x'])
      await refused(unreadable, rest('POST', 'items', { body }));
    const broken = { method: 'POST', body: new Uint8Array([0x7b, 0xff, 0x7d]) };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    assert.equal((await house.ask('/api/v1/user/items', { ...broken, headers })).status, 400);
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      'x; application/json',
    ])
      await refused(
        [415, 'The body must be JSON, with Content-Type: application/json.'],
        rest('POST', 'items', { body: { name: 'x' }, headers: { 'content-type': type } }),
      );
    const wide = { body: { name: 'x' }, headers: { 'content-type': 'Application/JSON; charset=utf-8' } };
    assert.equal((await rest('POST', 'tags', wide)).status, 201);
    const large = JSON.stringify({ name: 'x', content: 'y'.repeat(1024 * 1024) });
    await refused([413, 'The body is larger than 1 MiB.'], rest('POST', 'items', { body: large }));
  });

  it('may hold the largest item with every character escaped', async () => {
    const content = '\u0001'.repeat(100_000);
    const item = await created('items', { name: 'x', content });
    assert.equal((await rest('GET', `items/${String(item['id'])}`)).body['content'], content);
    await rest('DELETE', `items/${String(item['id'])}`);
  });

  it('that changes nothing, or names tags twice, is told so', async () => {
    const { id } = await created('clients', { name: 'x' });
    await refused(
      [400, 'Nothing to change: give one of name, tags, accessTags'],
      rest('PATCH', `clients/${String(id)}`, { body: { title: 'x' } }),
    );
    await refused(
      [400, 'tags and accessTags are two names of one thing: give one of them'],
      rest('PATCH', `clients/${String(id)}`, { body: { tags: [], accessTags: [] } }),
    );
    await refused(
      [400, 'content: Invalid input: expected string, received null'],
      rest('POST', 'items', { body: { name: 'x', content: null } }),
    );
  });

  it('whose members are named like those of every object makes nothing of them', async () => {
    const body = '{"name":"x","__proto__":{"user":"other"},"constructor":1}';
    const { status, body: tag } = await rest('POST', 'tags', { body });
    assert.equal(status, 201);
    assert.deepEqual(Object.keys(tag), ['id', 'name', 'user', 'created', 'updated']);
  });
});

describe('an address', () => {
  it('with an id that is none is an answer, not a failure', async () => {
    for (const id of ['%', '%ff', '%2Fprofile', "'%20OR%201=1", '%00', 'x%20y'])
      await refused([404, 'Item not found'], rest('GET', `items/${id}`));
    assert.equal((await rest('GET', `items/${'x'.repeat(65)}`)).status, 400);
  });

  it('below it there is nothing else, and no list for those without a token', async () => {
    for (const path of ['items/', 'items/x/tags', 'agent', 'users'])
      assert.equal((await rest('GET', path)).status, 404, path);
    assert.equal((await house.ask('/api/agent?client=x&user=y')).status, 404);
  });
});

describe('the token', () => {
  const METADATA = 'http://localhost:8000/.well-known/oauth-protected-resource/mcp';

  it('is asked for on every path and method, before anything is read', async () => {
    for (const [method, path] of [
      ['GET', 'profile'],
      ['GET', 'items'],
      ['POST', 'clients'],
      ['PATCH', 'tags/x'],
      ['DELETE', 'items/x'],
    ] as const) {
      const { status, headers } = await rest(method, path, { token: undefined });
      assert.equal(status, 401, path);
      const challenge = readChallenge(headers.get('www-authenticate'));
      assert.deepEqual(challenge, { scope: 'read', resource_metadata: METADATA });
    }
    for (const bad of ['nonsense', `${token}x`, 'a.b.c'])
      assert.equal((await rest('GET', 'items', { token: bad })).status, 401);
    const inQuery = await rest('GET', `items?access_token=${token}`, { token: undefined });
    assert.equal(inQuery.status, 400);
  });

  it('with `read` reads, and is told that all else needs `write`', async () => {
    const { tokens } = await connect(house, { scope: 'read' });
    const reader = { token: tokens.access_token };
    const { id } = await created('items', { name: 'x' });
    assert.equal((await rest('GET', `items/${String(id)}`, reader)).status, 200);
    for (const [method, path] of [
      ['POST', 'items'],
      ['PATCH', `items/${String(id)}`],
      ['DELETE', `items/${String(id)}`],
      ['POST', 'tags'],
    ] as const) {
      const { status, headers, body } = await rest(method, path, { ...reader, body: { name: 'y' } });
      assert.equal(status, 403);
      assert.equal(body['error'], 'insufficient_scope');
      const challenge = readChallenge(headers.get('www-authenticate'));
      assert.equal(challenge?.error, 'insufficient_scope');
      assert.equal(challenge.scope, 'write');
    }
    assert.equal((await rest('GET', `items/${String(id)}`)).body['name'], 'x');
  });

  it('that expired, or was revoked, is good no more', async () => {
    const { tokens, client } = await connect(house);
    const reader = { token: tokens.access_token };
    assert.equal((await rest('GET', 'profile', reader)).status, 200);
    await house.ask('/oauth/revoke', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: tokens.refresh_token, client_id: client.client_id }).toString(),
    });
    assert.equal((await rest('GET', 'profile', reader)).status, 401);
    house.clock.now += 3600;
    assert.equal((await rest('GET', 'profile')).status, 401);
    house.clock.now -= 3600;
  });

  it('is in no line of the log', () => {
    assert.ok(!JSON.stringify(house.events).includes(token));
  });
});

describe('several servers', () => {
  const records = { title: 'Records', toolset: 'records' as const };
  const one = { ...records, name: 'one', path: '/mcp/one', default: false };
  const two = { ...records, name: 'two', path: '/mcp/two', default: false };

  async function tokensOfBoth(servers: readonly (typeof one)[]) {
    const at = await openHouse({ configure: (config) => ({ ...config, servers }) });
    await at.addPerson(EMAIL, PASSWORD);
    const tokenFor = async (path: string) =>
      (await connect(at, { resource: `${at.origin}${path}` })).tokens.access_token;
    return { at, ofOne: await tokenFor('/mcp/one'), ofTwo: await tokenFor('/mcp/two') };
  }

  it('the default one answers over REST, and takes its own tokens only', async () => {
    const { at, ofOne, ofTwo } = await tokensOfBoth([one, { ...two, default: true }]);
    assert.equal((await rest('GET', 'items', { at, token: ofTwo })).status, 200);
    assert.equal((await rest('GET', 'items', { at, token: ofOne })).status, 401);
    await at.close();
  });

  it('without a default one the first answers', async () => {
    const { at, ofOne, ofTwo } = await tokensOfBoth([one, two]);
    assert.equal((await rest('GET', 'items', { at, token: ofOne })).status, 200);
    assert.equal((await rest('GET', 'items', { at, token: ofTwo })).status, 401);
    await at.close();
  });

  it('of which none keeps records leave its paths away', () => {
    const { guard } = { guard: {} as Parameters<typeof restPaths>[0]['servers'][number]['guard'] };
    const log: Log = () => {};
    const { origin: publicUrl, storage } = house;
    const paths = restPaths({
      publicUrl,
      storage,
      log,
      servers: [{ guard, toolset: { id: 'other' } }],
      isDelegated: false,
    });
    assert.deepEqual(
      paths.map(({ path }) => path),
      ['/oauth/validate', '/api/oauth/client-info/:client_id'],
    );
  });
});

describe('web pages', () => {
  it('are allowed every method and read every answer, errors included', async () => {
    const preflight = await house.ask('/api/v1/user/items/x', {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost:3000',
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    assert.equal(preflight.status, 204);
    const allowed = preflight.headers.get('access-control-allow-methods') ?? '';
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) assert.ok(allowed.includes(method), method);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/i);
    for (const { headers } of [
      await rest('GET', 'items'),
      await rest('GET', 'items', { token: undefined }),
      await rest('GET', 'items/none'),
      await rest('POST', 'items', { body: '{' }),
      await rest('PUT', 'items'),
      await rest('DELETE', `tags/${String((await created('tags', { name: 'x' }))['id'])}`),
    ]) {
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.match(headers.get('access-control-expose-headers') ?? '', /WWW-Authenticate/);
    }
  });

  it('of strangers are refused as they are at the MCP URL', async () => {
    const headers = { origin: 'https://evil.example.com' };
    assert.equal((await rest('GET', 'items', { headers })).status, 403);
  });
});

describe('a record made over REST', () => {
  it('is the same as a tool sees, and the other way round', async () => {
    const tag = await created('tags', { name: 'Shared' });
    const item = await created('items', { name: 'Shared', tags: [tag['id']] });
    const call = async (name: string, args: object) => {
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } };
      const answer = (await (await askMcp(house, token, body)).json()) as {
        result: { structuredContent: JsonObject };
      };
      return answer.result.structuredContent;
    };
    assert.deepEqual(await call('get_user_item', { id: item['id'] }), item);
    const client = await call('create_user_client', { name: 'Shared', tags: [tag['id']] });
    assert.deepEqual((await rest('GET', `clients/${String(client['id'])}`)).body, client);
  });
});

describe('a store that is away', () => {
  it('is 503 with Retry-After, never a false 401 or 404', async () => {
    let isAway = false;
    const at = await openHouse({
      rig: (storage) =>
        new Proxy(storage, {
          get(target, name, receiver) {
            const member: unknown = Reflect.get(target, name, receiver);
            if (typeof member !== 'function' || name === 'onChange' || name === 'openCounter' || !isAway)
              return member;
            return () => Promise.reject(new StorageUnavailable('away'));
          },
        }),
    });
    await at.addPerson(EMAIL, PASSWORD);
    const { tokens, client } = await connect(at, { scope: 'read write' });
    const asked = { at, token: tokens.access_token };
    assert.equal((await rest('GET', 'items', asked)).status, 200);
    isAway = true;
    for (const response of [
      await rest('GET', 'items', asked),
      await rest('POST', 'items', { ...asked, body: { name: 'x' } }),
      await rest('DELETE', 'tags/x', asked),
      await at.ask(`/api/oauth/client-info/${client.client_id}`),
    ]) {
      assert.equal(response.status, 503);
      assert.ok(Number(response.headers.get('retry-after')) > 0);
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
    }
    isAway = false;
    assert.deepEqual((await rest('GET', 'items', asked)).body['items'], []);
    await at.close();
  });
});

describe('the OpenAPI document', () => {
  type Described = Readonly<Record<string, Record<string, JsonObject>>>;

  it('describes every path and method, each with its scope, for everybody to read', async () => {
    const response = await house.ask('/api/v1/openapi.json');
    assert.equal(response.status, 200);
    assert.match(response.headers.get('cache-control') ?? '', /^public/);
    const document = (await response.json()) as JsonObject & { paths: Described };
    assert.equal(document['openapi'], '3.1.0');
    assert.deepEqual(document['servers'], [{ url: house.origin }]);
    const found = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => [method, path, JSON.stringify(security)]),
    );
    const [read, write] = ['read', 'write'].map((scope) => JSON.stringify([{ oauth: [scope] }]));
    assert.deepEqual(found, [
      ['get', '/api/v1/user/profile', read],
      ...nouns.flatMap((noun) => [
        ['get', `/api/v1/user/${noun}s`, read],
        ['post', `/api/v1/user/${noun}s`, write],
        ['get', `/api/v1/user/${noun}s/{id}`, read],
        ['patch', `/api/v1/user/${noun}s/{id}`, write],
        ['delete', `/api/v1/user/${noun}s/{id}`, write],
      ]),
    ]);
    assert.ok(!JSON.stringify(document).includes('$schema'));
  });

  it('has the schemas that requests and answers fit', async () => {
    const { paths } = (await (await house.ask('/api/v1/openapi.json')).json()) as { paths: Described };
    const validator = new AjvJsonSchemaValidator();
    const fits = (described: unknown, value: unknown) => {
      const { content } = described as { content: Record<string, { schema: JsonObject }> };
      return validator.getValidator(content['application/json']!.schema)(value).valid;
    };
    const responsesOf = (path: string, method: string) =>
      paths[`/api/v1/user/${path}`]![method]!['responses'] as Record<string, unknown>;
    const tag = await created('tags', { name: 'x' });
    for (const noun of nouns) {
      const body = { name: 'x', ...(noun !== 'tag' && { tags: [tag['id']] }) };
      const { requestBody } = paths[`/api/v1/user/${noun}s`]!['post']!;
      assert.equal(fits(requestBody, body), true);
      assert.equal(fits(requestBody, {}), false);
      const record = await created(`${noun}s`, body);
      assert.equal(fits(responsesOf(`${noun}s`, 'post')['201'], record), true);
      assert.equal(fits(responsesOf(`${noun}s/{id}`, 'get')['200'], record), true);
      assert.equal(fits(responsesOf(`${noun}s/{id}`, 'patch')['200'], { ...record, more: 1 }), false);
      assert.equal(fits(responsesOf(`${noun}s`, 'get')['200'], (await rest('GET', `${noun}s`)).body), true);
      const change = paths[`/api/v1/user/${noun}s/{id}`]!['patch']!['requestBody'];
      assert.equal(fits(change, { name: 'y' }), true);
      assert.equal(fits(change, { name: 1 }), false);
    }
  });
});
