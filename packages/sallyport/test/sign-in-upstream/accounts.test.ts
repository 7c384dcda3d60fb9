// Accounts of people who sign in with providers, through the whole house: who gets one, and how they link, unlink and end it.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { digest } from '@sallyport/crypto';
import { invite } from '@sallyport/sign-in';
import { openBrowserAt, pageOf, type Browser, type Page } from '../house/browser.ts';
import {
  browserAtProvider,
  oidcWay,
  openUpstreamHouse,
  pressButton,
  signInUpstream,
  throughProvider,
  type UpstreamHouse,
} from './upstream-house.ts';

const PASSWORD = 'correct horse battery';
const HOUR = 3600;

type People = Parameters<typeof oidcWay>[1] & object;

/** With two providers and passwords. */
async function openHouse(t: TestContext, people?: People['people']): Promise<UpstreamHouse> {
  const house = await openUpstreamHouse({
    ...(people === undefined ? {} : { change: { people } }),
    more: (issuer) => [
      oidcWay(issuer, { id: 'second', title: 'Second ID' }),
      { provider: 'password', signUp: true },
    ],
  });
  t.after(() => house.close());
  await house.addPerson('operator@example.com', PASSWORD);
  return house;
}

async function enter(house: UpstreamHouse, as: string, id = 'oidc'): Promise<Browser> {
  const browser = openBrowserAt(house);
  const page = await browser.open('/sign-in?return_to=/account');
  assert.equal(pageOf(await signInUpstream(house, browser, page, { as, id })).url.pathname, '/account');
  return browser;
}

/** And proves it, as the pages of one's own account want. */
async function enterProven(house: UpstreamHouse, as: string): Promise<Browser> {
  const browser = await enter(house, as);
  const again = await browser.open('/sign-in?again=1&return_to=/account');
  assert.equal(pageOf(await signInUpstream(house, browser, again, { as })).url.pathname, '/account');
  return browser;
}

const see = async (browser: Browser, path = '/account'): Promise<Page> => pageOf(await browser.open(path));

const words = ({ html }: Page): string =>
  html
    .replace(/<style.*?<\/style>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');

/** The provider has a clock of its own, so that moving ours would not do. */
async function signedInAnHourAgo({ storage, clock }: UpstreamHouse, browser: Browser): Promise<void> {
  const token = browser.cookies.get('sallyport-session-8000') ?? assert.fail();
  const { session } = (await storage.findSession(digest(token), clock.now)) ?? assert.fail();
  await storage.endSession(session.digest);
  const { createdAt, provenAt = createdAt } = session;
  await storage.keepSession({ ...session, createdAt: createdAt - HOUR, provenAt: provenAt - HOUR });
}

/** From the account, away to the provider and back. */
async function linkWay(house: UpstreamHouse, browser: Browser, as: string, id = 'second'): Promise<Page> {
  const away = await pressButton(browser, await see(browser, '/account/link'), id);
  const back = await throughProvider(browserAtProvider(house), away, as);
  return pageOf(await browser.open(back.href));
}

async function unlinkPathOf(house: UpstreamHouse, subject: string, provider: string): Promise<string> {
  const found = await house.storage.findIdentity({ provider, subject });
  assert.ok(found);
  return `/account/unlink?${new URLSearchParams({ provider, subject }).toString()}`;
}

describe('an account of somebody who signs in with a provider', () => {
  it('has that way, gets another one, and never loses the last', async (t) => {
    const house = await openHouse(t);
    const ada = await enterProven(house, 'ada');
    assert.match(
      words(await see(ada)),
      /Ways to sign in This is the only one\..* Example ID ada · ada@example\.com/,
    );
    assert.doesNotMatch(words(await see(ada)), /Unlink/);
    const only = await unlinkPathOf(house, 'ada', 'oidc');
    const refused = pageOf(await ada.submit(await see(ada, only), {}));
    assert.equal(refused.status, 409);
    assert.match(words(refused), /It is the only way to sign in to your account, so it stays/);

    const linked = await linkWay(house, ada, 'ada');
    assert.equal(linked.url.pathname, '/account');
    assert.match(words(linked), /Example ID .* Unlink .*Second ID .* Unlink/);
    const { user } = (await house.storage.findIdentity({ provider: 'second', subject: 'ada' }))!;
    assert.equal(user.email, 'ada@example.com');
    const elsewhere = await enter(house, 'ada', 'second');
    const here = await enterProven(house, 'ada');

    const done = pageOf(await here.submit(await see(here, await unlinkPathOf(house, 'ada', 'second')), {}));
    assert.match(words(done), /Second ID no longer signs in to this account/);
    assert.equal((await see(elsewhere)).url.pathname, '/sign-in', 'what began with it has ended');
    assert.equal((await see(ada)).url.pathname, '/account');
    assert.equal((await house.storage.listIdentities(user.id)).length, 1);
  });

  it('is linked only by who signed in a little while ago, from the page that was shown to them', async (t) => {
    const house = await openHouse(t);
    const ada = await enterProven(house, 'ada');
    const page = await see(ada, '/account/link');
    const post = (fields: Readonly<Record<string, string>>) =>
      ada.request('/sign-in/second', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams(fields).toString(),
      });
    const forged = await post({ link: '1', return_to: '/account' });
    assert.equal(forged.status, 403);
    const csrf = /\/sign-in\/second.*?name="csrf" value="([^"]+)"/s.exec(
      (await see(ada, '/sign-in?switch=1')).html,
    )?.[1];
    const borrowed = await post({ link: '1', return_to: '/', csrf: csrf ?? assert.fail() });
    assert.equal(borrowed.status, 403, 'the form for signing in is not that for linking');
    await signedInAnHourAgo(house, ada);
    const late = pageOf(await ada.submit(page, {}, '/sign-in/second'));
    assert.match(words(late), /Nothing was linked .*It is a while since you signed in/);
    const again = await see(ada, '/account/link');
    assert.equal(again.url.pathname + again.url.search, '/sign-in?again=1&return_to=%2Faccount%2Flink');
    assert.equal((await house.storage.listIdentities()).length, 1);
  });

  it('is never linked to what signs in to another one', async (t) => {
    const house = await openHouse(t);
    await enter(house, 'eve', 'second');
    const ada = await enterProven(house, 'ada');
    const refused = await linkWay(house, ada, 'eve');
    assert.equal(refused.status, 409);
    assert.match(words(refused), /It belongs to another account .*Back to your account/);
    assert.match(words(await see(ada)), /Ways to sign in This is the only one/);
  });

  it('has a password when its person wants one, with which they sign in too', async (t) => {
    const house = await openHouse(t);
    const ada = await enterProven(house, 'ada');
    const tried = async () => {
      const browser = openBrowserAt(house);
      const page = await see(browser, '/sign-in');
      return pageOf(await browser.submit(page, { email: 'ada@example.com', password: PASSWORD }, '/sign-in'));
    };
    const none = await tried();
    assert.equal(none.status, 403);
    assert.match(
      words(none),
      /That e-mail and password do not belong together/,
      'as for an account that is not there',
    );
    assert.match(words(await see(ada)), /Set a password/);
    const form = await see(ada, '/account/password');
    const short = pageOf(await ada.submit(form, { new_password: 'short' }));
    assert.match(words(short), /too short/);
    const done = pageOf(await ada.submit(form, { new_password: PASSWORD }));
    assert.match(words(done), /You can sign in with your e-mail address and this password from now on/);
    assert.equal((await tried()).status, 200);
    assert.match(words(await see(ada)), /Example ID .* Unlink .*Password .*Change password/);
    const twice = pageOf(await ada.submit(form, { new_password: 'another long password' }));
    assert.match(words(twice), /changed already when that form came/);
  });

  it('is asked for a proof when somebody came through a provider that was not asked to look', async (t) => {
    const house = await openHouse(t);
    const ada = await enter(house, 'ada');
    for (const path of ['/account/link', '/account/delete', '/account/password', '/account/new-token']) {
      const { pathname, search } = (await see(ada, path)).url;
      assert.equal(pathname + search, `/sign-in?again=1&return_to=${encodeURIComponent(path)}`);
    }
    const link = pageOf(await signInUpstream(house, ada, await ada.open('/account/link')));
    assert.equal(link.url.pathname, '/account/link');
  });

  it('is deleted by who has just signed in with the provider', async (t) => {
    const house = await openHouse(t);
    const ada = await enter(house, 'ada');
    await signedInAnHourAgo(house, ada);
    const again = await see(ada, '/account/delete');
    assert.equal(again.url.pathname + again.url.search, '/sign-in?again=1&return_to=%2Faccount%2Fdelete');
    const confirm = pageOf(await signInUpstream(house, ada, again));
    assert.equal(confirm.url.pathname, '/account/delete');
    assert.match(words(confirm), /Type your e-mail address to confirm/);
    const gone = pageOf(await ada.submit(confirm, { confirmation: 'ada@example.com' }));
    assert.equal(gone.url.pathname, '/account/deleted');
    assert.deepEqual(await house.storage.listIdentities(), []);
  });
});

describe('who comes from a provider', () => {
  it('is not let into an account that somebody made with their address, and is told what to do', async (t) => {
    const house = await openHouse(t);
    await house.addPerson('ada@example.com', 'chosen by who came first');
    const browser = openBrowserAt(house);
    const refused = pageOf(await signInUpstream(house, browser, await browser.open('/sign-in')));
    assert.equal(refused.status, 409);
    assert.match(words(refused), /You may have an account already .*sign in the way you used before/);
    assert.deepEqual(await house.storage.listIdentities(), []);
    // Whose account it is signs in as before, and links it.
    const ada = openBrowserAt(house);
    const form = await see(ada, '/sign-in?return_to=/account');
    await ada.submit(form, { email: 'ada@example.com', password: 'chosen by who came first' }, '/sign-in');
    assert.match(words(await linkWay(house, ada, 'ada', 'oidc')), /Example ID ada/);
  });

  it('keeps their account to themselves when somebody signs up with their address', async (t) => {
    const house = await openHouse(t);
    const ada = await enter(house, 'ada');
    const eve = openBrowserAt(house);
    const form = await see(eve, '/sign-up');
    const answer = pageOf(
      await eve.submit(form, { email: 'ada@example.com', password: PASSWORD }, '/sign-up'),
    );
    const free = pageOf(
      await eve.submit(form, { email: 'free@example.com', password: PASSWORD }, '/sign-up'),
    );
    const without = (page: Page) => words(page).replaceAll(/\S+@example\.com|Reference \S+/g, '');
    assert.equal(without(answer), without(free), 'and neither is told whether there is an account');
    assert.equal((await house.storage.findUserByEmail('ada@example.com'))?.passwordHash, undefined);
    const tried = pageOf(
      await eve.submit(answer, { email: 'ada@example.com', password: PASSWORD }, '/sign-in'),
    );
    assert.equal(tried.status, 403);
    assert.equal((await see(ada)).url.pathname, '/account');
  });

  it('gets an account only by invitation where the operator wants that', async (t) => {
    const house = await openHouse(t, { accounts: 'invited', linkByVerifiedEmail: false });
    const browser = openBrowserAt(house);
    const refused = pageOf(await signInUpstream(house, browser, await browser.open('/sign-in')));
    assert.equal(refused.status, 403);
    assert.match(words(refused), /You need an invitation .*Ask whoever runs this server/);
    assert.match(words(refused), /You came from Example ID as ada@example\.com /);
    assert.match(words(refused), /Use another account at Example ID/);
    const away = await pressButton(browser, refused);
    assert.match(away.searchParams.get('prompt') ?? '', /login/, 'and not the same account at once');
    await invite(house.storage, { email: 'ada@example.com', name: 'Ada', role: 'operator' }, house.clock.now);
    const ada = await enter(house, 'ada');
    assert.match(words(await see(ada)), /Your account Ada ada@example\.com/);
    assert.equal((await house.storage.findUserByEmail('ada@example.com'))?.role, 'operator');
  });

  it('is let in and made an operator by groups, and refused with a page that says so', async (t) => {
    const people = {
      accounts: 'just-in-time',
      linkByVerifiedEmail: false,
      allow: { groups: ['ada', 'bob'] },
      operators: { groups: ['ada'] },
    } as const;
    const house = await openUpstreamHouse({
      change: { people, groupsClaim: 'groups' },
      more: () => [{ provider: 'password', signUp: false }],
    });
    t.after(() => house.close());
    await house.addPerson('operator@example.com', PASSWORD);
    await enter(house, 'ada');
    await enter(house, 'bob');
    const roleOf = async (email: string) => (await house.storage.findUserByEmail(email))?.role;
    assert.equal(await roleOf('ada@example.com'), 'operator');
    assert.equal(await roleOf('bob@example.com'), 'member');
    const browser = openBrowserAt(house);
    const eve = pageOf(await signInUpstream(house, browser, await browser.open('/sign-in'), { as: 'eve' }));
    assert.equal(eve.status, 403);
    assert.match(words(eve), /You are not let in/);
    assert.doesNotMatch(words(eve), /groups|staff|ada/, 'the rules are nobody else’s business');
    assert.equal(await house.storage.findUserByEmail('eve@example.com'), undefined);
  });
});
