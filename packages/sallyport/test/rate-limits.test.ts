// How often one address may ask: the exact boundary of each limit, who else is not touched by it, and that it ends.
import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import type { TestContext } from 'node:test';
import { randomToken } from '@sallyport/crypto';
import { StorageUnavailable } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  codeForm,
  connect,
  EMAIL,
  errorOf,
  PASSWORD,
  redeem,
  REDIRECT_URI,
  refresh,
  register,
  signedInBrowser,
} from './house/client.ts';
import { openBrowserAt, pageOf, type Site } from './house/browser.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';

const elsewhere = '198.51.100.1';

type Limit = 'registrations' | 'authorizations' | 'tokenRequests' | 'refusals';

/** A house with one person, in which only these limits can be reached, and whose minute passes when the test says so. */
async function limitedHouse(
  t: TestContext,
  limits: Partial<Record<Limit, number>>,
  options: HouseOptions = {},
): Promise<House & { readonly minutePasses: () => void }> {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const house = await openHouse({
    ...options,
    configure(config) {
      const changes = Object.entries(limits).map(([limit, points]) => [`${limit}PerMinute`, points]);
      const own = options.configure?.(config) ?? config;
      return { ...own, rateLimits: { ...own.rateLimits, ...Object.fromEntries(changes) } };
    },
  });
  t.after(async () => {
    mock.timers.reset();
    await house.close();
  });
  await house.addPerson(EMAIL, PASSWORD);
  return { ...house, minutePasses: () => mock.timers.tick(60_000) };
}

const askRegister = (house: Site, metadata: object = {}) =>
  house.ask('/oauth/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://page.example' },
    body: JSON.stringify({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      software_id: randomToken(8),
      ...metadata,
    }),
  });

/** What a program reads. */
async function assertTooMany(response: Response): Promise<void> {
  assert.equal(response.status, 429, await response.clone().text());
  const wait = response.headers.get('retry-after');
  assert.match(wait ?? '', /^[1-9]\d*$/);
  assert.ok(Number(wait) <= 60);
  assert.equal(response.headers.get('www-authenticate'), null);
  assert.equal(await errorOf(response), 'temporarily_unavailable');
}

async function times(count: number, ask: () => Promise<Response>, status: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const response = await ask();
    assert.equal(response.status, status, `${index + 1}: ${await response.clone().text()}`);
  }
}

describe('registrations', () => {
  it('are limited by address, say so to pages elsewhere too, and go on after a minute', async (t) => {
    const house = await limitedHouse(t, { registrations: 3 });
    await times(3, () => askRegister(house), 201);
    const refused = await askRegister(house);
    assert.equal(refused.headers.get('access-control-allow-origin'), '*');
    assert.match(refused.headers.get('access-control-expose-headers') ?? '', /Retry-After/);
    await assertTooMany(refused);
    assert.equal((await house.storage.listClients()).length, 3);
    await times(1, () => askRegister(house.from(elsewhere)), 201);
    house.minutePasses();
    await times(3, () => askRegister(house), 201);
    await assertTooMany(await askRegister(house));
  });

  it('count once for each 4 KiB', async (t) => {
    const house = await limitedHouse(t, { registrations: 7 });
    await times(1, () => askRegister(house, { unknown: 'x'.repeat(27_000) }), 201);
    await assertTooMany(await askRegister(house));
  });

  it('of an IPv6 address count for its /64, and ten of those for its /48', async (t) => {
    const house = await limitedHouse(t, { registrations: 2 });
    const at = (network: number, host: number) =>
      house.from(`2001:db8:1:${network.toString(16)}::${host.toString(16)}`);
    await times(1, () => askRegister(at(1, 1)), 201);
    await times(1, () => askRegister(at(1, 2)), 201);
    await assertTooMany(await askRegister(at(1, 3)));
    for (let network = 2; network <= 10; network += 1) await times(2, () => askRegister(at(network, 1)), 201);
    await assertTooMany(await askRegister(at(11, 1)));
    await times(1, () => askRegister(house.from('2001:db8:2:1::1')), 201);
  });

  it('that were refused count too, so that nonsense is limited as well', async (t) => {
    const house = await limitedHouse(t, { registrations: 2 });
    await times(2, () => askRegister(house, { redirect_uris: ['javascript:alert(1)'] }), 400);
    await assertTooMany(await askRegister(house));
  });
});

describe('requests for access', () => {
  it('are limited by client and address: a page, which can be reloaded, and nothing is written', async (t) => {
    const house = await limitedHouse(t, { authorizations: 2 });
    const client = await register(house);
    const { url } = authorizationUrl(client);
    const browser = openBrowserAt(house);
    for (let index = 0; index < 2; index += 1) assert.equal(pageOf(await browser.open(url)).status, 200);
    const paused = house.events.filter(({ event }) => event === 'authorization_asked').length;
    const page = pageOf(await browser.open(url));
    assert.equal(page.status, 429);
    assert.match(page.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(page.html, /Too many at once/);
    assert.match(page.html, /Wait \d+ seconds, then reload this page/);
    assert.doesNotMatch(page.html, /error=/);
    assert.equal(house.events.filter(({ event }) => event === 'authorization_asked').length, paused);
    assert.equal(pageOf(await openBrowserAt(house.from(elsewhere)).open(url)).status, 200);
    house.minutePasses();
    assert.equal(pageOf(await browser.open(url)).status, 200);
  });

  it('of one client do not use up what its neighbours have', async (t) => {
    const house = await limitedHouse(t, { authorizations: 2 });
    const [busy, other, third, fourth] = await Promise.all([1, 2, 3, 4].map(() => register(house)));
    const asking = async (client: typeof busy, count: number) => {
      const { url } = authorizationUrl(client!);
      const statuses = [];
      for (let index = 0; index < count; index += 1) statuses.push((await house.ask(url)).status);
      return statuses;
    };
    assert.deepEqual(await asking(busy, 10), [303, 303, ...Array.from({ length: 8 }, () => 429)]);
    assert.deepEqual(await asking(other, 2), [303, 303]);
    assert.deepEqual(await asking(third, 2), [303, 303]);
    assert.deepEqual(await asking(fourth, 1), [429], 'all of one address together have three times as many');
  });

  it('that go on in another browser count as new ones', async (t) => {
    const house = await limitedHouse(t, { authorizations: 2 });
    const client = await register(house);
    const first = openBrowserAt(house);
    const page = pageOf(await first.open(authorizationUrl(client).url));
    const resume = new URL(page.url).searchParams.get('return_to')!;
    const second = await signedInBrowser(house);
    assert.equal(pageOf(await second.open(resume)).status, 200);
    assert.equal(pageOf(await openBrowserWith(second.cookies, house).open(resume)).status, 429);
  });
});

/** The session of one browser in a profile that has not got its own id yet. */
function openBrowserWith(cookies: ReadonlyMap<string, string>, house: Site) {
  const browser = openBrowserAt(house);
  for (const [name, value] of cookies) if (name.includes('session')) browser.cookies.set(name, value);
  return browser;
}

describe('token requests', () => {
  it('are limited by client and address, and cost no code and no token', async (t) => {
    const house = await limitedHouse(t, { tokenRequests: 3 });
    const client = await register(house);
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    await times(3, () => refresh(house, client, 'no-token'), 400);
    const grant = codeForm(client, { code, code_verifier });
    await assertTooMany(await askToken(house, grant));
    const revoke = { client_id: client.client_id, token: 'no-token' };
    await assertTooMany(
      await house.ask('/oauth/revoke', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(revoke).toString(),
      }),
    );
    const other = await register(house);
    assert.equal((await refresh(house, other, 'no-token')).status, 400, 'another client paid for it');
    assert.equal((await refresh(house.from(elsewhere), client, 'no-token')).status, 400);
    house.minutePasses();
    const tokens = await redeem(house, client, code, code_verifier);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
  });

  it('of a client that cannot prove itself use up nothing of its own', async (t) => {
    const house = await limitedHouse(t, { tokenRequests: 2 });
    const client = await register(house, { token_endpoint_auth_method: 'client_secret_post' });
    const { client_id } = client;
    const failing = { grant_type: 'refresh_token', client_id, client_secret: 'wrong', refresh_token: 'x' };
    await times(20, () => askToken(house, failing), 401);
    const right = { ...failing, client_secret: client.client_secret! };
    await times(2, () => askToken(house, right), 400);
    await assertTooMany(await askToken(house, right));
  });
});

describe('failed client authentications', () => {
  it('are limited by address, and do not shut out a client that succeeds', async (t) => {
    const house = await limitedHouse(t, { refusals: 3 });
    const { client, tokens } = await connect(house);
    const failing = { grant_type: 'refresh_token', client_id: 'nobody', refresh_token: 'x' };
    await times(3, () => askToken(house, failing), 401);
    await assertTooMany(await askToken(house, failing));
    await times(1, () => askToken(house.from(elsewhere), failing), 401);
    assert.equal((await refresh(house, client, tokens.refresh_token)).status, 200);
    house.minutePasses();
    await times(1, () => askToken(house, failing), 401);
  });
});

describe('tokens that are none, at the gate', () => {
  const ways: readonly (readonly [string, (house: Site, token: string) => Promise<Response>])[] = [
    ['MCP', (house, token) => askMcp(house, token)],
    [
      'REST',
      (house, token) => house.ask('/api/v1/user/items', { headers: { authorization: `Bearer ${token}` } }),
    ],
    [
      'validate',
      (house, token) =>
        house.ask('/oauth/validate', { method: 'POST', headers: { authorization: `Bearer ${token}` } }),
    ],
  ];
  const garbage = ['x', 'a.b.c', 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA', 'y'.repeat(9_000)];

  for (const [way, ask] of ways) {
    it(`are limited by address, and do not shut out a token that is good (${way})`, async (t) => {
      const house = await limitedHouse(t, { refusals: garbage.length });
      const { client, tokens } = await connect(house);
      for (const token of garbage) assert.equal((await ask(house, token)).status, 401);
      await assertTooMany(await ask(house, 'x'));
      assert.equal(
        (await ask(house, tokens.access_token)).status,
        200,
        'a token that was never judged before',
      );
      const next = (await (await refresh(house, client, tokens.refresh_token)).json()) as typeof tokens;
      assert.equal((await ask(house, next.access_token)).status, 200);
      assert.equal((await ask(house.from(elsewhere), 'x')).status, 401);
      house.minutePasses();
      assert.equal((await ask(house, 'x')).status, 401);
    });
  }

  it('are counted for all servers and ways together', async (t) => {
    const house = await limitedHouse(t, { refusals: 3 });
    for (const [, ask] of ways) assert.equal((await ask(house, 'x')).status, 401);
    for (const [, ask] of ways) await assertTooMany(await ask(house, 'x'));
  });

  it('are not those that were good once: whoever holds one is sent to get another', async (t) => {
    const house = await limitedHouse(t, { refusals: 1 });
    const { client, tokens } = await connect(house);
    const revoked = await connect(house);
    await house.ask('/oauth/revoke', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        client_id: revoked.client.client_id,
        token: revoked.tokens.refresh_token,
      }).toString(),
    });
    await times(5, () => askMcp(house, revoked.tokens.access_token), 401);
    house.clock.now += 3601;
    await times(5, () => askMcp(house, tokens.access_token), 401);
    await times(1, () => askMcp(house, 'x'), 401);
    await assertTooMany(await askMcp(house, 'x'));
    for (const token of [tokens.access_token, revoked.tokens.access_token]) {
      const response = await askMcp(house, token);
      assert.equal(response.status, 401);
      assert.match(response.headers.get('www-authenticate') ?? '', /invalid_token/);
    }
    await times(3, () => askMcp(house), 401);
    assert.equal((await refresh(house, client, tokens.refresh_token)).status, 200);
  });

  it('are not those of another server, of which validate tries every one', async (t) => {
    const house = await limitedHouse(
      t,
      { refusals: 1 },
      {
        configure: (config) => ({
          ...config,
          servers: ['one', 'two', 'three'].map((name) => ({
            ...config.servers[0]!,
            name,
            path: `/mcp/${name}`,
            default: false,
          })),
        }),
      },
    );
    const resource = `${house.origin}/mcp/three`;
    const { tokens } = await connect(house, { resource });
    const validate = (token: string) => ways[2]![1](house, token);
    for (let index = 0; index < 5; index += 1)
      assert.equal((await validate(tokens.access_token)).status, 200);
    const atOther = await house.ask('/mcp/one', {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    assert.equal(atOther.status, 401);
    assert.equal((await validate('x')).status, 401, 'three servers refuse it, and it is one request');
    await assertTooMany(await validate('x'));
  });
});

describe('this computer', () => {
  it('is not limited while the public URL is of this computer', async (t) => {
    const house = await limitedHouse(t, { registrations: 1, refusals: 1 });
    for (const own of ['127.0.0.1', '::1', '127.8.8.8', '::ffff:127.0.0.1']) {
      await times(3, () => askRegister(house.from(own)), 201);
      await times(3, () => askMcp(house.from(own), 'x'), 401);
    }
    await times(1, () => askRegister(house), 201);
    await assertTooMany(await askRegister(house));
  });

  it('is limited like any other behind a public address', async (t) => {
    const publicUrl = 'https://mcp.example.com';
    const house = await limitedHouse(
      t,
      { registrations: 1 },
      { environment: { SALLYPORT_PUBLIC_URL: publicUrl } },
    );
    await times(1, () => askRegister(house.from('127.0.0.1')), 201);
    await assertTooMany(await askRegister(house.from('127.0.0.1')));
  });
});

it('nothing is limited when the operator says so, but for guessing passwords', async (t) => {
  const environment = {
    SALLYPORT_RATE_LIMITS_ENABLED: 'false',
    SALLYPORT_RATE_LIMITS_REGISTRATIONS_PER_MINUTE: '1',
    SALLYPORT_RATE_LIMITS_REFUSALS_PER_MINUTE: '1',
  };
  const house = await limitedHouse(t, {}, { environment });
  await times(3, () => askRegister(house), 201);
  await times(3, () => askMcp(house, 'x'), 401);
  const browser = openBrowserAt(house);
  const statuses = [];
  for (let index = 0; index < 6; index += 1) {
    const page = pageOf(await browser.open('/sign-in'));
    statuses.push(pageOf(await browser.submit(page, { email: EMAIL, password: 'wrong password' })).status);
  }
  assert.deepEqual(statuses, [403, 403, 403, 403, 403, 429]);
});

describe('what is told', () => {
  it('is one warning for each address and minute, every refusal in the log, and a count for each limit', async (t) => {
    const token = 'the-token-of-the-monitor';
    const house = await limitedHouse(
      t,
      { registrations: 1, refusals: 1 },
      { environment: { SALLYPORT_METRICS_TOKEN: token } },
    );
    for (let index = 0; index < 4; index += 1) await askRegister(house);
    for (let index = 0; index < 3; index += 1) await askMcp(house, 'x');
    const warnings = house.events.filter(({ event }) => event === 'rate_limit_reached');
    assert.deepEqual(
      warnings.map(({ facts }) => [facts['limit'], facts['address']]),
      [
        ['registration', '192.0.2.7'],
        ['refused_token', '192.0.2.7'],
      ],
    );
    const refused = house.events.filter(({ facts }) => facts['limit'] === 'registration' && facts['reason']);
    assert.equal(refused.length, 3);
    const metrics = await house.ask('/metrics', { headers: { authorization: `Bearer ${token}` } });
    const text = await metrics.text();
    assert.match(text, /sallyport_rate_limited_total\{room="authorization-server",limit="registration"\} 3/);
    assert.match(text, /sallyport_rate_limited_total\{room="resource-server",limit="refused_token"\} 2/);
  });

  it('is part of the login that was stopped', async (t) => {
    const house = await limitedHouse(t, { authorizations: 1 });
    const client = await register(house);
    const { url } = authorizationUrl(client);
    await times(1, () => house.ask(url), 303);
    await times(1, () => house.ask(url), 429);
    await house.noteLogins();
    const [login] = await house.storage.listLoginEvents(1);
    const steps = await house.storage.findLoginEvents(login!.traceId);
    assert.deepEqual(
      steps.map(({ event, reason }) => reason ?? event),
      ['registered', 'asked', 'too_many_authorizations'],
    );
  });
});

describe('counts that cannot be kept', () => {
  it('are 503, never a pass and never a 401, and it goes on when they can', async (t) => {
    let isAway = false;
    const rig = (storage: Storage): Storage => ({
      ...storage,
      openCounter(rule) {
        const counter = storage.openCounter(rule);
        return {
          ...counter,
          count: (key, weight) =>
            isAway ? Promise.reject(new StorageUnavailable('away')) : counter.count(key, weight),
        };
      },
    });
    const house = await limitedHouse(t, {}, { rig });
    const { client, tokens } = await connect(house);
    isAway = true;
    const asking = () => [
      askRegister(house),
      house.ask(authorizationUrl(client).url),
      refresh(house, client, tokens.refresh_token),
      askToken(house, { grant_type: 'refresh_token', client_id: 'nobody', refresh_token: 'x' }),
      askMcp(house, 'x'),
    ];
    for (const response of await Promise.all(asking())) {
      assert.equal(response.status, 503, await response.clone().text());
      assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
    }
    assert.equal((await askMcp(house, tokens.access_token)).status, 200, 'what is good is not counted');
    isAway = false;
    const statuses = (await Promise.all(asking())).map(({ status }) => status);
    assert.deepEqual(statuses, [201, 303, 200, 401, 401]);
  });
});
