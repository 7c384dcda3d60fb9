// An app that wants its person to prove who they are there and then, where people sign in with a provider that keeps them
// signed in (OpenID Connect Core §3.1.2.1; docs/decisions/prompt-and-max-age.md).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CLIENT, ISSUER, NOW, openDouble } from '../../../sign-in/test/openid/double.ts';
import { leftTo, openBrowserAt, pageOf, type Browser, type Page } from '../house/browser.ts';
import { authorizationUrl, register, type Registered } from '../house/client.ts';
import { openHouse } from '../house/open-house.ts';
import {
  browserAtProvider,
  oidcWay,
  openUpstreamHouse,
  pressButton,
  signInUpstream,
  throughProvider,
  type UpstreamHouse,
} from './upstream-house.ts';

let house: UpstreamHouse;
let client: Registered;
before(async () => {
  // Without tokens that last, the provider asks for nothing whom it knows.
  house = await openUpstreamHouse({ change: { storeTokens: false } });
  await house.addPerson('operator@example.com', 'correct horse battery');
  client = await register(house);
});
after(() => house.close());

/** Signed in here and there, for a while. */
async function signedIn() {
  const browser = openBrowserAt(house);
  const at = browserAtProvider(house);
  await signInUpstream(house, browser, await browser.open('/sign-in'), { at });
  return { browser, at };
}

const isConsent = (page: Page): boolean => page.html.includes('value="allow"');

/** Whether the provider asks anything of whoever comes with this. */
async function asksThere(at: Browser, away: URL): Promise<boolean> {
  return 'html' in (await at.open(away.href));
}

describe('prompt=login', () => {
  it('makes the provider ask again, and is content with who comes back from there', async () => {
    const { browser, at } = await signedIn();
    const page = pageOf(await browser.open(authorizationUrl(client, { prompt: 'login' }).url));
    assert.equal(page.url.pathname, '/sign-in');
    assert.match(page.html, /Sign in once more/);
    const away = await pressButton(browser, page);
    assert.equal(away.searchParams.get('prompt'), 'login');
    assert.ok(await asksThere(at, away), 'the provider would have let them through');
    const back = await throughProvider(at, away);
    assert.ok(isConsent(pageOf(await browser.open(back.href))));
  });

  it('asks whoever is not signed in here yet at once, and once', async () => {
    const { at } = await signedIn();
    const browser = openBrowserAt(house);
    const page = pageOf(await browser.open(authorizationUrl(client, { prompt: 'login' }).url));
    assert.ok(!page.html.includes('once more'));
    const away = await pressButton(browser, page);
    assert.ok(await asksThere(at, away));
    assert.ok(isConsent(pageOf(await browser.open((await throughProvider(at, away)).href))));
  });

  it('refuses another person than the one who was signed in, and shows the way to sign in as that one', async () => {
    const { browser, at } = await signedIn();
    const page = pageOf(await browser.open(authorizationUrl(client, { prompt: 'login' }).url));
    const back = await throughProvider(at, await pressButton(browser, page), 'grace');
    const refused = pageOf(await browser.open(back.href));
    assert.equal(refused.status, 403);
    assert.match(refused.html, /somebody else/);
    assert.equal(await house.storage.findUserByEmail('grace@example.com'), undefined);
  });
});

describe('max_age', () => {
  it('counts from when the provider saw the person, not from when they came here', async () => {
    const { at } = await signedIn();
    const browser = openBrowserAt(house);
    house.clock.now += 120;
    const page = pageOf(await browser.open(authorizationUrl(client, { max_age: '100' }).url));
    const away = await pressButton(browser, page);
    assert.equal(await asksThere(at, away), false, 'it is still signed in there');
    const back = leftTo(await at.open((await pressButton(browser, page)).href));
    const again = pageOf(await browser.open(back.href));
    assert.match(again.html, /Sign in once more/);
    const fresh = await pressButton(browser, again);
    assert.equal(fresh.searchParams.get('prompt'), 'login');
    house.clock.now -= 120;
  });
});

it('what asks for a sign-in of just now counts from when the provider saw the person, however they come', async (t) => {
  const double = await openDouble();
  t.after(() => double.close());
  const there = await openHouse({
    now: NOW,
    network: double.world.network,
    configure: (config) => ({
      ...config,
      signIn: [
        oidcWay(ISSUER, CLIENT),
        oidcWay(ISSUER, { id: 'second' }),
        { provider: 'password', signUp: false },
      ],
    }),
  });
  t.after(() => there.close());
  await there.addPerson('operator@example.com', 'correct horse battery');
  const browser = openBrowserAt(there);
  const come = async (from: string, auth_time: number) => {
    const away = leftTo(await browser.submit(pageOf(await browser.open(from)), {}, '/sign-in/oidc'));
    double.claims = { nonce: away.searchParams.get('nonce'), auth_time };
    const back = `/oidc/callback?code=code-1&state=${away.searchParams.get('state')}`;
    return pageOf(await browser.open(back));
  };
  await come('/sign-in?return_to=/account', NOW);
  const link = pageOf(await browser.open('/account/link'));
  // Whoever finds the browser open signs out, or asks for another account: the provider lets them through without a look.
  for (const path of ['/account/new-token', '/account/link', '/account/delete', '/account/password']) {
    const passed = await come(`/sign-in?switch=1&return_to=${path}`, NOW - 3600);
    assert.equal(
      passed.url.pathname + passed.url.search,
      `/sign-in?again=1&return_to=${encodeURIComponent(path)}`,
    );
  }
  const late = pageOf(await browser.submit(link, {}, '/sign-in/second'));
  assert.match(late.html, /It is a while since you signed in/);
  const again = `/sign-in?again=1&return_to=/account/new-token`;
  assert.equal((await come(again, NOW - 3600)).status, 403);
  assert.equal((await come(again, NOW)).url.pathname, '/account/new-token');
});

it('a provider that does not say when it saw the person is not believed to have seen them now', async (t) => {
  const double = await openDouble();
  t.after(() => double.close());
  const other = await openHouse({
    now: NOW,
    network: double.world.network,
    configure: (config) => ({
      ...config,
      signIn: [oidcWay(ISSUER, CLIENT), { provider: 'password', signUp: false }],
    }),
  });
  t.after(() => other.close());
  await other.addPerson('operator@example.com', 'correct horse battery');
  const browser = openBrowserAt(other);
  const app = await register(other);
  const page = pageOf(await browser.open(authorizationUrl(app, { prompt: 'login' }).url));
  const away = leftTo(await browser.submit(page, {}, '/sign-in/oidc'));
  double.claims = { nonce: away.searchParams.get('nonce') };
  const refused = pageOf(
    await browser.open(`/oidc/callback?code=code-1&state=${away.searchParams.get('state')}`),
  );
  assert.equal(refused.status, 403);
  assert.match(refused.html, /does not say that you did/);
  // Somebody with a password has another way.
  const signedInHere = { email: 'operator@example.com', password: 'correct horse battery' };
  const consent = pageOf(await browser.submit(refused, signedInHere, '/sign-in'));
  assert.ok(isConsent(consent));
});
