// docs/moving-from-axiom.md, step by step: its configuration, its script, and what it says of each address, played by a
// client of the earlier server.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { JsonObject } from '@sallyport/protocol';
import { readDocument } from '../../../tools/docs.ts';
import { loadConfig, type Config } from '../src/config/index.ts';
import { leftTo, openBrowserAt, pageOf } from './house/browser.ts';
import {
  authorizationUrl,
  authorizeAndAllow,
  connect,
  EMAIL,
  errorOf,
  PASSWORD,
  redeem,
  refresh,
  register,
  signInAt,
  type Registered,
} from './house/client.ts';
import { openListeningHouse } from './house/listening-house.ts';
import { openHouse, type House } from './house/open-house.ts';
import { call, listsTheTools, readsTheProfile } from './interop/tools.ts';
import { personAt } from './interop/person.ts';
import { startNode } from './program/run.ts';

const path = 'docs/moving-from-axiom.md';
const root = join(import.meta.dirname, '../../..');
const document = readDocument(path, readFileSync(join(root, path), 'utf8'));

function fence(language: string): string {
  const found = document.fences.filter((one) => one.language === language);
  assert.equal(found.length, 1, `${path} has ${found.length} examples of ${language}`);
  return found[0]!.text;
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-moving-'));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'sallyport.yaml'), fence('yaml'));
const documented: Config = loadConfig({ environment: {}, cwd: folder });

const chatgpt = 'https://chatgpt.com/connector_platform_oauth_redirect';
const days = 86_400;

describe('a server that is configured as the document says', () => {
  let house: House;
  let client: Registered;
  let access_token: string;
  let refresh_token: string;
  before(async () => {
    house = await openHouse({ configure: () => documented });
    await house.addPerson(EMAIL, PASSWORD);
  });
  after(() => house.close());

  const post = (to: string, body: URLSearchParams | object, token?: string) =>
    house.ask(to, {
      method: 'POST',
      headers: {
        ...(!(body instanceof URLSearchParams) && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: body instanceof URLSearchParams ? body : JSON.stringify(body),
    });
  const get = (from: string, token = access_token) =>
    house.ask(from, { headers: { authorization: `Bearer ${token}` } });

  it('is discovered at the earlier path, under one issuer', async () => {
    const response = await house.ask('/.well-known/oauth-authorization-server', {
      headers: { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'api.example.com' },
    });
    const metadata = (await response.json()) as JsonObject;
    assert.equal(metadata['issuer'], 'https://mcp.example.com');
    for (const name of ['register', 'authorize', 'token'])
      assert.ok(Object.values(metadata).includes(`https://mcp.example.com/oauth/${name}`), name);
    assert.deepEqual(metadata['code_challenge_methods_supported'], ['S256']);
  });

  it('registers a client that says nothing of grants, at both addresses', async () => {
    const metadata = {
      client_name: 'ChatGPT',
      redirect_uris: [chatgpt],
      token_endpoint_auth_method: 'none',
    };
    for (const to of ['/register', '/oauth/register']) {
      const response = await post(to, metadata);
      assert.equal(response.status, 201);
      client = (await response.json()) as Registered;
      assert.equal(client['token_endpoint_auth_method'], 'none');
      assert.equal(client.client_secret, undefined);
    }
    const silent = await register(house, { token_endpoint_auth_method: undefined });
    assert.equal(silent['token_endpoint_auth_method'], 'client_secret_basic');
    assert.ok(silent.client_secret);
  });

  it('tells what a client calls itself, and that it does not know another', async () => {
    const known = await house.ask(`/api/oauth/client-info/${client.client_id}`);
    assert.deepEqual(await known.json(), { client_id: client.client_id, client_name: 'ChatGPT' });
    const unknown = await house.ask('/api/oauth/client-info/chatgpt');
    assert.equal(unknown.status, 404);
    assert.equal(await errorOf(unknown), 'client_not_found');
  });

  it('signs in at /auth, and goes where return_to says', async () => {
    const browser = openBrowserAt(house);
    const wanted = '/?after=signing-in';
    const page = pageOf(await browser.open(`/auth?return_to=${encodeURIComponent(wanted)}`));
    const arrived = pageOf(await browser.submit(page, { email: EMAIL, password: PASSWORD }));
    assert.equal(arrived.url.pathname + arrived.url.search, wanted);
    assert.match(arrived.html, new RegExp(EMAIL));
  });

  it('gives an opaque token for 90 days and for reading, at the short addresses too', async () => {
    const asked = authorizationUrl(client, { redirect_uri: chatgpt, scope: 'read' });
    const browser = openBrowserAt(house);
    const consent = await signInAt(browser, await browser.open(asked.url.replace('/oauth/', '/')));
    assert.match(pageOf(consent).html, /ChatGPT/);
    const { searchParams } = leftTo(await browser.submit(pageOf(consent), { decision: 'allow' }));
    assert.equal(searchParams.get('state'), asked.state);
    assert.equal(searchParams.get('iss'), 'https://mcp.example.com');
    const form = {
      grant_type: 'authorization_code',
      client_id: client.client_id,
      redirect_uri: chatgpt,
      code: searchParams.get('code')!,
      code_verifier: asked.code_verifier,
    };
    const response = await post('/token', new URLSearchParams(form));
    assert.equal(response.status, 200, await response.clone().text());
    const tokens = (await response.json()) as JsonObject;
    access_token = tokens['access_token'] as string;
    refresh_token = tokens['refresh_token'] as string;
    assert.match(access_token, /^[\w-]{48,}$/);
    assert.equal(tokens['token_type'], 'Bearer');
    assert.equal(tokens['expires_in'], 7_776_000);
    assert.equal(tokens['scope'], 'read');
  });

  it('tells whose a token is and until when', async () => {
    const validated = await post('/oauth/validate', {}, access_token);
    const user = await house.storage.findUserByEmail(EMAIL);
    assert.deepEqual(await validated.json(), {
      valid: true,
      user_id: user?.id,
      expires_at: new Date((house.clock.now + 90 * days) * 1000).toISOString(),
    });
    const refused = await post('/oauth/validate', {}, 'made-up');
    assert.equal(refused.status, 401);
    assert.equal(await errorOf(refused), 'invalid_token');
  });

  it('answers REST as before, for reading', async () => {
    const profile = (await (await get('/api/v1/user/profile')).json()) as JsonObject;
    assert.equal(profile['email'], EMAIL);
    for (const kind of ['items', 'clients', 'tags']) {
      const list = await get(`/api/v1/user/${kind}`);
      assert.deepEqual(await list.json(), { [kind]: [], page: 1, perPage: 50, count: 0 });
    }
    const refused = await post('/api/v1/user/tags', { name: 'Dairy' }, access_token);
    assert.equal(refused.status, 403);
    assert.match(refused.headers.get('www-authenticate')!, /insufficient_scope.*scope="write"/);
    const writer = await connect(house, { scope: 'read write' });
    const created = await post('/api/v1/user/tags', { name: 'Dairy' }, writer.tokens.access_token);
    assert.equal(created.status, 201);
    const { id } = (await created.json()) as JsonObject;
    assert.equal(((await (await get(`/api/v1/user/tags/${String(id)}`)).json()) as JsonObject)['id'], id);
  });

  const transports = {
    'SSE at /sse': (init: object) => new SSEClientTransport(new URL('/sse', house.origin), init),
    'SSE at /mcp': (init: object) => new SSEClientTransport(new URL('/mcp', house.origin), init),
    'streamable HTTP at /mcp': (init: object) =>
      new StreamableHTTPClientTransport(new URL('/mcp', house.origin), init),
  };
  for (const [transport, open] of Object.entries(transports))
    it(`speaks MCP over ${transport} with that token`, async () => {
      const mcp = new Client({ name: 'earlier', version: '1.0.0' });
      const headers = { authorization: `Bearer ${access_token}` };
      const through = (url: string | URL, init?: RequestInit) => house.ask(String(url), init);
      await mcp.connect(open({ requestInit: { headers }, fetch: through }));
      await listsTheTools(mcp);
      await readsTheProfile(mcp, EMAIL);
      await assert.rejects(call(mcp, 'create_user_item', { name: 'Milk' }));
      await mcp.close();
    });

  it('is well at /health, and has nothing at /api/agent', async () => {
    assert.deepEqual(await (await house.ask('/health')).json(), { status: 'ok' });
    const agent = await house.ask('/api/agent?client=1&user=1');
    assert.equal(agent.status, 404);
    assert.ok(!(await agent.text()).includes('Dairy'));
  });

  it('refuses what was let through: no PKCE, a wrong verifier, unknown clients, inexact redirect URIs', async () => {
    const browser = openBrowserAt(house);
    const without = { redirect_uri: chatgpt, code_challenge: undefined, code_challenge_method: undefined };
    const refused = leftTo(await browser.open(authorizationUrl(client, without).url));
    assert.equal(refused.searchParams.get('error'), 'invalid_request');
    assert.equal(refused.searchParams.get('code'), null);

    const { code } = await authorizeAndAllow(house, client, { redirect_uri: chatgpt });
    const other = authorizationUrl(client).code_verifier;
    const form = { grant_type: 'authorization_code', client_id: client.client_id, redirect_uri: chatgpt };
    const wrong = await post('/oauth/token', new URLSearchParams({ ...form, code, code_verifier: other }));
    assert.equal(await errorOf(wrong), 'invalid_grant');

    const stranger = authorizationUrl({ client_id: 'chatgpt' }, { redirect_uri: chatgpt });
    assert.match(pageOf(await browser.open(stranger.url)).html, /not known here/);
    for (const redirect_uri of [`${chatgpt}/`, chatgpt.toUpperCase()]) {
      const page = pageOf(await browser.open(authorizationUrl(client, { redirect_uri }).url));
      assert.equal(page.status, 400);
      assert.match(page.html, /return address/);
    }
  });

  it('refuses a token in the query, and says where to get one when there is none', async () => {
    assert.equal((await house.ask(`/api/v1/user/profile?access_token=${access_token}`)).status, 400);
    const challenge = (await house.ask('/sse')).headers.get('www-authenticate')!;
    assert.match(challenge, /resource_metadata="https:\/\/mcp\.example\.com\/\.well-known\//);
    assert.match(challenge, /scope="read"/);
  });

  it('lets a token live for 90 days and not longer, and a client with a refresh token go on', async () => {
    house.clock.now += 90 * days - 1;
    assert.equal((await get('/api/v1/user/profile')).status, 200);
    house.clock.now += 1;
    assert.equal((await get('/api/v1/user/profile')).status, 401);
    const answer = await refresh(house, client, refresh_token);
    assert.equal(answer.status, 200);
    const tokens = (await answer.json()) as JsonObject;
    assert.equal((await get('/api/v1/user/profile', tokens['access_token'] as string)).status, 200);
  });

  it('ends what a code gave that is used twice', async () => {
    const { code, code_verifier } = await authorizeAndAllow(house, client, { redirect_uri: chatgpt });
    const tokens = await redeem(house, client, code, code_verifier, chatgpt);
    assert.equal((await get('/api/v1/user/profile', tokens.access_token)).status, 200);
    await assert.rejects(redeem(house, client, code, code_verifier, chatgpt), /invalid_grant/);
    assert.equal((await get('/api/v1/user/profile', tokens.access_token)).status, 401);
  });
});

describe('the script of the document', () => {
  it('moves tags, clients and items of one person, in their order, once that person has allowed it', async (t) => {
    // Its answers have the shapes of the earlier server (docs/records.md), so that one can stand for the other here.
    const earlier = await openListeningHouse();
    t.after(() => earlier.close());
    const house = await openListeningHouse({
      configure: ({ publicUrl, listen }) => ({ ...documented, publicUrl, listen }),
    });
    t.after(() => house.close());
    const person = await personAt(house);
    await earlier.addPerson(EMAIL, PASSWORD);
    const old = (await connect(earlier, { scope: 'read write' })).tokens.access_token;
    const records = recordsAt(earlier, old);
    const [cold, dairy] = [await records.create('tags', 'Cold'), await records.create('tags', 'Dairy')];
    await records.create('clients', 'Example Ltd', { tags: [cold['id']] });
    for (let n = 1; n <= 101; n += 1) await records.create('items', `Item ${n}`);
    await records.create('items', 'Milk', { content: '<p>Two litres</p>', tags: [dairy['id'], cold['id']] });

    writeFileSync(join(folder, 'move-records.mjs'), fence('js'));
    const environment = { OLD_URL: earlier.origin, OLD_TOKEN: old, NEW_URL: house.origin };
    const script = startNode(['move-records.mjs'], { cwd: folder, environment });
    const [url] = await script.says(/^http:\S+$/m);
    await person.allowAndReturn(new URL(url), /Move records/, /a program on this computer/);
    const { code, stdout, stderr } = await script.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^tags: 2\nclients: 1\nitems: 102\n$/m);
    assert.ok(!(stdout + stderr).includes(old));

    const fresh = (await connect(house)).tokens.access_token;
    const moved = recordsAt(house, fresh);
    for (const kind of ['tags', 'clients', 'items'] as const)
      assert.deepEqual(await moved.list(kind), await records.list(kind), kind);
    assert.equal((await moved.list('items')).length, 102);
  });
});

type Kind = 'tags' | 'clients' | 'items';

function recordsAt(house: House, token: string) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = async (path: string, init: RequestInit = {}): Promise<JsonObject> => {
    const response = await house.ask(`/api/v1/user/${path}`, { headers, ...init });
    assert.ok(response.ok, `${path}: ${response.status}`);
    return (await response.json()) as JsonObject;
  };
  return {
    create: (kind: Kind, name: string, more: object = {}) =>
      ask(kind, { method: 'POST', body: JSON.stringify({ name, ...more }) }),
    /** Without what is another server's: ids and times. */
    async list(kind: Kind): Promise<JsonObject[]> {
      const pages = [await ask(`${kind}?limit=100`), await ask(`${kind}?limit=100&page=2`)];
      return pages.flatMap((page) => page[kind] as JsonObject[]).map(withoutIds);
    },
  };
}

function withoutIds({ name, content, tags, accessTags }: JsonObject): JsonObject {
  const names = ((tags ?? accessTags ?? []) as JsonObject[]).map((tag) => String(tag['name']));
  return { name, content, tags: names.toSorted() };
}
