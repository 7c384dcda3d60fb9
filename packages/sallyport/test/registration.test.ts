// The registration ladder on the whole house: each mode and each way of coming, initial access tokens, approval, identical
// registrations, and a registration that its client looks after itself (RFC 7591, RFC 7592).
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { addInitialAccessToken } from '@sallyport/authorization-server';
import { StorageUnavailable } from '@sallyport/storage';
import { json, openWorld, PUBLIC_ADDRESS } from '../../guarded-fetch/test/world.ts';
import { openBrowserAt, pageOf } from './house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  connect,
  EMAIL,
  errorOf,
  PASSWORD,
  redeem,
  refresh,
  REDIRECT_URI,
  type Registered,
} from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';
import { storesOfHouse } from './house/stores.ts';

const HOST = 'app.example.com';
const OTHER_HOST = 'other.example.com';
const configured = 'configured-initial-access-token';

async function houseIn(
  t: TestContext,
  mode: string | undefined,
  environment: Readonly<Record<string, string>> = {},
  options: HouseOptions = {},
): Promise<House> {
  const house = await openHouse({
    environment: { ...(mode !== undefined && { SALLYPORT_REGISTRATION_MODE: mode }), ...environment },
    ...options,
  });
  t.after(() => house.close());
  await house.addPerson(EMAIL, PASSWORD);
  return house;
}

const metadata = {
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: 'none',
  client_name: 'Example client',
};

const askRegister = (
  house: Pick<House, 'ask'>,
  { token, header, ...more }: { token?: string; header?: string; [member: string]: unknown } = {},
): Promise<Response> => {
  const authorization = header ?? (token === undefined ? undefined : `Bearer ${token}`);
  return house.ask('/oauth/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
    body: JSON.stringify({ ...metadata, ...more }),
  });
};

async function registered(response: Response): Promise<Registered> {
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()) as Registered;
}

const ask = async (house: House, client_id: string) =>
  pageOf(await openBrowserAt(house).open(authorizationUrl({ client_id }).url));

const tokenNamed = async (
  house: House,
  name: string,
  given: { expiresAt?: number; maxUses?: number } = {},
): Promise<string> => {
  const made = await addInitialAccessToken(house.storage, { name, ...given }, house.clock.now);
  assert.ok(made !== 'taken');
  return made.initial_access_token;
};

const onlyThisHost = { SALLYPORT_REGISTRATION_METADATA_DOCUMENTS_ALLOWED_HOSTS: HOST };

describe('each mode lets in whom it says', () => {
  const waits = 'waits for approval';
  const signIn = 'Sign in';
  const rows = [
    // mode, a stranger, with a wrong token, with a good one, a document of an allowed host, of another host
    ['open', 201, 201, 201, signIn, signIn],
    ['token', 401, 401, 201, 'not known here', 'not known here'],
    ['metadata-documents', 401, 401, 201, signIn, 'not allowed here'],
    ['approval', waits, waits, 201, waits, waits],
    ['closed', 403, 403, 403, 'not known here', 'not known here'],
  ] as const;
  for (const [mode, stranger, wrong, good, here, elsewhere] of rows)
    it(mode, async (t) => {
      const world = await openWorld([HOST, OTHER_HOST]);
      t.after(() => world.close());
      for (const host of [HOST, OTHER_HOST]) {
        world.names.set(host, [PUBLIC_ADDRESS]);
        const client_id = `https://${host}/client.json`;
        world.pages.set(
          `${host}/client.json`,
          json({ client_id, client_name: 'Published', redirect_uris: [REDIRECT_URI] }),
        );
      }
      const house = await houseIn(t, mode, mode === 'metadata-documents' ? onlyThisHost : {}, {
        network: world.network,
      });
      const token = await tokenNamed(house, 'ci');
      const outcome = async (response: Response): Promise<unknown> => {
        if (response.status !== 201) return response.status;
        const { client_id } = (await response.json()) as Registered;
        const page = await ask(house, client_id);
        return page.status === 403 ? waits : 201;
      };
      assert.deepEqual(
        [
          await outcome(await askRegister(house, { client_name: 'One' })),
          await outcome(await askRegister(house, { client_name: 'Two', token: 'wrong' })),
          await outcome(await askRegister(house, { client_name: 'Three', token })),
        ],
        [stranger, wrong, good],
      );
      for (const [host, expected] of [
        [HOST, here],
        [OTHER_HOST, elsewhere],
      ] as const) {
        const page = await ask(house, `https://${host}/client.json`);
        assert.match(page.html, new RegExp(expected), `${mode} ${host}`);
        assert.equal(page.status === 200, expected === signIn);
      }
      const document = (await (await house.ask('/.well-known/oauth-authorization-server')).json()) as object;
      assert.equal('registration_endpoint' in document, mode !== 'closed');
      assert.equal(
        'client_id_metadata_document_supported' in document,
        mode !== 'token' && mode !== 'closed',
      );
    });
});

describe('an initial access token', () => {
  it('that is missing or not good is a 401 with a challenge, which says what would pass', async (t) => {
    const house = await houseIn(t, 'token');
    const missing = await askRegister(house);
    assert.equal(missing.status, 401);
    assert.equal(missing.headers.get('www-authenticate'), 'Bearer');
    assert.equal(await errorOf(missing.clone()), 'invalid_token');
    assert.match(await missing.text(), /only with an initial access token/);
    assert.equal(missing.headers.get('access-control-allow-origin'), '*');
    const good = await tokenNamed(house, 'ci');
    for (const header of [
      'Bearer',
      'Bearer ',
      'Bearer  ',
      `bearer`,
      `Basic ${good}`,
      good,
      `Bearer ${good}x`,
      `Bearer ${good} ${good}`,
      `Bearer ${good},Bearer ${good}`,
      `Bearer "${good}"`,
      `Bearer ${'a'.repeat(20_000)}`,
      `Bearer ${good.toUpperCase()}`,
      'Bearer null',
      "Bearer ' OR 1=1 --",
    ]) {
      const response = await askRegister(house, { header });
      assert.equal(response.status, 401, header.slice(0, 60));
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token"/, header);
    }
    assert.deepEqual(await house.storage.listClients(), []);
    assert.equal((await askRegister(house, { header: `bearer   ${good} ` })).status, 201);
  });

  it('lets a client in, which is listed with its name and is nobody else’s', async (t) => {
    const house = await houseIn(t, 'token');
    const token = await tokenNamed(house, 'ci');
    const one = await registered(await askRegister(house, { token }));
    const other = await registered(await askRegister(house, { token }));
    assert.notEqual(one.client_id, other.client_id);
    assert.equal((await house.storage.findClient(one.client_id))?.registeredWith, 'ci');
    const [listed] = await house.storage.listInitialAccessTokens();
    assert.deepEqual([listed?.uses, listed?.lastUsedAt], [2, house.clock.now]);
    assert.ok(!JSON.stringify(listed).includes(token));
  });

  it('stops when it expires, is used up, or is revoked', async (t) => {
    const house = await houseIn(t, 'token');
    const expiring = await tokenNamed(house, 'expiring', { expiresAt: house.clock.now + 60 });
    const twice = await tokenNamed(house, 'twice', { maxUses: 2 });
    const revoked = await tokenNamed(house, 'revoked');
    for (const token of [expiring, twice, twice, revoked])
      assert.equal((await askRegister(house, { token })).status, 201);
    house.clock.now += 60;
    await house.storage.removeInitialAccessToken('revoked');
    for (const token of [expiring, twice, revoked]) {
      const response = await askRegister(house, { token });
      assert.equal(response.status, 401);
      assert.match(await response.text(), /expired, revoked, or used as often as it may be/);
    }
  });

  it('is not used by a registration that is refused', async (t) => {
    const house = await houseIn(t, 'token');
    const token = await tokenNamed(house, 'once', { maxUses: 1 });
    assert.equal((await askRegister(house, { token, redirect_uris: ['javascript:alert(1)'] })).status, 400);
    assert.equal((await askRegister(house, { token })).status, 201);
    assert.equal((await askRegister(house, { token })).status, 401);
  });

  it('may be in the configuration, which then means mode token; closed takes none', async (t) => {
    const environment = { OAUTH_DCR_ACCESS_TOKEN: configured };
    const house = await houseIn(t, undefined, environment);
    assert.equal(house.config.registration.mode, 'token');
    assert.equal((await askRegister(house)).status, 401);
    const { client_id } = await registered(await askRegister(house, { token: configured }));
    assert.equal((await house.storage.findClient(client_id))?.registeredWith, 'registration.accessToken');
    const open = await houseIn(t, undefined, { ...environment, OAUTH_DCR_MODE: 'open' });
    assert.equal((await askRegister(open)).status, 201);
    const isProtected = await houseIn(t, undefined, { ...environment, OAUTH_DCR_MODE: 'protected' });
    assert.equal((await askRegister(isProtected)).status, 401);
  });
});

describe('a client that waits for approval', () => {
  async function waiting(t: TestContext, more: Record<string, unknown> = {}) {
    const house = await houseIn(t, 'approval');
    return { house, client: await registered(await askRegister(house, more)) };
  }

  it('is shown to the person, who is not asked to sign in; nothing goes to the client', async (t) => {
    const { house, client } = await waiting(t, { client_name: 'App <b>\u202E' });
    const page = await ask(house, client.client_id);
    assert.equal(page.status, 403);
    assert.match(page.html, /waits for approval/);
    assert.match(page.html, /Unverified/);
    assert.ok(page.html.includes(client.client_id));
    assert.match(page.html, /client\.example\.com/);
    assert.ok(!page.html.includes('<b>\u202E') && !page.html.includes('type="password"'));
    assert.equal(page.headers.get('location'), null);
    const dead = {
      grant_type: 'authorization_code',
      client_id: client.client_id,
      code: 'x',
      code_verifier: 'x',
    };
    assert.equal(
      await errorOf(await askToken(house, { ...dead, redirect_uri: REDIRECT_URI })),
      'invalid_grant',
    );
    const events = house.events.filter(({ event }) => event === 'client_waiting');
    assert.deepEqual(
      events.map(({ facts }) => facts['client_id']),
      [client.client_id],
    );
  });

  it('goes on once it is approved, from the very page that it waited on', async (t) => {
    const { house, client } = await waiting(t);
    const browser = openBrowserAt(house);
    const { url } = authorizationUrl(client);
    assert.equal(pageOf(await browser.open(url)).status, 403);
    await house.storage.decideClient({
      client_id: client.client_id,
      decision: 'approved',
      now: house.clock.now,
    });
    assert.equal(pageOf(await browser.open(url)).status, 200);
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    assert.ok((await redeem(house, client, code, code_verifier)).access_token);
  });

  it('stays refused, whoever registers the same, until it is approved or removed', async (t) => {
    const { house, client } = await waiting(t);
    const { client_id } = client;
    await house.storage.decideClient({ client_id, decision: 'refused', now: house.clock.now });
    assert.match((await ask(house, client_id)).html, /is not allowed here/);
    for (const site of [house, house.from('198.51.100.9')]) {
      const again = await askRegister(site);
      assert.equal(again.status, 403);
      assert.equal(await errorOf(again.clone()), 'access_denied');
      assert.match(await again.text(), /has refused this app/);
    }
    // The operator vouches for this one.
    const token = await tokenNamed(house, 'ci');
    assert.equal((await askRegister(house, { token })).status, 201);
    await house.storage.removeClient(client_id);
    assert.equal((await askRegister(house)).status, 201);
  });

  it('has as many beside it as an operator can look through, and fifty in a day from one address', async (t) => {
    const house = await houseIn(t, 'approval', { SALLYPORT_RATE_LIMITS_REGISTRATIONS_PER_MINUTE: '1000' });
    const status = async (n: number, site: Pick<House, 'ask'> = house) =>
      (await askRegister(site, { client_name: `App ${n}` })).status;
    for (let n = 0; n < 50; n += 1) assert.equal(await status(n), 201);
    assert.equal(await status(50), 429);
    assert.equal(await status(49), 201, 'one that is there already costs nothing');
    assert.equal(await status(50, house.from('198.51.100.9')), 201);
    for (let n = 51; n < 500; n += 1)
      assert.equal(await status(n, house.from(`198.51.100.${Math.floor(n / 40)}`)), 201);
    const full = await askRegister(house.from('203.0.113.1'), { client_name: 'one too many' });
    assert.equal(full.status, 503);
    assert.equal(await errorOf(full), 'temporarily_unavailable');
  });

  it('is none of the fifty where its document is not there, or is no document', async (t) => {
    const world = await openWorld([HOST]);
    t.after(() => world.close());
    world.names.set(HOST, [PUBLIC_ADDRESS]);
    const house = await houseIn(t, 'approval', {}, { network: world.network });
    for (let n = 0; n < 60; n += 1) {
      if (n % 2 === 0) world.pages.set(`${HOST}/${n}.json`, json({ client_name: 'No client_id' }));
      assert.match((await ask(house, `https://${HOST}/${n}.json`)).html, /could not be checked/);
    }
    for (let n = 0; n < 50; n += 1)
      assert.equal((await askRegister(house, { client_name: `App ${n}` })).status, 201);
    assert.equal((await house.storage.listClients()).length, 50);
  });
});

describe('a client that is refused when it was in', () => {
  it('loses its tokens at once, drops them, and the person reads why', async (t) => {
    const house = await houseIn(t, 'open');
    const { client, tokens, browser } = await connect(house);
    const { client_id } = client;
    const [paused] = [pageOf(await browser.open(authorizationUrl(client, { prompt: 'consent' }).url))];
    await house.storage.decideClient({ client_id, decision: 'refused', now: house.clock.now });
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
    const refused = await refresh(house, client, tokens.refresh_token);
    // `invalid_client` would make it register anew.
    assert.equal(await errorOf(refused), 'invalid_grant');
    assert.match((await ask(house, client_id)).html, /is not allowed here/);
    const decided = pageOf(await browser.submit(paused, { decision: 'allow' }));
    assert.ok(decided.status >= 400);
    await house.storage.decideClient({ client_id, decision: 'approved', now: house.clock.now });
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
    assert.equal((await ask(house, client_id)).status, 200);
  });

  it('that guards a server elsewhere is told nothing of tokens any more', async (t) => {
    const house = await houseIn(t, 'open');
    const client = await registered(
      await askRegister(house, { token_endpoint_auth_method: 'client_secret_post' }),
    );
    const { client_id, client_secret = '' } = client;
    const introspect = () =>
      house.ask('/oauth/introspect', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ client_id, client_secret, token: 'x' }).toString(),
      });
    assert.equal((await introspect()).status, 200);
    await house.storage.decideClient({ client_id, decision: 'refused', now: house.clock.now });
    assert.equal(await errorOf(await introspect()), 'unauthorized_client');
  });
});

for (const { name, options, urlFor } of storesOfHouse)
  describe(`identical registrations, on ${name}`, options, () => {
    it('of a public client at once are one client, which nobody can manage', async (t) => {
      const house = await houseIn(t, 'open', {}, { storageUrl: await urlFor(t) });
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => askRegister(house).then(registered)),
      );
      assert.equal(new Set(answers.map(({ client_id }) => client_id)).size, 1);
      assert.equal((await house.storage.listClients()).length, 1);
      for (const answer of answers) assert.ok(!('registration_access_token' in answer));
    });

    it('with a token of three uses at once are three clients', async (t) => {
      const house = await houseIn(t, 'token', {}, { storageUrl: await urlFor(t) });
      const token = await tokenNamed(house, 'thrice', { maxUses: 3 });
      const answers = await Promise.all(Array.from({ length: 20 }, () => askRegister(house, { token })));
      const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
      assert.deepEqual(statuses, [...Array<number>(3).fill(201), ...Array<number>(17).fill(401)]);
      assert.equal((await house.storage.listClients()).length, 3);
    });
  });

describe('a registration whose answer is lost', () => {
  it('is found again when it is repeated, and a token is used once for each client that is there', async (t) => {
    const house = await houseIn(
      t,
      'open',
      {},
      {
        rig: (storage) => ({
          ...storage,
          async registerClient(registration) {
            await storage.registerClient(registration);
            throw new StorageUnavailable('The answer was lost.');
          },
        }),
      },
    );
    const lost = await askRegister(house);
    assert.equal(lost.status, 503);
    assert.match(lost.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    const again = await registered(await askRegister(house));
    assert.deepEqual(
      (await house.storage.listClients()).map(({ client_id }) => client_id),
      [again.client_id],
    );
    const token = await tokenNamed(house, 'ci', { maxUses: 2 });
    for (const _ of [1, 2]) assert.equal((await askRegister(house, { token })).status, 503);
    assert.equal((await house.storage.listInitialAccessTokens())[0]?.uses, 2);
    assert.equal((await house.storage.listClients()).length, 3);
  });
});

describe('a registration that is not quite identical', () => {
  it('is another client: another name, order of URIs, way to authenticate; a secret is never shared', async (t) => {
    const house = await houseIn(t, 'open');
    const redirect_uris = [REDIRECT_URI, 'https://client.example.com/second'];
    const asked = [
      {},
      { client_name: 'Another' },
      { redirect_uris },
      { redirect_uris: redirect_uris.toReversed() },
      { grant_types: ['authorization_code'] },
      { token_endpoint_auth_method: 'client_secret_post' },
      { token_endpoint_auth_method: 'client_secret_post' },
    ];
    const ids = new Set<string>();
    for (const more of asked) ids.add((await registered(await askRegister(house, more))).client_id);
    assert.equal(ids.size, asked.length);
    // What is not kept makes no difference.
    ids.add((await registered(await askRegister(house, { unknown: 1, logo_uri: 'javascript:x' }))).client_id);
    assert.equal(ids.size, asked.length);
  });

  it('nor is one of a day ago that nobody used, so that none is told a client_id that is about to be forgotten', async (t) => {
    const house = await houseIn(t, 'open');
    const first = await registered(await askRegister(house));
    house.clock.now += 24 * 3600 + 1;
    const second = await registered(await askRegister(house));
    assert.notEqual(second.client_id, first.client_id);
    const { code, code_verifier } = await authorizeAndAllow(house, second);
    await redeem(house, second, code, code_verifier);
    house.clock.now += 24 * 3600 + 1;
    assert.equal((await registered(await askRegister(house))).client_id, second.client_id);
  });
});

describe('a registration that its client looks after', () => {
  const secretly = { token_endpoint_auth_method: 'client_secret_post' };

  async function managed(t: TestContext, mode = 'open', more: Record<string, unknown> = secretly) {
    const house = await houseIn(t, mode);
    const client = await registered(await askRegister(house, more));
    const at = new URL(String(client['registration_client_uri'])).pathname;
    const token = String(client['registration_access_token']);
    const manage = (
      method: string,
      body?: object,
      given: { token?: string | undefined; path?: string } = { token },
    ) =>
      house.ask(given.path ?? at, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(given.token !== undefined && { authorization: `Bearer ${given.token}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
    const asIs = { ...metadata, ...more, client_id: client.client_id };
    return { house, client, token, at, manage, asIs };
  }

  it('is read with its own token, of which only the digest is kept', async (t) => {
    const { house, client, token, manage } = await managed(t);
    const response = await manage('GET');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const { client_secret: _, client_secret_expires_at: __, ...rest } = client;
    assert.deepEqual(await response.json(), rest);
    const kept = JSON.stringify(await house.storage.findClient(client.client_id));
    assert.ok(!kept.includes(token) && !kept.includes(client.client_secret!));
  });

  it('is nobody else’s: the same 401 for another’s token, none, a client that is not there or has no manager', async (t) => {
    const { house, token, at, manage, client } = await managed(t);
    const other = await registered(await askRegister(house, { ...secretly, client_name: 'Other' }));
    const shared = await registered(await askRegister(house));
    const bodies = new Set<string>();
    for (const method of ['GET', 'PUT', 'DELETE'])
      for (const given of [
        { token: undefined },
        { token: `${token}x` },
        { token: String(other['registration_access_token']) },
        { token: client.client_secret },
        { token, path: `/oauth/register/${other.client_id}` },
        { token, path: `/oauth/register/${shared.client_id}` },
        { token, path: '/oauth/register/nobody' },
        { token, path: `${at}%ff` },
        { token: '', path: `/oauth/register/${shared.client_id}` },
      ]) {
        const response = await manage(method, method === 'PUT' ? {} : undefined, given);
        assert.equal(response.status, 401, `${method} ${JSON.stringify(given)}`);
        assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/);
        bodies.add(await response.text());
      }
    assert.equal(bodies.size, 1);
    assert.equal((await house.storage.listClients()).length, 3);
    assert.equal((await manage('POST')).status, 405);
  });

  it('is replaced as a whole, by the rules of a registration, and keeps client_id and secret', async (t) => {
    const { house, client, token, manage, asIs } = await managed(t);
    const changed = { ...asIs, client_name: 'Renamed', redirect_uris: ['https://new.example.com/'] };
    const response = await manage('PUT', { ...changed, client_secret: client.client_secret });
    assert.equal(response.status, 200);
    const answer = (await response.json()) as Registered;
    assert.deepEqual(
      [answer.client_id, answer['client_name'], answer['registration_access_token'], answer.client_secret],
      [client.client_id, 'Renamed', token, undefined],
    );
    const before = await house.storage.findClient(client.client_id);
    for (const [body, error] of [
      [{ ...changed, client_id: undefined }, 'invalid_client_metadata'],
      [{ ...changed, client_id: 'other' }, 'invalid_client_metadata'],
      [{ ...changed, client_secret: 'chosen' }, 'invalid_client_metadata'],
      [{ ...changed, client_secret: null }, 'invalid_client_metadata'],
      [{ ...changed, redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
      [{ ...changed, redirect_uris: [] }, 'invalid_redirect_uri'],
      [{ ...changed, token_endpoint_auth_method: 'none' }, 'invalid_client_metadata'],
      [{ ...changed, client_name: 'x'.repeat(40_000) }, 'invalid_client_metadata'],
      [[], 'invalid_client_metadata'],
    ] as const) {
      const refused = await manage('PUT', body);
      assert.equal(refused.status, 400, JSON.stringify(body).slice(0, 200));
      assert.equal(await errorOf(refused), error);
    }
    assert.deepEqual(await house.storage.findClient(client.client_id), before);
    const moved = await manage('PUT', { ...changed, token_endpoint_auth_method: 'client_secret_basic' });
    assert.equal(moved.status, 200);
  });

  it('that returns to a new place is consented to anew', async (t) => {
    const { house, client, manage, asIs } = await managed(t);
    const secret = { client_secret: client.client_secret! };
    const { code, code_verifier, browser } = await authorizeAndAllow(house, client);
    const form = {
      grant_type: 'authorization_code',
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
    };
    assert.equal((await askToken(house, { ...form, ...secret, code, code_verifier })).status, 200);
    assert.ok(!('html' in (await browser.open(authorizationUrl(client).url))), 'consent was remembered');
    const redirect_uri = 'https://new.example.com/';
    assert.equal((await manage('PUT', { ...asIs, redirect_uris: [redirect_uri] })).status, 200);
    assert.match(pageOf(await browser.open(authorizationUrl(client, { redirect_uri }).url)).html, /Allow/);
    assert.equal(pageOf(await browser.open(authorizationUrl(client).url)).status, 400);
  });

  it('ends with everything that was granted to it', async (t) => {
    const { house, client, manage } = await managed(t);
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const { client_id, client_secret = '' } = client;
    const form = { grant_type: 'authorization_code', client_id, client_secret, redirect_uri: REDIRECT_URI };
    const tokens = (await (await askToken(house, { ...form, code, code_verifier })).json()) as {
      access_token: string;
    };
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    assert.equal((await manage('DELETE')).status, 204);
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
    assert.equal((await manage('DELETE')).status, 401);
    assert.equal((await manage('GET')).status, 401);
    assert.equal((await ask(house, client_id)).status, 400);
  });

  it('of an approved client waits again for another name or address, and cannot change while it waits', async (t) => {
    const { house, client, manage, asIs } = await managed(t, 'approval');
    const { client_id } = client;
    const approve = () =>
      house.storage.decideClient({ client_id, decision: 'approved', now: house.clock.now });
    assert.equal(await errorOf(await manage('PUT', asIs)), 'access_denied');
    await approve();
    assert.equal((await manage('PUT', { ...asIs, contacts: ['a@example.com'] })).status, 200);
    assert.equal((await ask(house, client_id)).status, 200);
    for (const change of [
      { client_uri: 'https://evil.example/' },
      { client_name: 'Another' },
      { redirect_uris: [REDIRECT_URI, 'https://evil.example/'] },
    ]) {
      assert.equal((await manage('PUT', { ...asIs, ...change })).status, 200);
      assert.equal((await ask(house, client_id)).status, 403);
      assert.equal((await manage('PUT', asIs)).status, 403);
      await approve();
    }
    await house.storage.decideClient({ client_id, decision: 'refused', now: house.clock.now });
    assert.equal((await manage('PUT', asIs)).status, 403);
    assert.equal((await manage('GET')).status, 200);
    // Removed, it could come back as if nobody had refused it.
    const removal = await manage('DELETE');
    assert.deepEqual([removal.status, await errorOf(removal)], [403, 'access_denied']);
    assert.equal((await house.storage.findClient(client_id))?.admission, 'refused');
  });

  it('cannot be changed while it waits by a request that began before', async (t) => {
    const { house, client, manage, asIs, at, token } = await managed(t, 'approval');
    const { client_id } = client;
    await house.storage.decideClient({ client_id, decision: 'approved', now: house.clock.now });
    // Its headers come now, its body only when the operator looks at what the other request made of the client.
    let send = (_text: string): void => undefined;
    const { promise: reading, resolve: reads } = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          send = (text) => {
            controller.enqueue(new TextEncoder().encode(text));
            controller.close();
          };
        },
        pull: () => reads(),
      },
      { highWaterMark: 0 },
    );
    const slow = house.ask(at, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body,
      duplex: 'half',
    });
    await reading;
    assert.equal((await manage('PUT', { ...asIs, client_name: 'Harmless' })).status, 200);
    send(JSON.stringify({ ...asIs, redirect_uris: ['https://evil.example/'] }));
    assert.equal((await slow).status, 403);
    const kept = await house.storage.findClient(client_id);
    assert.deepEqual([kept?.metadata.client_name, kept?.admission], ['Harmless', 'waiting']);
    assert.deepEqual(kept?.metadata.redirect_uris, [REDIRECT_URI]);
  });

  it('changes nothing any more where strangers may not register', async (t) => {
    const { house, manage, asIs, client } = await managed(t);
    const closed = await openHouse({
      environment: { SALLYPORT_REGISTRATION_MODE: 'closed' },
      rig: () => house.storage,
      secrets: house.secrets,
    });
    t.after(() => closed.close());
    const response = await closed.ask(`/oauth/register/${client.client_id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${String(client['registration_access_token'])}` },
      body: JSON.stringify({ ...asIs, client_name: 'Another' }),
    });
    assert.equal(response.status, 403);
    assert.equal((await manage('GET')).status, 200);
  });
});
