// Clerk from its publishable key alone: this server registers itself there (RFC 7591), and everything after that is as with
// an app that somebody made. `oidc-provider` stands for it, under an issuer as Clerk's is.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { json } from '../../../guarded-fetch/test/world.ts';
import {
  openRegisteringProvider,
  type RegisteringProvider,
} from '../../../sign-in/test/openid/registering-provider.ts';
import type { UpstreamConfig } from '../../src/config/index.ts';
import { common } from '../doubled-providers.ts';
import { leftTo, openBrowserAt, pageOf, type Arrived, type Browser } from '../house/browser.ts';
import { askMcp, authorizationUrl, redeem, register } from '../house/client.ts';
import { faultRig } from '../house/fault-rig.ts';
import { openHouse, type House, type HouseOptions } from '../house/open-house.ts';
import { storesOfHouse } from '../house/stores.ts';
import { pressButton, throughProvider } from './upstream-house.ts';
import { temporaryFolder } from '../program/run.ts';

const operator = { email: 'operator@example.com', password: 'correct horse battery' };
const start = Math.floor(Date.now() / 1000);
const host = 'clerk.example.com';

function clerkWay(change: Partial<UpstreamConfig> = {}): UpstreamConfig {
  return {
    ...common,
    provider: 'clerk',
    id: 'clerk',
    title: 'Clerk',
    callbackPath: '/clerk/callback',
    publishableKey: `pk_live_${btoa(`${host}$`)}`,
    // `oidc-provider` gives refresh tokens only where consent is asked for; Clerk asks for it always.
    authorizationParameters: { prompt: 'consent' },
    ...change,
  };
}

interface AtClerk extends HouseOptions {
  readonly change?: Partial<UpstreamConfig>;
  readonly initialAccessToken?: string;
}

async function openAtClerk(t: TestContext, { change, initialAccessToken, ...options }: AtClerk = {}) {
  const clerk = await openRegisteringProvider({ host, ...(initialAccessToken && { initialAccessToken }) });
  const openAnother = (more: HouseOptions = {}): Promise<House> =>
    openHouse({
      now: start,
      network: clerk.world.network,
      configure: (config) => ({ ...config, signIn: [clerkWay(change)] }),
      ...options,
      ...more,
    });
  const house = await openAnother();
  t.after(async () => {
    await house.close();
    await clerk.close();
  });
  await house.addPerson(operator.email, operator.password);
  return { clerk, house, openAnother };
}

const browserThere = ({ issuer, ask }: RegisteringProvider): Browser =>
  openBrowserAt({ origin: issuer, ask });

/** From a page with the button, there and back. */
async function signInThere(clerk: RegisteringProvider, browser: Browser, page: Arrived): Promise<Arrived> {
  const back = await throughProvider(browserThere(clerk), await pressButton(browser, pageOf(page), 'clerk'));
  return browser.open(back.href);
}

const hasSession = ({ cookies }: Browser): boolean =>
  [...cookies.keys()].some((name) => name.includes('session'));

const failuresOf = ({ events }: House) =>
  events.flatMap(({ event, facts }) => (event === 'sign_in_failed' ? [facts] : []));

/** Whose tokens the vault has, and how they fare. */
async function tokenOf(house: House) {
  const user = (await house.storage.listUsers()).find(({ email }) => email === 'ada@example.com');
  const wanted = { userId: user?.id ?? '', provider: 'clerk' };
  return house.assembled.vault.accessToken(wanted, house.clock.now);
}

describe('Clerk, from its publishable key alone', () => {
  for (const initialAccessToken of [undefined, 'the-initial-access-token'])
    it(`signs in, calls a tool and refreshes${initialAccessToken ? ', with an initial access token' : ''}`, async (t) => {
      const change = initialAccessToken ? { registration: { initialAccessToken } } : {};
      const { clerk, house } = await openAtClerk(t, {
        change,
        ...(initialAccessToken && { initialAccessToken }),
      });
      assert.deepEqual(clerk.registered, [], 'nobody has signed in yet');
      const client = await register(house);
      const asked = authorizationUrl(client);
      const browser = openBrowserAt(house);
      const consent = pageOf(await signInThere(clerk, browser, await browser.open(asked.url)));
      const redirect = leftTo(await browser.submit(consent, { decision: 'allow' }));
      const code = redirect.searchParams.get('code') ?? '';
      const { access_token } = await redeem(house, client, code, asked.code_verifier);
      const call = { jsonrpc: '2.0', id: 1, method: 'tools/call' };
      const params = { name: 'get_user_profile', arguments: {} };
      assert.equal((await askMcp(house, access_token, { ...call, params })).status, 200);

      assert.equal(clerk.registered.length, 1);
      assert.deepEqual(clerk.wanted, [
        {
          client_name: 'Sallyport',
          application_type: 'web',
          redirect_uris: ['http://localhost:8000/clerk/callback'],
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'client_secret_basic',
          scope: 'openid profile email offline_access',
        },
      ]);

      const before = await tokenOf(house);
      house.clock.now += 3500;
      assert.deepEqual(await house.assembled.vault.refreshDue(house.clock.now), { refreshed: 1 });
      const then = await tokenOf(house);
      assert.ok(before.outcome === 'token' && then.outcome === 'token', JSON.stringify(then));
      assert.notEqual(then.access_token, before.access_token);

      const again = openBrowserAt(house);
      house.clock.now -= 3500;
      await signInThere(clerk, again, await again.open('/sign-in'));
      assert.ok(hasSession(again));
      assert.equal(clerk.registered.length, 1, 'it is the same client');

      const [kept] = await house.storage.listOutboundRegistrations();
      assert.equal(kept?.client_id, clerk.registered[0]);
      const text = JSON.stringify(house.events) + Buffer.from(kept?.sealed ?? []).toString('latin1');
      for (const secret of ['client_secret":', 'registration_access_token', 'the-initial-access-token'])
        assert.ok(!text.includes(secret), secret);
    });

  it('is told the name of the site, and where it comes back to by another address', async (t) => {
    const { clerk, house, openAnother } = await openAtClerk(t, {
      storageUrl: `sqlite:${temporaryFolder(t)}/sallyport.db`,
    });
    const browser = openBrowserAt(house);
    await signInThere(clerk, browser, await browser.open('/sign-in'));
    const elsewhere = await openAnother({
      secrets: house.secrets,
      environment: { SALLYPORT_PUBLIC_URL: 'https://mcp.example.com', SALLYPORT_LOOK_NAME: 'Example gate' },
    });
    t.after(() => elsewhere.close());
    const another = openBrowserAt(elsewhere);
    await signInThere(clerk, another, await another.open('/sign-in'));
    assert.equal(clerk.registered.length, 2);
    assert.deepEqual(
      clerk.wanted.map(({ client_name, redirect_uris }) => [client_name, redirect_uris]),
      [
        ['Sallyport', ['http://localhost:8000/clerk/callback']],
        ['Example gate', ['https://mcp.example.com/clerk/callback']],
      ],
    );
  });
});

describe('any provider of OpenID Connect', () => {
  const issuer = `https://${host}`;
  for (const [provider, authMethod, scope] of [
    ['oidc', 'client_secret_post', 'openid profile email offline_access'],
    ['oidc', 'none', 'openid profile email offline_access'],
    // Whose scopes are named gets no others of the realm.
    ['keycloak', undefined, undefined],
  ] as const)
    it(`that is ${provider} is registered at, to be proven by ${authMethod ?? 'what it takes'}`, async (t) => {
      const { clerk, house } = await openAtClerk(t, { change: { provider, issuer, authMethod } });
      const browser = openBrowserAt(house);
      await signInThere(clerk, browser, await browser.open('/sign-in'));
      assert.ok(hasSession(browser));
      const [wanted] = clerk.wanted;
      assert.equal(wanted?.['scope'], scope);
      assert.equal(wanted?.['token_endpoint_auth_method'], authMethod ?? 'client_secret_basic');
      house.clock.now += 3500;
      assert.deepEqual(await house.assembled.vault.refreshDue(house.clock.now), { refreshed: 1 });
    });
});

describe('tokens of the client that this server was before', () => {
  const elsewhere = { environment: { SALLYPORT_PUBLIC_URL: 'https://mcp.example.com' } };
  const app = { change: { clientId: 'an-app', clientSecret: 'the-secret-of-it' } };
  for (const [since, more] of [
    ['it has another address', elsewhere],
    ['its operator has made an app there', app],
  ] as const)
    it(`are refreshed as that one, although ${since} now`, async (t) => {
      const storageUrl = `sqlite:${temporaryFolder(t)}/sallyport.db`;
      const { clerk, house, openAnother } = await openAtClerk(t, { storageUrl });
      const browser = openBrowserAt(house);
      await signInThere(clerk, browser, await browser.open('/sign-in'));
      const configure: HouseOptions['configure'] = (config) => ({
        ...config,
        signIn: [clerkWay('change' in more ? more.change : {})],
      });
      const now = start + 3500;
      const other = await openAnother({ ...more, secrets: house.secrets, now, configure });
      t.after(() => other.close());
      assert.deepEqual(await other.assembled.vault.refreshDue(now), { refreshed: 1 });
      assert.equal(clerk.registered.length, 1);
    });
});

for (const fault of ['before', 'after'] as const)
  it(`a store that fails ${fault} each call of leaving sends nobody anywhere, and one client is registered`, async (t) => {
    const faults = faultRig();
    const { clerk, house } = await openAtClerk(t, { rig: faults.rig });
    const browser = openBrowserAt(house);
    const page = pageOf(await browser.open('/sign-in'));
    let failed = 0;
    for (let n = 1; ; n += 1) {
      const [kept] = await house.storage.listOutboundRegistrations();
      if (kept !== undefined) await house.storage.forgetOutboundRegistration(kept);
      const before = clerk.registered.length;
      faults.arm(n, fault);
      const arrived = await browser.submit(page, {}, '/sign-in/clerk');
      if (faults.disarm() < n) break;
      // What only gives a lease back is told in the log.
      if ('html' in arrived) {
        assert.equal(arrived.status, 503, `call ${n}`);
        failed += 1;
      }
      const away = await pressButton(browser, page, 'clerk');
      assert.equal(clerk.registered.length, before + 1, `call ${n}`);
      assert.equal(away.searchParams.get('client_id'), clerk.registered.at(-1));
    }
    assert.ok(failed >= 6, `${failed} calls failed`);
  });

for (const { name, options, urlFor } of storesOfHouse.filter((store) => store.name === 'PostgreSQL'))
  it(`20 at once at two instances on ${name} are one registration`, options, async (t) => {
    const storageUrl = await urlFor(t);
    const { clerk, house, openAnother } = await openAtClerk(t, { storageUrl });
    const other = await openAnother({ secrets: house.secrets });
    t.after(() => other.close());
    const browsers = Array.from({ length: 20 }, (_, i) => openBrowserAt(i % 2 === 0 ? house : other));
    const pages = await Promise.all(browsers.map(async (browser) => pageOf(await browser.open('/sign-in'))));
    const away = await Promise.all(
      browsers.map((browser, i) => pressButton(browser, pages[i] ?? assert.fail(), 'clerk')),
    );
    assert.equal(clerk.registered.length, 1);
    assert.deepEqual(
      new Set(away.map(({ searchParams }) => searchParams.get('client_id'))),
      new Set(clerk.registered),
    );
  });

describe('a provider that does not register this server', () => {
  it('says so where it wants an initial access token and gets none, and the app still waits', async (t) => {
    const { clerk, house } = await openAtClerk(t, { initialAccessToken: 'the-initial-access-token' });
    const asked = authorizationUrl(await register(house));
    const browser = openBrowserAt(house);
    const page = pageOf(await browser.open(asked.url));
    const refused = pageOf(await browser.submit(page, {}, '/sign-in/clerk'));
    assert.equal(refused.status, 502);
    assert.match(refused.html, /does not let this server register itself there/);
    assert.match(refused.html, /Example client/, 'the app still waits');
    const [facts] = failuresOf(house);
    assert.equal(facts?.['reason'], 'provider_registration_refused');
    assert.equal(facts?.['providerError'], 'invalid_token');
    assert.deepEqual(clerk.registered, []);
  });

  it('is not registered at where its metadata leads into a private network, and the token for it stays here', async (t) => {
    const change = { registration: { initialAccessToken: 'the-initial-access-token' } };
    const { clerk, house } = await openAtClerk(t, { change });
    const at = '/.well-known/openid-configuration';
    const metadata = (await (await clerk.ask(at)).json()) as object;
    const { names, opened, pages } = clerk.world;
    names.set('internal.example.com', ['10.0.0.1']);
    const registration_endpoint = 'https://internal.example.com/register';
    pages.set(`${host}${at}`, json({ ...metadata, registration_endpoint }));
    const browser = openBrowserAt(house);
    const page = pageOf(await browser.open('/sign-in'));
    const refused = pageOf(await browser.submit(page, {}, '/sign-in/clerk'));
    assert.equal(refused.status, 502);
    const [facts] = failuresOf(house);
    assert.equal(facts?.['reason'], 'provider_endpoint_refused');
    assert.equal(facts['why'], 'address_refused');
    assert.ok(opened.every((to) => to.host === host));
    assert.ok(!JSON.stringify(house.events).includes('the-initial-access-token'));
  });

  it('is away at first: the same login goes on when it is back, and nobody hammers it meanwhile', async (t) => {
    const { clerk, house } = await openAtClerk(t);
    const at = `${host}/reg`;
    let asked = 0;
    clerk.world.pages.set(at, (_request, response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    const login = authorizationUrl(await register(house));
    const browser = openBrowserAt(house);
    let page = pageOf(await browser.open(login.url));
    for (let turn = 0; turn < 3; turn += 1) {
      page = pageOf(await browser.submit(page, {}, '/sign-in/clerk'));
      assert.equal(page.status, 502);
      assert.match(page.html, /Example client/, 'the app still waits');
    }
    assert.equal(asked, 1);
    clerk.world.pages.delete(at);
    house.clock.now += 11;
    const consent = pageOf(await signInThere(clerk, browser, page));
    assert.match(consent.html, /Allow .*Example client/s);
    assert.equal(clerk.registered.length, 1);
  });
});

describe('a provider that has forgotten this server', () => {
  /** Somebody is at the provider while it forgets. */
  async function forgottenMeanwhile(t: TestContext, age: number) {
    const opened = await openAtClerk(t);
    const { clerk, house } = opened;
    const first = openBrowserAt(house);
    await signInThere(clerk, first, await first.open('/sign-in'));
    house.clock.now += age;
    const asked = authorizationUrl(await register(house));
    const browser = openBrowserAt(house);
    const away = await pressButton(browser, pageOf(await browser.open(asked.url)), 'clerk');
    const back = await throughProvider(browserThere(clerk), away);
    const [client_id = ''] = clerk.registered;
    await clerk.forget(client_id);
    return { ...opened, browser, page: pageOf(await browser.open(back.href)) };
  }

  it('is registered at again, once, and the same login goes on', async (t) => {
    const { clerk, house, browser, page } = await forgottenMeanwhile(t, 700);
    assert.equal(page.status, 403);
    assert.match(page.html, /has forgotten this server/);
    assert.match(page.html, /Example client/, 'the app still waits');
    assert.deepEqual(await house.storage.listOutboundRegistrations(), []);
    assert.match(pageOf(await signInThere(clerk, browser, page)).html, /Allow .*Example client/s);
    assert.equal(clerk.registered.length, 2);
  });

  it('a moment after it registered it, is not asked for another one', async (t) => {
    const { clerk, house, page } = await forgottenMeanwhile(t, 10);
    assert.equal(page.status, 500);
    assert.match(page.html, /tell whoever runs this server/);
    const [kept] = await house.storage.listOutboundRegistrations();
    assert.equal(kept?.client_id, clerk.registered[0]);
    assert.equal(clerk.registered.length, 1);
  });

  it('only for as long as it is in trouble, has forgotten nothing', async (t) => {
    const { clerk, house } = await openAtClerk(t);
    const browser = openBrowserAt(house);
    await signInThere(clerk, browser, await browser.open('/sign-in'));
    house.clock.now += 3500;
    const at = `${host}/token`;
    for (const status of [500, 503, 429]) {
      clerk.world.pages.set(at, (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: 'invalid_client' }));
      });
      assert.deepEqual(await house.assembled.vault.refreshDue(house.clock.now), { postponed: 1 });
      assert.equal((await house.storage.listOutboundRegistrations()).length, 1, `${status}`);
      house.clock.now += 400;
    }
    clerk.world.pages.delete(at);
    assert.deepEqual(await house.assembled.vault.refreshDue(house.clock.now), { refreshed: 1 });
  });

  it('refreshes no token of it any more: the person signs in again', async (t) => {
    const { clerk, house } = await openAtClerk(t);
    const browser = openBrowserAt(house);
    await signInThere(clerk, browser, await browser.open('/sign-in'));
    const [client_id = ''] = clerk.registered;
    await clerk.forget(client_id);
    house.clock.now += 3500;
    assert.deepEqual(await house.assembled.vault.refreshDue(house.clock.now), { dead: 1 });
    house.clock.now += 200;
    assert.deepEqual(await tokenOf(house), { outcome: 'dead', reason: 'provider_registration_gone' });
    assert.deepEqual(await house.storage.listOutboundRegistrations(), []);
    house.clock.now = start;
    const again = openBrowserAt(house);
    await signInThere(clerk, again, await again.open('/sign-in'));
    assert.ok(hasSession(again));
    assert.equal((await tokenOf(house)).outcome, 'token');
    assert.equal(clerk.registered.length, 2);
  });
});
