// /account: what a person sees of what they allowed and where they are signed in, and what each button ends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digest, randomToken } from '@sallyport/crypto';
import { hashPassword } from '@sallyport/sign-in';
import { decodeJwt } from 'jose';
import { formOf, openBrowserAt, pageOf, type Browser, type Page } from './house/browser.ts';
import {
  askMcp,
  authorizationUrl,
  authorizeAndAllow,
  connect,
  EMAIL,
  errorOf,
  PASSWORD,
  redeem,
  refresh,
  register,
} from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';

const HOUR = 3600;
const GRACE = 'grace@example.com';

/** Ada, who runs the house, and Grace. */
async function openHouseOfTwo(options: HouseOptions = {}): Promise<House & AsyncDisposable> {
  const house = await openHouse(options);
  await house.storage.addUser({
    id: 'ada',
    email: EMAIL,
    name: 'Ada',
    passwordHash: await hashPassword(PASSWORD),
    role: 'operator',
    createdAt: house.clock.now,
    updatedAt: house.clock.now,
  });
  await house.addPerson(GRACE, PASSWORD);
  return { ...house, [Symbol.asyncDispose]: () => house.close() };
}

async function signIn(house: House, email = EMAIL, userAgent = ''): Promise<Browser> {
  const site = {
    origin: house.origin,
    ask: (path: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      if (userAgent !== '') headers.set('user-agent', userAgent);
      return house.ask(path, { ...init, headers });
    },
  };
  const browser = openBrowserAt(site);
  const page = pageOf(await browser.open('/account'));
  assert.equal(page.url.href, `${house.origin}/sign-in?return_to=%2Faccount`);
  const arrived = pageOf(await browser.submit(page, { email, password: PASSWORD }));
  assert.equal(arrived.url.pathname, '/account');
  return browser;
}

const at = async (browser: Browser, path = '/account'): Promise<Page> => pageOf(await browser.open(path));

/** The page's words. */
const words = ({ html }: Page): string =>
  html
    .replace(/^[\s\S]*<main>|<\/main>[\s\S]*$/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:])/g, '$1');

function hrefOf({ html }: Page, pattern: RegExp): string {
  const href = [...html.matchAll(/href="([^"]+)"/g)].map(([, found]) => found!.replaceAll('&amp;', '&'));
  const found = href.find((one) => pattern.test(one));
  assert.ok(found, `no link ${pattern} in ${html}`);
  return found;
}

const confirmDeletion = async (browser: Browser, confirmation: string): Promise<Page> =>
  pageOf(await browser.submit(await at(browser, '/account/delete'), { confirmation }));

const whoIs = async (browser: Browser): Promise<string> => words(pageOf(await browser.open('/')));

describe('/account', () => {
  it('is for who is signed in; every path of it leads to sign-in and back', async () => {
    await using house = await openHouseOfTwo();
    const stranger = openBrowserAt(house);
    for (const path of [
      '/account',
      '/account/remove-access?client_id=a&resource=b',
      '/account/remove-all-access',
      '/account/end-session',
      '/account/end-other-sessions',
      '/account/password',
      '/account/delete',
    ]) {
      for (const method of ['GET', 'POST']) {
        const response = await stranger.request(path, {
          method,
          ...(method === 'POST' && { body: new URLSearchParams({ csrf: 'x' }) }),
        });
        assert.equal(response.status, 303, `${method} ${path}`);
        const location = new URL(response.headers.get('location')!, house.origin);
        assert.equal(location.pathname, '/sign-in');
        assert.equal(location.searchParams.get('return_to'), path);
      }
    }
  });

  it('is linked from the front page of who is signed in, and from the consent page', async () => {
    await using house = await openHouseOfTwo();
    assert.doesNotMatch(pageOf(await openBrowserAt(house).open('/')).html, /href="\/account"/);
    const browser = await signIn(house);
    assert.equal(hrefOf(pageOf(await browser.open('/')), /account/), '/account');
    const consent = pageOf(await browser.open(authorizationUrl(await register(house)).url));
    assert.match(words(consent), /You can take this back at any time in your account\./);
    assert.equal(hrefOf(consent, /^\/account/), '/account');
  });

  it('is not kept by any cache, and cannot be framed', async () => {
    await using house = await openHouseOfTwo();
    const { headers } = await at(await signIn(house));
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  });
});

describe('apps that may act for a person', () => {
  it('are listed with who they are, what they may do, where they return to, since when and last used', async () => {
    await using house = await openHouseOfTwo();
    const { browser } = await connect(house);
    assert.match(
      words(await at(browser)),
      /Apps that may act for you Example client Unverified May use Records to: read your profile.* Allowed less than an hour ago · last used less than an hour ago · returns to client\.example\.com Remove access/,
    );
    house.clock.now += 5 * HOUR;
    assert.match(words(await at(browser)), /Allowed 5 hours ago · last used 5 hours ago/);
  });

  it('are not those of another person, and none when there are none', async () => {
    await using house = await openHouseOfTwo();
    await connect(house);
    const page = words(await at(await signIn(house, GRACE)));
    assert.match(page, /Apps that may act for you None at present\. How to connect an app/);
    assert.doesNotMatch(page, /Example client|Remove/);
  });

  it('are used when a call goes through the gate, written down when the house closes and not before', async () => {
    const marked: { readonly grantId: string; readonly at: number }[] = [];
    const house = await openHouseOfTwo({
      rig: (storage) => ({
        ...storage,
        markGrantsUsed: (uses) => {
          marked.push(...uses);
          return storage.markGrantsUsed(uses);
        },
      }),
    });
    const { tokens } = await connect(house);
    house.clock.now += 600;
    for (let call = 0; call < 3; call += 1)
      assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    assert.equal((await askMcp(house, 'not a token')).status, 401);
    assert.equal(marked.length, 0);
    const [grant] = await house.storage.listClientAccess('ada', house.clock.now);
    assert.equal(grant?.lastUsedAt, house.clock.now - 600);
    const ended = await connect(house);
    const { grant_id } = decodeJwt<{ grant_id: string }>(ended.tokens.access_token);
    await house.storage.revokeGrant(grant_id, house.clock.now);
    assert.equal((await askMcp(house, ended.tokens.access_token)).status, 401);
    await house.close();
    assert.deepEqual(
      marked.map((use) => use.at),
      [house.clock.now],
    );
  });

  it('are removed after one question: the gate, the refresh token and the consent are closed at once', async () => {
    await using house = await openHouseOfTwo();
    const { client, tokens, browser } = await connect(house);
    const other = await connect(house);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);

    const page = await at(browser);
    const asked = await at(browser, hrefOf(page, new RegExp(`remove-access.*${client.client_id}`)));
    assert.match(
      words(asked),
      /^ ?Remove access of Example client\? Example client can no longer use Records for you\. It takes effect at once\./,
    );
    // To ask is to change nothing.
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);

    const done = pageOf(await browser.submit(asked, {}));
    assert.equal(done.url.pathname, '/account');
    assert.match(words(done), /Example client can no longer use Records for you\./);
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
    assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
    const again = pageOf(await browser.open(authorizationUrl(client).url));
    assert.match(words(again), /Allow Example client to use Records for you\?/);
    // Another app, and the same app of another person, go on.
    assert.equal((await askMcp(house, other.tokens.access_token)).status, 200);
    assert.doesNotMatch(done.html, new RegExp(client.client_id));
    assert.equal((await at(browser, asked.url.href)).url.pathname, '/account');
    assert.ok(
      house.events.some(({ event, facts }) => event === 'access_removed' && facts['userId'] === 'ada'),
    );
  });

  it('are removed once however often the answer is sent', async () => {
    await using house = await openHouseOfTwo();
    const { browser } = await connect(house);
    const asked = await at(browser, hrefOf(await at(browser), /remove-access/));
    const answers = await Promise.all([browser.submit(asked, {}), browser.submit(asked, {})]);
    for (const answer of answers) assert.match(words(pageOf(answer)), /can no longer use Records/);
  });

  it('take the codes along that they have not redeemed yet', async () => {
    await using house = await openHouseOfTwo();
    const client = await register(house);
    const { code, code_verifier, browser } = await authorizeAndAllow(house, client);
    await browser.submit(await at(browser, '/account/remove-all-access'), {});
    await assert.rejects(redeem(house, client, code, code_verifier), /invalid_grant/);
  });

  it('can all be removed together, and nobody else’s are', async () => {
    await using house = await openHouseOfTwo();
    const [one, two] = [await connect(house), await connect(house)];
    const client = await register(house);
    const graces = await signIn(house, GRACE);
    const { code, code_verifier } = await authorizeAndAllow(house, client, {}, graces);
    const hers = await redeem(house, client, code, code_verifier);
    const asked = await at(one.browser, hrefOf(await at(one.browser), /remove-all-access/));
    assert.match(words(asked), /Remove all access\? No app can use any server for you any more\./);
    const done = pageOf(await one.browser.submit(asked, {}));
    assert.match(words(done), /No app may act for you any more\..*None at present/);
    assert.equal((await askMcp(house, one.tokens.access_token)).status, 401);
    assert.equal((await askMcp(house, two.tokens.access_token)).status, 401);
    assert.equal((await askMcp(house, hers.access_token)).status, 200);
  });

  it('are named by a person only among their own', async () => {
    await using house = await openHouseOfTwo();
    const { client, tokens } = await connect(house);
    const grace = await signIn(house, GRACE);
    const resource = `${house.origin}/mcp`;
    const query = new URLSearchParams({ client_id: client.client_id, resource }).toString();
    assert.equal((await at(grace, `/account/remove-access?${query}`)).url.pathname, '/account');
    const own = await at(grace, '/account/remove-all-access');
    await grace.submit(own, {});
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
  });
});

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

describe('sessions', () => {
  it('are listed by kind of browser, network and time, this one first, and nothing more is kept', async () => {
    await using house = await openHouseOfTwo();
    const here = await signIn(house, EMAIL, FIREFOX);
    house.clock.now += 3 * HOUR;
    await signIn(house, EMAIL, SAFARI);
    await signIn(house, GRACE, SAFARI);
    house.clock.now += 2 * HOUR;
    assert.match(
      words(await at(here)),
      /Where you are signed in Firefox on Linux This browser Signed in 5 hours ago · network 192\.0\.2\.\* Sign out Safari on iPhone Signed in 2 hours ago · last seen 2 hours ago · network 192\.0\.2\.\*, the same as here Sign out Sign out everywhere else/,
    );
    assert.equal((await house.storage.listSessions('ada', house.clock.now)).length, 2);
    for (const session of await house.storage.listSessions('ada', house.clock.now))
      assert.doesNotMatch(JSON.stringify(session), /192\.0\.2\.7|Gecko|140/);
  });

  it('are marked as seen by the hour, and none is lost when that cannot be written', async () => {
    let seen = 0;
    await using house = await openHouseOfTwo({
      rig: (storage) => ({
        ...storage,
        async markSessionSeen(...mark) {
          seen += 1;
          if (seen === 2) throw new Error('the disk is full');
          return storage.markSessionSeen(...mark);
        },
      }),
    });
    const browser = await signIn(house);
    for (let visit = 0; visit < 3; visit += 1) await at(browser);
    assert.equal(seen, 0);
    house.clock.now += HOUR;
    for (let visit = 0; visit < 3; visit += 1) await at(browser);
    assert.equal(seen, 1);
    house.clock.now += HOUR;
    assert.equal((await at(browser)).status, 200);
    assert.ok(house.events.some(({ event }) => event === 'session_not_marked_seen'));
  });

  it('end one by one', async () => {
    await using house = await openHouseOfTwo();
    const here = await signIn(house, EMAIL, FIREFOX);
    const there = await signIn(house, EMAIL, SAFARI);
    const page = await at(here);
    const done = pageOf(await here.submit(page, {}, '/account/end-session'));
    assert.match(words(done), /That browser is signed out\./);
    assert.doesNotMatch(words(done), /iPhone|everywhere else/);
    assert.doesNotMatch(await whoIs(there), /Signed in as/);
    assert.match(await whoIs(here), /Signed in as/);
    // Again, from the old page.
    assert.match(words(pageOf(await here.submit(page, {}, '/account/end-session'))), /is signed out\./);
  });

  it('of others are out of reach, whatever a form names', async () => {
    await using house = await openHouseOfTwo();
    const [ada, ada2] = [await signIn(house), await signIn(house)];
    const [grace] = [await signIn(house, GRACE), await signIn(house, GRACE)];
    const { fields } = formOf(await at(ada), '/account/end-session');
    for (const session of [fields['session']!, 'unknown', ''])
      await grace.submit(await at(grace), { session }, '/account/end-session');
    for (const browser of [ada, ada2, grace]) assert.match(await whoIs(browser), /Signed in as/);
  });

  it('all end but this one', async () => {
    await using house = await openHouseOfTwo();
    const [here, there, away] = [await signIn(house), await signIn(house), await signIn(house)];
    const grace = await signIn(house, GRACE);
    const { tokens } = await connect(house);
    const done = pageOf(await here.submit(await at(here), {}, '/account/end-other-sessions'));
    assert.match(words(done), /Every other browser is signed out\./);
    for (const browser of [there, away]) assert.doesNotMatch(await whoIs(browser), /Signed in as/);
    for (const browser of [here, grace]) assert.match(await whoIs(browser), /Signed in as/);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
  });
});

describe('the password', () => {
  const next = 'another good password';
  const change = async (browser: Browser, current_password: string, new_password = next): Promise<Page> =>
    pageOf(await browser.submit(await at(browser, '/account/password'), { current_password, new_password }));

  it('is changed by who knows it; other browsers are signed out, and apps stay connected', async () => {
    await using house = await openHouseOfTwo();
    const { tokens, browser: there } = await connect(house);
    const here = await signIn(house);
    const done = await change(here, PASSWORD);
    assert.equal(done.url.pathname, '/account');
    assert.match(words(done), /Your password is changed, and every other browser is signed out\./);
    assert.match(await whoIs(here), /Signed in as/);
    assert.doesNotMatch(await whoIs(there), /Signed in as/);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    await assert.rejects(signIn(house));
    const anew = openBrowserAt(house);
    await anew.submit(await at(anew, '/sign-in'), { email: EMAIL, password: next });
    assert.match(await whoIs(anew), /Signed in as/);
    assert.ok(!JSON.stringify(house.events).includes(next));
    assert.ok(!JSON.stringify(house.events).includes(PASSWORD));
  });

  it('stays when the present one is wrong, and the page does not show what was typed', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const wrong = await change(browser, 'not the password');
    assert.equal(wrong.status, 403);
    assert.match(words(wrong), /That is not your password\. Check it and try again\./);
    assert.match(wrong.html, /id="current_password"[^>]*aria-invalid="true"/);
    assert.doesNotMatch(wrong.html, /not the password|another good password/);
    await signIn(house);
  });

  it('stays when the new one is too short, which is said at its field', async () => {
    await using house = await openHouseOfTwo();
    const short = await change(await signIn(house), PASSWORD, 'short');
    assert.equal(short.status, 400);
    assert.match(short.html, /id="new_password"[^>]*aria-invalid="true"/);
    await signIn(house);
  });

  it('is guessed as slowly here as at the front door, and the two count together', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    for (let guess = 0; guess < 5; guess += 1)
      assert.equal((await change(browser, 'not the password')).status, 403);
    const blocked = await change(browser, PASSWORD);
    assert.equal(blocked.status, 429);
    assert.equal(blocked.headers.get('retry-after'), '60');
    assert.match(words(blocked), /Too many attempts\. Try again in 1 minute\./);
    const front = openBrowserAt(house);
    const there = pageOf(
      await front.submit(await at(front, '/sign-in'), { email: EMAIL, password: PASSWORD }),
    );
    assert.equal(there.status, 429);
  });

  it('is changed once when the form comes twice', async () => {
    await using house = await openHouseOfTwo();
    const browser = await signIn(house);
    const form = await at(browser, '/account/password');
    const typed = { current_password: PASSWORD, new_password: next };
    assert.match(words(pageOf(await browser.submit(form, typed))), /Your password is changed/);
    const hash = (await house.storage.findUser('ada'))?.passwordHash;
    const second = pageOf(await browser.submit(form, typed));
    assert.equal(second.status, 200);
    assert.match(words(second), /had been changed already when that form came\. Nothing more was done\./);
    assert.equal((await house.storage.findUser('ada'))?.passwordHash, hash);
  });
});

describe('deleting the account', () => {
  it('takes everything along, for who knows the password', async () => {
    await using house = await openHouseOfTwo();
    const grace = await signIn(house, GRACE);
    const elsewhere = await signIn(house, GRACE);
    const client = await register(house);
    const { code, code_verifier } = await authorizeAndAllow(house, client, {}, grace);
    const tokens = await redeem(house, client, code, code_verifier);
    const adas = await connect(house);
    const id = (await house.storage.findUserByEmail(GRACE))!.id;
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    assert.match(
      words(await at(grace, '/account/delete')),
      /The app that may act for you is locked out\. You are signed out in every browser\./,
    );

    const done = await confirmDeletion(grace, PASSWORD);
    assert.equal(done.url.pathname, '/account/deleted');
    assert.match(words(done), /Your account is deleted/);
    assert.deepEqual(
      [...grace.cookies.keys()].filter((name) => name.includes('session')),
      [],
    );
    assert.equal(await house.storage.findUser(id), undefined);
    assert.deepEqual(await house.storage.listClientAccess(id, house.clock.now), []);
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
    assert.equal(await errorOf(await refresh(house, client, tokens.refresh_token)), 'invalid_grant');
    assert.doesNotMatch(await whoIs(elsewhere), /Signed in as/);
    assert.equal((await askMcp(house, adas.tokens.access_token)).status, 200);
    await assert.rejects(signIn(house, GRACE));
  });

  it('is refused without the right password, and guesses are slowed', async () => {
    await using house = await openHouseOfTwo();
    const grace = await signIn(house, GRACE);
    for (const guess of ['', GRACE, 'wrong', 'wrong', 'wrong']) {
      const wrong = await confirmDeletion(grace, guess);
      assert.equal(wrong.status, 403);
      assert.match(words(wrong), /That is not your password/);
    }
    assert.equal((await confirmDeletion(grace, PASSWORD)).status, 429);
    assert.ok(await house.storage.findUserByEmail(GRACE));
  });

  it('asks a person without a password here for the e-mail address', async () => {
    await using house = await openHouseOfTwo();
    const { passwordHash: _, ...user } = (await house.storage.findUserByEmail(GRACE))!;
    await house.storage.addUser({ ...user, id: 'bob', email: 'bob@example.com' });
    const token = randomToken();
    const { now } = house.clock;
    const session = { digest: digest(token), userId: 'bob', createdAt: now, expiresAt: now + HOUR };
    await house.storage.keepSession(session);
    const bob = openBrowserAt(house);
    bob.cookies.set('sallyport-session-8000', token);
    assert.doesNotMatch(words(await at(bob)), /Password/);
    assert.doesNotMatch(words(await at(bob, '/account/password')), /Present password/, 'there is none');
    const wrong = await confirmDeletion(bob, GRACE);
    assert.match(words(wrong), /That is not the e-mail address of this account\. Nothing was deleted\./);
    assert.equal((await confirmDeletion(bob, ' Bob@Example.com ')).url.pathname, '/account/deleted');
    assert.equal(await house.storage.findUser('bob'), undefined);
    assert.ok(await house.storage.findUserByEmail(GRACE));
  });

  it('asks a person without an address for the word', async () => {
    await using house = await openHouseOfTwo();
    const { now } = house.clock;
    const user = {
      id: 'eve',
      email: 'github:583231',
      name: 'Eve',
      role: 'member',
      createdAt: now,
      updatedAt: now,
    } as const;
    await house.storage.addUser(user);
    const token = randomToken();
    const session = { digest: digest(token), userId: 'eve', createdAt: now, expiresAt: now + HOUR };
    await house.storage.keepSession(session);
    const eve = openBrowserAt(house);
    eve.cookies.set('sallyport-session-8000', token);
    assert.equal(
      (await at(eve, '/account/password')).url.pathname,
      '/account',
      'nobody could type what it has in place of one',
    );
    assert.doesNotMatch(words(await at(eve, '/account/delete')), /e-mail/);
    const wrong = await confirmDeletion(eve, 'github:583231');
    assert.match(words(wrong), /That is not the word “delete”\. Nothing was deleted\./);
    assert.equal((await confirmDeletion(eve, ' Delete ')).url.pathname, '/account/deleted');
    assert.equal(await house.storage.findUser('eve'), undefined);
  });

  it('says the same to the second of two clicks', async () => {
    await using house = await openHouseOfTwo();
    const grace = await signIn(house, GRACE);
    const form = await at(grace, '/account/delete');
    const session = [...grace.cookies];
    assert.equal(
      pageOf(await grace.submit(form, { confirmation: PASSWORD })).url.pathname,
      '/account/deleted',
    );
    session.forEach(([name, value]) => grace.cookies.set(name, value));
    assert.equal(
      pageOf(await grace.submit(form, { confirmation: PASSWORD })).url.pathname,
      '/account/deleted',
    );
    const ada = await signIn(house);
    assert.equal((await at(ada, '/account/deleted')).url.pathname, '/account');
  });

  it('of the last operator is refused while others have accounts, and possible afterwards', async () => {
    await using house = await openHouseOfTwo();
    const ada = await signIn(house);
    const needed = await at(ada, '/account/delete');
    assert.equal(needed.status, 409);
    assert.match(words(needed), /^ ?Your account is still needed You are the only operator here/);
    assert.doesNotMatch(needed.html, /<form/);

    await house.storage.removeUser((await house.storage.findUserByEmail(GRACE))!.id);
    const form = await at(ada, '/account/delete');
    await house.addPerson(GRACE, PASSWORD);
    const late = pageOf(await ada.submit(form, { confirmation: PASSWORD }));
    assert.equal(late.status, 409);
    assert.ok(await house.storage.findUser('ada'));

    await house.storage.removeUser((await house.storage.findUserByEmail(GRACE))!.id);
    assert.equal((await confirmDeletion(ada, PASSWORD)).url.pathname, '/account/deleted');
    assert.equal(await house.storage.hasUsers(), false);
  });
});

describe('a form of these pages', () => {
  const forms = [
    ['/account', '/account/end-session'],
    ['/account', '/account/end-other-sessions'],
    ['/account/remove-all-access', '/account/remove-all-access'],
    ['/account/password', '/account/password'],
    ['/account/delete', '/account/delete'],
  ] as const;
  const typed = { current_password: PASSWORD, new_password: 'another good password', confirmation: PASSWORD };

  /** Everything that any of the forms could have changed. */
  const stateOf = async (house: House) => {
    const id = (await house.storage.findUserByEmail(GRACE))!.id;
    const { now } = house.clock;
    return JSON.stringify([
      await house.storage.findUser(id),
      await house.storage.listSessions(id, now),
      await house.storage.listClientAccess(id, now),
    ]);
  };

  async function prepared(house: House): Promise<Browser> {
    const grace = await signIn(house, GRACE);
    await signIn(house, GRACE);
    await authorizeAndAllow(house, await register(house), {}, grace);
    return grace;
  }

  it('does nothing when another site sends it, with whatever it carries', async () => {
    await using house = await openHouseOfTwo();
    const grace = await prepared(house);
    const before = await stateOf(house);
    for (const [path, action] of forms) {
      const { fields } = formOf(await at(grace, path), action);
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://example.org' }]) {
        const body = new URLSearchParams({ ...fields, ...typed });
        const response = await grace.request(action, { method: 'POST', body, headers });
        assert.equal(response.status, 403, action);
        assert.match(await response.text(), /Another site sent this form/);
      }
    }
    assert.equal(await stateOf(house), before);
  });

  it('does nothing without its token, with that of another form, or with that of another person', async () => {
    await using house = await openHouseOfTwo();
    const grace = await prepared(house);
    const ada = await signIn(house);
    // The same browser, another person.
    for (const [name, value] of grace.cookies) if (!name.includes('session')) ada.cookies.set(name, value);
    const before = await stateOf(house);
    for (const [path, action] of forms) {
      const { fields } = formOf(await at(grace, path), action);
      const [elsewhere, itsAction] = forms.find(([, one]) => one !== action)!;
      const others = formOf(await at(grace, elsewhere), itsAction).fields['csrf'];
      const foreign = formOf(await at(ada, path === '/account/delete' ? '/account' : path)).fields['csrf'];
      for (const csrf of ['', others, foreign]) {
        const body = new URLSearchParams({ ...fields, ...typed, csrf: csrf ?? '' });
        const response = await grace.request(action, { method: 'POST', body });
        assert.equal(response.status, 403, action);
        assert.match(await response.text(), /Send it once more/);
      }
    }
    assert.equal(await stateOf(house), before);
  });

  it('is refused whole when it is broken, too large, or says a thing twice', async () => {
    await using house = await openHouseOfTwo();
    const grace = await prepared(house);
    const before = await stateOf(house);
    for (const [path, action] of forms) {
      const { fields } = formOf(await at(grace, path), action);
      const sound = new URLSearchParams({ ...fields, ...typed }).toString();
      for (const body of [`${sound}&csrf=x`, `${sound}&more=${'x'.repeat(20_000)}`, `${sound}&bad=%zz`]) {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        assert.equal((await grace.request(action, { method: 'POST', body, headers })).status, 400);
      }
    }
    assert.equal(await stateOf(house), before);
  });

  it('answers other methods with 405', async () => {
    await using house = await openHouseOfTwo();
    const grace = await signIn(house, GRACE);
    for (const [, action] of forms)
      assert.equal((await grace.request(action, { method: 'DELETE' })).status, 405);
  });
});

describe('a notice', () => {
  it('is said to the browser that did it, and not by a link from elsewhere', async () => {
    await using house = await openHouseOfTwo();
    const [here, there] = [await signIn(house), await signIn(house)];
    const sent = await here.request('/account/end-other-sessions', {
      method: 'POST',
      body: new URLSearchParams(formOf(await at(here), '/account/end-other-sessions').fields),
    });
    const location = sent.headers.get('location')!;
    assert.match(words(await at(here, location)), /Every other browser is signed out/);
    const again = await signIn(house);
    assert.doesNotMatch(words(await at(again, location)), /Every other browser/);
    const forged = '/account?done=access_removed&about=All+your+money&about=gone';
    for (const path of [forged, `${forged}&seal=x`, location.replace('other_sessions_ended', 'toString')])
      assert.doesNotMatch(words(await at(here, path)), /can no longer use|All your money|Every other/);
    assert.doesNotMatch(await whoIs(there), /Signed in as/);
  });
});
