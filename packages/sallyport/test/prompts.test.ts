// What a client may ask of the person's presence (OpenID Connect Core §3.1.2.1): `prompt`, `max_age`, `login_hint`; and
// when an answer from before is enough.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { prompts } from '../../authorization-server/src/authorize/asked-interaction.ts';
import { leftTo, openBrowserAt, pageOf, type Arrived, type Browser, type Page } from './house/browser.ts';
import {
  authorizationUrl,
  authorizeAndAllow,
  EMAIL,
  PASSWORD,
  REDIRECT_URI,
  redeem,
  register,
  signInAt,
  type Registered,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

const GRACE = 'grace@example.com';

let house: House;
before(async () => {
  house = await openHouse({
    configure: (config) => ({ ...config, rateLimits: { ...config.rateLimits, enabled: false } }),
  });
  await house.addPerson(EMAIL, PASSWORD);
  await house.addPerson(GRACE, PASSWORD);
});
after(() => house.close());

async function signedIn(email = EMAIL): Promise<Browser> {
  const browser = openBrowserAt(house);
  await signInAs(browser, pageOf(await browser.open('/sign-in')), email);
  return browser;
}

const signInAs = (browser: Browser, page: Page, email = EMAIL): Promise<Arrived> => {
  assert.equal(page.url.pathname, '/sign-in');
  return browser.submit(page, { email, password: PASSWORD });
};

const errorOf = (arrived: Arrived): string | null => leftTo(arrived).searchParams.get('error');

/** Which page it is, or what the client was told. */
function outcomeOf(arrived: Arrived): string {
  if ('left' in arrived) return arrived.left.searchParams.get('error') ?? 'code';
  if (arrived.html.includes('Sign in once more')) return 'sign in once more';
  if (arrived.url.pathname === '/sign-in') return 'sign in';
  if (arrived.html.includes('Which account?')) return 'choose';
  if (/<h1>Allow /.test(arrived.html)) return 'consent';
  return `${arrived.status} ${/<h1>([^<]*)/.exec(arrived.html)?.[1] ?? ''}`;
}

async function later<Result>(seconds: number, run: () => Promise<Result>): Promise<Result> {
  house.clock.now += seconds;
  try {
    return await run();
  } finally {
    house.clock.now -= seconds;
  }
}

describe('an answer from before', () => {
  const redirects = {
    'the same https origin': REDIRECT_URI,
    'the same https origin by another path': 'https://client.example.com/other',
    'another https origin': 'https://other.example.com/callback',
    'a program on this computer': 'http://127.0.0.1:1/callback',
    'an app behind a scheme': 'com.example.client:/callback',
  };
  const remembered = [undefined, 'read', 'write', 'read write'] as const;
  let browser: Browser;
  const clients = new Map<string | undefined, Registered>();
  before(async () => {
    browser = await signedIn();
    for (const scope of remembered) {
      const client = await register(house, { redirect_uris: Object.values(redirects) });
      clients.set(scope, client);
      if (scope !== undefined) await authorizeAndAllow(house, client, { scope }, browser);
    }
  });

  /** By the words of the rule, and not as the code goes about it. */
  function expected(
    from: string | undefined,
    asked: string,
    where: string,
    prompt: string | undefined,
  ): string[] {
    // At the records server, writing includes reading.
    const agreed = new Set(from?.replace('write', 'read write').split(' '));
    const isRemembered = where.startsWith('the same') && asked.split(' ').every((name) => agreed.has(name));
    const atLast = isRemembered ? 'code' : 'consent';
    switch (prompt) {
      case 'none':
        if (isRemembered) return ['code'];
        return [
          where.endsWith('origin') || where.endsWith('path') ? 'consent_required' : 'interaction_required',
        ];
      case 'login':
        return ['sign in once more', atLast];
      case 'select_account':
        return ['choose', atLast];
      case 'consent':
        return ['consent'];
      case 'login consent':
        return ['sign in once more', 'consent'];
      case 'select_account consent':
        return ['choose', 'consent'];
      // Whoever has just signed in has chosen by that.
      case 'login select_account':
        return ['sign in once more', atLast];
      case undefined:
      default:
        return [atLast];
    }
  }

  for (const from of remembered)
    for (const asked of ['read', 'write', 'read write'])
      for (const [where, redirect_uri] of Object.entries(redirects))
        for (const prompt of [
          undefined,
          ...prompts,
          'login consent',
          'select_account consent',
          'login select_account',
        ]) {
          const steps = expected(from, asked, where, prompt);
          it(`to ${from ?? 'nothing'}, asked for ${asked} at ${where} with prompt ${prompt}: ${steps.join(', then ')}`, async () => {
            const client = clients.get(from)!;
            let arrived = await browser.open(
              authorizationUrl(client, { scope: asked, redirect_uri, prompt }).url,
            );
            const seen = [outcomeOf(arrived)];
            if (seen[0] === 'sign in once more') arrived = await signInAs(browser, pageOf(arrived));
            if (seen[0] === 'choose')
              arrived = await browser.submit(pageOf(arrived), { decision: 'continue' });
            if (['sign in once more', 'choose'].includes(seen[0]!)) seen.push(outcomeOf(arrived));
            assert.deepEqual(seen, steps);
          });
        }

  it('counts for the server that it was given for, and no longer than it stands', async () => {
    const client = clients.get('read')!;
    const user = (await house.storage.findUserByEmail(EMAIL))!;
    const access = await house.storage.listClientAccess(user.id, house.clock.now);
    const { scope } = access.find((one) => one.client.client_id === client.client_id)!;
    assert.deepEqual(scope, ['read']);
    const of = { clientId: client.client_id, resource: `${house.origin}/mcp` };
    await house.storage.removeClientAccess({ userId: user.id, of, now: house.clock.now });
    const silent = authorizationUrl(client, { scope: 'read', prompt: 'none' });
    assert.equal(errorOf(await browser.open(silent.url)), 'consent_required');
  });

  it('is not kept of a client that does without PKCE: it is asked every time', async () => {
    const { client_id } = await register(house);
    const kept = (await house.storage.findClient(client_id))!;
    const client = { ...kept, client_id: 'without-pkce', requirePkce: false as const };
    assert.equal(await house.storage.addClient(client), 'added');
    await authorizeAndAllow(house, client, {}, browser);
    const again = authorizationUrl(client);
    assert.equal(outcomeOf(await browser.open(again.url)), 'consent');
    const silent = authorizationUrl(client, { prompt: 'none' });
    assert.equal(errorOf(await browser.open(silent.url)), 'interaction_required');
  });
});

describe('what is asked for is read strictly', () => {
  const refused: readonly [Record<string, string>, RegExp][] = [
    [{ prompt: 'create' }, /none, login, consent and select_account/],
    [{ prompt: 'Login' }, /none, login, consent and select_account/],
    [{ prompt: 'login\tconsent' }, /none, login, consent and select_account/],
    [{ prompt: 'login,consent' }, /none, login, consent and select_account/],
    [{ prompt: 'none login' }, /no other word/],
    [{ prompt: 'select_account none' }, /no other word/],
    [{ max_age: '-1' }, /whole seconds/],
    [{ max_age: '1.5' }, /whole seconds/],
    [{ max_age: '1e3' }, /whole seconds/],
    [{ max_age: ' 60' }, /whole seconds/],
    [{ max_age: '٦' }, /whole seconds/],
    [{ max_age: '9999999999' }, /whole seconds/],
  ];
  for (const [parameters, sentence] of refused)
    it(`${JSON.stringify(parameters)} is an invalid_request`, async () => {
      const left = leftTo(
        await openBrowserAt(house).open(authorizationUrl(await register(house), parameters).url),
      );
      assert.equal(left.searchParams.get('error'), 'invalid_request');
      assert.match(left.searchParams.get('error_description')!, sentence);
    });

  it('a word twice, and spaces around it, are the word', async () => {
    const asked = authorizationUrl(await register(house), { prompt: ' none  none ' });
    assert.equal(errorOf(await openBrowserAt(house).open(asked.url)), 'login_required');
  });

  it('the metadata lists the words that mean something, and the refusal names the same', async () => {
    const response = await house.ask('/.well-known/oauth-authorization-server');
    const { prompt_values_supported } = (await response.json()) as Record<string, unknown>;
    assert.deepEqual(prompt_values_supported, ['none', 'login', 'consent', 'select_account']);
  });
});

describe('prompt=login', () => {
  it('asks who has a session to sign in once more, names them, and ends that session', async () => {
    const client = await register(house);
    const browser = await signedIn();
    const before = new Map(browser.cookies);
    const asked = authorizationUrl(client, { prompt: 'login' });
    const page = pageOf(await browser.open(asked.url));
    assert.match(page.html, /Example client<\/bdi><\/b> wants to be sure that it is you/);
    assert.match(page.html, /value="ada@example\.com"/);
    const wrong = pageOf(await browser.submit(page, { email: EMAIL, password: 'not the password' }));
    assert.equal(outcomeOf(wrong), 'sign in once more');
    const consent = pageOf(await signInAs(browser, wrong));
    const left = leftTo(await browser.submit(consent, { decision: 'allow' }));
    await redeem(house, client, left.searchParams.get('code')!, asked.code_verifier);
    const old = openBrowserAt(house);
    for (const [name, value] of before) old.cookies.set(name, value);
    assert.equal(pageOf(await old.open('/account')).url.pathname, '/sign-in');
  });

  it('is not satisfied by going to where it goes on, by reloading, or by answering there', async () => {
    const browser = await signedIn();
    const page = pageOf(await browser.open(authorizationUrl(await register(house), { prompt: 'login' }).url));
    const here = page.url.searchParams.get('return_to')!;
    for (const path of [here, `${here}&chosen=x`, here])
      assert.equal(outcomeOf(await browser.open(path)), 'sign in once more');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const decision of ['allow', 'continue', 'deny']) {
      const body = new URLSearchParams({ decision, csrf: 'x' }).toString();
      const response = await browser.request(here, { method: 'POST', headers: form, body });
      assert.equal(response.status, 303);
      assert.match(response.headers.get('location')!, /^\/sign-in\?again=1/);
    }
  });

  it('a sign-in in one tab is one in the other, for a request that waits there as well', async () => {
    const client = await register(house);
    const browser = await signedIn();
    const tabs = [1, 2].map(() => authorizationUrl(client, { prompt: 'login' }));
    const pages = [pageOf(await browser.open(tabs[0]!.url)), pageOf(await browser.open(tabs[1]!.url))];
    const first = pageOf(await signInAs(browser, pages[0]!));
    assert.equal(outcomeOf(first), 'consent');
    assert.equal(outcomeOf(await browser.open(pages[1]!.url.searchParams.get('return_to')!)), 'consent');
    // A third request comes after that sign-in.
    const third = authorizationUrl(client, { prompt: 'login' });
    assert.equal(outcomeOf(await browser.open(third.url)), 'sign in once more');
  });

  it('another person may sign in, and is the one who is asked', async () => {
    const client = await register(house);
    const { browser } = await authorizeAndAllow(house, client);
    const page = pageOf(await browser.open(authorizationUrl(client, { prompt: 'login' }).url));
    const consent = pageOf(await signInAs(browser, page, GRACE));
    assert.equal(outcomeOf(consent), 'consent');
    assert.match(consent.html, /grace@example\.com/);
    assert.doesNotMatch(consent.html, /ada@example\.com/);
  });

  it('who was not signed in signs in once', async () => {
    const browser = openBrowserAt(house);
    const page = pageOf(await browser.open(authorizationUrl(await register(house), { prompt: 'login' }).url));
    assert.equal(outcomeOf(page), 'sign in');
    assert.equal(outcomeOf(await signInAs(browser, page)), 'consent');
  });

  it('gone on with in another browser, it is asked for there', async () => {
    const mine = await signedIn();
    const theirs = await signedIn(GRACE);
    const page = pageOf(await mine.open(authorizationUrl(await register(house), { prompt: 'login' }).url));
    const elsewhere = pageOf(await theirs.open(page.url.searchParams.get('return_to')!));
    assert.equal(outcomeOf(elsewhere), 'sign in once more');
    assert.notEqual(elsewhere.url.searchParams.get('return_to'), page.url.searchParams.get('return_to'));
    const nobody = openBrowserAt(house);
    const there = pageOf(await nobody.open(page.url.searchParams.get('return_to')!));
    assert.equal(outcomeOf(there), 'sign in');
    assert.equal(outcomeOf(await signInAs(nobody, there)), 'consent');
  });

  it('is asked for again when the session ends before the answer', async () => {
    const browser = await signedIn();
    const page = pageOf(await browser.open(authorizationUrl(await register(house), { prompt: 'login' }).url));
    const consent = pageOf(await signInAs(browser, page));
    const user = (await house.storage.findUserByEmail(EMAIL))!;
    for (const { digest } of await house.storage.listSessions(user.id, house.clock.now))
      await house.storage.endSession(digest);
    const signIn = pageOf(await browser.submit(consent, { decision: 'allow' }));
    assert.equal(outcomeOf(signIn), 'sign in');
    const again = pageOf(await signInAs(browser, signIn));
    assert.equal(outcomeOf(again), 'consent');
    assert.equal(outcomeOf(await browser.submit(again, { decision: 'allow' })), 'code');
  });

  it('submitted twice, it is one code', async () => {
    const browser = await signedIn();
    const page = pageOf(await browser.open(authorizationUrl(await register(house), { prompt: 'login' }).url));
    const consent = pageOf(await signInAs(browser, page));
    const answers = await Promise.all([1, 2].map(() => browser.submit(consent, { decision: 'allow' })));
    const codes = answers.map((answer) => leftTo(answer).searchParams.get('code'));
    assert.ok(codes[0]);
    assert.equal(codes[0], codes[1]);
  });
});

describe('max_age', () => {
  it('asks who signed in longer ago, and nobody else', async () => {
    const client = await register(house);
    const browser = await signedIn();
    const outcome = async (max_age: string) =>
      outcomeOf(await browser.open(authorizationUrl(client, { max_age }).url));
    await later(600, async () => {
      assert.equal(await outcome('599'), 'sign in once more');
      assert.equal(await outcome('600'), 'consent');
      assert.equal(await outcome('999999999'), 'consent');
    });
  });

  it('of 0 is prompt=login', async () => {
    const browser = await signedIn();
    const page = pageOf(await browser.open(authorizationUrl(await register(house), { max_age: '0' }).url));
    assert.equal(outcomeOf(page), 'sign in once more');
    const consent = pageOf(await later(5, () => signInAs(browser, page)));
    assert.equal(outcomeOf(await later(60, () => browser.submit(consent, { decision: 'allow' }))), 'code');
  });

  it('is judged again when the person answers', async () => {
    const browser = await signedIn();
    const client = await register(house);
    const consent = pageOf(await browser.open(authorizationUrl(client, { max_age: '600' }).url));
    assert.equal(outcomeOf(consent), 'consent');
    await later(601, async () => {
      const signIn = pageOf(await browser.submit(consent, { decision: 'allow' }));
      assert.equal(outcomeOf(signIn), 'sign in once more');
      const again = pageOf(await signInAs(browser, signIn));
      assert.equal(outcomeOf(again), 'consent');
      assert.equal(outcomeOf(await browser.submit(again, { decision: 'allow' })), 'code');
    });
  });

  it('with prompt=none is login_required, and with fresh consent silent', async () => {
    const client = await register(house);
    const { browser } = await authorizeAndAllow(house, client);
    const silent = () => browser.open(authorizationUrl(client, { prompt: 'none', max_age: '60' }).url);
    assert.equal(outcomeOf(await silent()), 'code');
    assert.equal(errorOf(await later(61, silent)), 'login_required');
  });
});

describe('prompt=select_account', () => {
  it('offers the account of this browser and another, and denies when it is cancelled', async () => {
    const asked = authorizationUrl(await register(house), { prompt: 'select_account' });
    const browser = await signedIn();
    const page = pageOf(await browser.open(asked.url));
    assert.match(page.html, /Continue as <bdi>ada<\/bdi>/);
    assert.match(page.html, /ada@example\.com/);
    assert.match(page.html, /Use another account/);
    const left = leftTo(await browser.submit(page, { decision: 'deny' }));
    assert.equal(left.searchParams.get('error'), 'access_denied');
    assert.equal(left.searchParams.get('state'), asked.state);
    assert.equal(pageOf(await browser.submit(page, { decision: 'continue' })).status, 409);
  });

  it('is asked once: neither after the choice, nor after signing in with another account', async () => {
    const client = await register(house);
    const browser = await signedIn();
    const asked = () => authorizationUrl(client, { prompt: 'select_account' }).url;
    const chosen = pageOf(
      await browser.submit(pageOf(await browser.open(asked())), { decision: 'continue' }),
    );
    assert.equal(outcomeOf(chosen), 'consent');
    assert.equal(outcomeOf(await browser.open(chosen.url.href)), 'consent', 'a reload');
    assert.equal(outcomeOf(await browser.submit(chosen, { decision: 'x' })), 'consent', 'a mistake');
    assert.equal(outcomeOf(await browser.submit(chosen, { decision: 'allow' })), 'code');
    const choice = pageOf(await browser.open(asked()));
    const [, href] = /<a class="button" href="([^"]+)">Use another account/.exec(choice.html)!;
    const signIn = pageOf(await browser.open(href!.replaceAll('&amp;', '&')));
    const consent = pageOf(await signInAs(browser, signIn, GRACE));
    assert.equal(outcomeOf(consent), 'consent');
    assert.match(consent.html, /grace@example\.com/);
  });

  it('who signs in for this very request has chosen', async () => {
    const browser = openBrowserAt(house);
    const page = pageOf(
      await browser.open(authorizationUrl(await register(house), { prompt: 'select_account' }).url),
    );
    assert.equal(outcomeOf(await signInAs(browser, page)), 'consent');
  });

  it('chosen twice with consent from before, it is one code', async () => {
    const client = await register(house);
    const { browser } = await authorizeAndAllow(house, client);
    const page = pageOf(await browser.open(authorizationUrl(client, { prompt: 'select_account' }).url));
    const answers = await Promise.all([1, 2].map(() => browser.submit(page, { decision: 'continue' })));
    const codes = answers.map((answer) => leftTo(answer).searchParams.get('code'));
    assert.ok(codes[0]);
    assert.equal(codes[0], codes[1]);
  });

  it('cannot be answered for the person: by another site, another browser, another pause, another person', async () => {
    const client = await register(house);
    const { browser } = await authorizeAndAllow(house, client);
    const open = async () =>
      pageOf(await browser.open(authorizationUrl(client, { prompt: 'select_account' }).url));
    const page = await open();
    for (const csrf of ['', 'x'])
      assert.equal(pageOf(await browser.submit(page, { csrf, decision: 'continue' })).status, 403);
    const here = page.url.pathname + page.url.search;
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' };
    const forged = await browser.request(here, { method: 'POST', headers, body: 'decision=continue' });
    assert.equal(forged.status, 403);
    for (const seal of ['', 'x', 'A'.repeat(43)])
      assert.equal(outcomeOf(await browser.open(`${here}&chosen=${seal}`)), 'choose');
    // The seal of one pause, taken to another.
    const more = authorizationUrl(client, { prompt: 'select_account', scope: 'read write' });
    const consent = pageOf(
      await browser.submit(pageOf(await browser.open(more.url)), { decision: 'continue' }),
    );
    const seal = consent.url.searchParams.get('chosen')!;
    assert.ok(seal);
    assert.equal(outcomeOf(await browser.open(`${here}&chosen=${seal}`)), 'choose');
    const grace = await signedIn(GRACE);
    assert.equal(outcomeOf(await grace.open(consent.url.href)), 'choose', 'another browser and person');
  });

  it('goes on after a sign-out in another tab', async () => {
    const browser = await signedIn();
    const page = pageOf(
      await browser.open(authorizationUrl(await register(house), { prompt: 'select_account' }).url),
    );
    for (const name of browser.cookies.keys()) if (name.includes('session')) browser.cookies.delete(name);
    const signIn = pageOf(await browser.submit(page, { decision: 'continue' }));
    assert.equal(outcomeOf(signIn), 'sign in');
    assert.equal(outcomeOf(await signInAs(browser, signIn)), 'consent');
  });
});

describe('login_hint', () => {
  const signInPage = async (login_hint: string): Promise<Page> =>
    pageOf(await openBrowserAt(house).open(authorizationUrl(await register(house), { login_hint }).url));

  it('stands in the form, the same whether or not there is such an account', async () => {
    const shape = ({ html }: Page, email: string) =>
      html.replaceAll(email, '<email>').replace(/id(?:=|%3D)[\w%-]+|"[\w-]{43}"|<code>[^<]*/g, '');
    const known = await signInPage(' Ada@EXAMPLE.com');
    assert.match(known.html, /value="ada@example\.com"/);
    const unknown = await signInPage('nobody@example.com');
    assert.match(unknown.html, /value="nobody@example\.com"/);
    assert.equal(shape(known, EMAIL), shape(unknown, 'nobody@example.com'));
  });

  it('that is no e-mail address is passed over', async () => {
    for (const hint of [
      'ada',
      '+1 555 0100',
      '"><script>alert(1)</script>',
      `${'a'.repeat(300)}@example.com`,
    ]) {
      const { html, status } = await signInPage(hint);
      assert.equal(status, 200);
      assert.match(html, /name="email"\s+type="email"\s+value=""/);
      assert.doesNotMatch(html, /script/);
    }
    const quoted = await signInPage("a'b&c@example.com");
    assert.match(quoted.html, /value="a(?:&#39;|')b&amp;c@example\.com"/);
  });

  it('of somebody else than who is signed in offers the choice, although consent is remembered', async () => {
    const client = await register(house);
    const { browser } = await authorizeAndAllow(house, client);
    const ask = (login_hint: string, more = {}) =>
      browser.open(authorizationUrl(client, { login_hint, ...more }).url);
    assert.equal(outcomeOf(await ask('ADA@example.com')), 'code');
    const page = pageOf(await ask(GRACE));
    assert.equal(outcomeOf(page), 'choose');
    assert.match(page.html, /expects <bdi>grace@example\.com<\/bdi>/);
    const unknown = pageOf(await ask('nobody@example.com'));
    assert.match(unknown.html, /expects <bdi>nobody@example\.com<\/bdi>/);
    assert.equal(errorOf(await ask(GRACE, { prompt: 'none' })), 'account_selection_required');
    assert.equal(outcomeOf(await ask(EMAIL, { prompt: 'none' })), 'code');
    const [, href] = /<a class="button" href="([^"]+)">Sign in with that account/.exec(page.html)!;
    const signIn = pageOf(await browser.open(href!.replaceAll('&amp;', '&')));
    assert.match(signIn.html, /value="grace@example\.com"/);
    assert.equal(outcomeOf(await signInAs(browser, signIn, GRACE)), 'consent');
  });

  it('and going on as oneself is the person’s to say', async () => {
    const client = await register(house);
    const { browser } = await authorizeAndAllow(house, client);
    const page = pageOf(await browser.open(authorizationUrl(client, { login_hint: GRACE }).url));
    assert.equal(outcomeOf(await browser.submit(page, { decision: 'continue' })), 'code');
  });

  it('with prompt=none and nobody signed in is login_required', async () => {
    const asked = authorizationUrl(await register(house), { login_hint: EMAIL, prompt: 'none' });
    assert.equal(errorOf(await openBrowserAt(house).open(asked.url)), 'login_required');
  });
});

it('who signs in where all is asked at once is led through each once', async () => {
  const client = await register(house);
  const browser = await signedIn();
  const asked = authorizationUrl(client, {
    prompt: 'login consent select_account',
    max_age: '0',
    login_hint: GRACE,
  });
  const page = pageOf(await browser.open(asked.url));
  assert.equal(outcomeOf(page), 'sign in once more');
  const consent = pageOf(await signInAt(browser, page));
  assert.equal(outcomeOf(consent), 'consent');
  const left = leftTo(await browser.submit(consent, { decision: 'allow' }));
  await redeem(house, client, left.searchParams.get('code')!, asked.code_verifier);
});
