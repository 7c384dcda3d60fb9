// /oauth/authorize and consent, as a browser sees them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addPreregisteredClient } from '@sallyport/authorization-server';
import { formOf, leftTo, openBrowserAt, pageOf, type Browser } from './house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  EMAIL,
  errorOf,
  PASSWORD,
  REDIRECT_URI,
  redeem,
  register,
  signInAt,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

let house: House;
before(async () => {
  house = await openHouse();
  await house.addPerson(EMAIL, PASSWORD);
  await house.addPerson('grace@example.com', PASSWORD);
});
after(() => house.close());

async function signedIn(email = EMAIL): Promise<Browser> {
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open('/sign-in'));
  await browser.submit(page, { email, password: PASSWORD });
  return browser;
}

describe('before the client and its redirect URI are trusted, a failure is a page', () => {
  const cases: readonly [
    string,
    (client: { client_id: string }) => Record<string, string | undefined>,
    RegExp,
  ][] = [
    ['no client_id', () => ({ client_id: undefined }), /client_id/],
    ['an unknown client', () => ({ client_id: 'nobody' }), /not registered here/],
    ['an unregistered redirect URI', () => ({ redirect_uri: 'https://evil.example.com/' }), /redirect_uri/],
    [
      'the registered redirect URI with another case',
      () => ({ redirect_uri: 'https://client.example.com/Callback' }),
      /redirect_uri/,
    ],
    [
      'the registered redirect URI with a slash more',
      () => ({ redirect_uri: `${REDIRECT_URI}/` }),
      /redirect_uri/,
    ],
    ['a script', () => ({ redirect_uri: 'javascript:alert(1)' }), /redirect_uri/],
  ];
  for (const [name, parameters, expected] of cases) {
    it(`for ${name}, without going anywhere`, async () => {
      const client = await register(house);
      const page = pageOf(await openBrowserAt(house).open(authorizationUrl(client, parameters(client)).url));
      assert.equal(page.status, 400);
      assert.match(page.html, expected);
      assert.doesNotMatch(page.html, /evil\.example\.com|javascript:/);
      assert.match(page.headers.get('content-security-policy')!, /frame-ancestors 'none'/);
    });
  }
  it('for a parameter that is sent twice', async () => {
    const client = await register(house);
    const { url } = authorizationUrl(client);
    const page = pageOf(await openBrowserAt(house).open(`${url}&client_id=${client.client_id}`));
    assert.equal(page.status, 400);
    assert.match(page.html, /twice/);
  });
  it('for an app with several redirect URIs that names none', async () => {
    const client = await register(house, {
      redirect_uris: [REDIRECT_URI, 'https://client.example.com/other'],
    });
    const page = pageOf(
      await openBrowserAt(house).open(authorizationUrl(client, { redirect_uri: undefined }).url),
    );
    assert.equal(page.status, 400);
  });
  it('for methods that do not belong here', async () => {
    const response = await house.ask('/oauth/authorize', { method: 'DELETE' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD, POST');
  });
});

describe('after trust, a failure is a redirect with iss and state', () => {
  const cases: readonly [string, Record<string, string | undefined>, string][] = [
    ['response_type is missing', { response_type: undefined }, 'invalid_request'],
    ['response_type is token', { response_type: 'token' }, 'unsupported_response_type'],
    ['response_mode is fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['there is no code_challenge', { code_challenge: undefined }, 'invalid_request'],
    ['code_challenge_method is plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['code_challenge_method is missing', { code_challenge_method: undefined }, 'invalid_request'],
    ['code_challenge is not a digest', { code_challenge: 'short' }, 'invalid_request'],
    ['the resource is unknown', { resource: 'https://other.example.com/mcp' }, 'invalid_target'],
    ['a request object is sent', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a request_uri is sent', { request_uri: 'urn:x' }, 'request_uri_not_supported'],
    ['prompt=none finds nobody signed in', { prompt: 'none' }, 'login_required'],
  ];
  for (const [name, parameters, error] of cases) {
    it(`when ${name}`, async () => {
      const client = await register(house);
      const asked = authorizationUrl(client, parameters);
      const left = leftTo(await openBrowserAt(house).open(asked.url));
      assert.equal(`${left.origin}${left.pathname}`, REDIRECT_URI);
      assert.equal(left.searchParams.get('error'), error);
      assert.equal(left.searchParams.get('state'), asked.state);
      assert.equal(left.searchParams.get('iss'), house.origin);
      assert.ok(left.searchParams.get('error_description'));
      assert.ok(!left.searchParams.has('code'));
    });
  }
  it('keeps the query that the redirect URI has, and leaves state out when none was sent', async () => {
    const redirect_uri = `${REDIRECT_URI}?tenant=a%20b`;
    const client = await register(house, { redirect_uris: [redirect_uri] });
    const { url } = authorizationUrl(client, { redirect_uri, response_type: 'x', state: undefined });
    const response = await house.ask(url);
    const location = response.headers.get('location')!;
    assert.ok(location.startsWith(`${redirect_uri}&error=unsupported_response_type&`), location);
    assert.doesNotMatch(location, /state=/);
  });
  it('prompt=none with a person who has not agreed: consent_required', async () => {
    const browser = await signedIn();
    const left = leftTo(await browser.open(authorizationUrl(await register(house), { prompt: 'none' }).url));
    assert.equal(left.searchParams.get('error'), 'consent_required');
  });
});

describe('an error before anybody was asked, in a browser', () => {
  const navigate = { headers: { 'sec-fetch-mode': 'navigate' } };
  const unreadable = { response_type: 'x' };

  it('leads nowhere by itself to an address that nobody vouches for, and says who wants the browser back', async () => {
    const client = await register(house, { client_name: 'Quarterly reports' });
    for (const parameters of [unreadable, { prompt: 'none' }, { code_challenge: undefined }]) {
      const asked = authorizationUrl(client, parameters);
      const response = await house.ask(asked.url, navigate);
      assert.equal(response.status, 400);
      assert.equal(response.headers.get('location'), null);
      const page = await response.text();
      assert.match(page, /<bdi>Quarterly reports<\/bdi> could not be connected/);
      assert.match(page, /Unverified/);
      assert.doesNotMatch(page, /http-equiv="refresh"/);
      const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(page) ?? [];
      const back = new URL(href.replaceAll('&amp;', '&'));
      assert.equal(`${back.origin}${back.pathname}`, REDIRECT_URI);
      assert.ok(back.searchParams.get('error'));
      assert.equal(back.searchParams.get('state'), asked.state);
      assert.equal(back.searchParams.get('iss'), house.origin);
    }
  });
  it('goes back by itself to a client of the operator, to a known one, and to a program on this computer', async () => {
    const metadata = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' };
    const { client: added } = await addPreregisteredClient(house.storage, metadata, {
      now: house.clock.now,
      policy: house.config.registration,
    });
    const claude = 'https://claude.ai/api/mcp/auth_callback';
    const loopback = 'http://127.0.0.1:4242/callback';
    const clients: readonly [{ client_id: string }, string][] = [
      [added, REDIRECT_URI],
      [await register(house, { redirect_uris: [claude] }), claude],
      [await register(house, { redirect_uris: [loopback] }), loopback],
    ];
    for (const [{ client_id }, redirect_uri] of clients) {
      const { url } = authorizationUrl({ client_id }, { ...unreadable, redirect_uri });
      const response = await house.ask(url, navigate);
      assert.ok(response.headers.get('location')?.startsWith(`${redirect_uri}?error=`), redirect_uri);
    }
  });
  it('goes back by itself once a person has denied', async () => {
    const browser = await signedIn();
    const page = pageOf(await browser.open(authorizationUrl(await register(house)).url));
    const left = leftTo(await browser.submit(page, { decision: 'deny' }));
    assert.equal(left.searchParams.get('error'), 'access_denied');
  });
});

describe('the way to a code', () => {
  it('leads through sign-in and consent, and back with code, state and iss', async () => {
    const client = await register(house);
    const browser = openBrowserAt(house);
    const asked = authorizationUrl(client, { state: 'a state/with+odd=characters&more' });
    const signIn = pageOf(await browser.open(asked.url));
    assert.equal(signIn.url.pathname, '/sign-in');
    assert.match(signIn.html, /Example client<\/bdi><\/b> asks to connect/);
    const consent = pageOf(await signInAt(browser, signIn));
    for (const expected of [
      /Example client/,
      /Unverified/i,
      /client\.example\.com/,
      /ada@example\.com/,
      /Allow/,
      /Deny/,
    ])
      assert.match(consent.html, expected);
    const left = leftTo(await browser.submit(consent, { decision: 'allow' }));
    assert.equal(left.searchParams.get('state'), 'a state/with+odd=characters&more');
    assert.equal(left.searchParams.get('iss'), house.origin);
    await redeem(house, client, left.searchParams.get('code')!, asked.code_verifier);
  });

  it('names no client on the sign-in page when nothing waits where the person goes afterwards', async () => {
    const paused = pageOf(await openBrowserAt(house).open(authorizationUrl(await register(house)).url));
    const { searchParams } = new URL(paused.url.searchParams.get('return_to')!, house.origin);
    for (const returnTo of [
      '/',
      '/oauth/authorize/resume',
      '/oauth/authorize/resume?id=x',
      `/?id=${searchParams.get('id')}`,
    ]) {
      const page = pageOf(
        await openBrowserAt(house).open(`/sign-in?return_to=${encodeURIComponent(returnTo)}`),
      );
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.html, /asks to connect/);
    }
  });

  it('ends with access_denied when the person denies, also when that is submitted twice', async () => {
    const browser = await signedIn();
    const asked = authorizationUrl(await register(house));
    const consent = pageOf(await browser.open(asked.url));
    for (const _attempt of [1, 2]) {
      const left = leftTo(await browser.submit(consent, { decision: 'deny' }));
      assert.equal(left.searchParams.get('error'), 'access_denied');
      assert.equal(left.searchParams.get('state'), asked.state);
      assert.equal(left.searchParams.get('iss'), house.origin);
    }
    const late = pageOf(await browser.submit(consent, { decision: 'allow' }));
    assert.equal(late.status, 409);
  });

  it('survives a double load and a double submit: one grant, one code', async () => {
    const client = await register(house);
    const browser = await signedIn();
    const asked = authorizationUrl(client);
    const [first, second] = await Promise.all([browser.open(asked.url), browser.open(asked.url)]);
    assert.ok(pageOf(first).html && pageOf(second).html);
    const again = pageOf(await browser.open(pageOf(first).url.href));
    const codes = await Promise.all(
      [pageOf(first), again].map(async (page) =>
        leftTo(await browser.submit(page, { decision: 'allow' })).searchParams.get('code'),
      ),
    );
    assert.equal(codes[0], codes[1]);
    const { access_token } = await redeem(house, client, codes[0]!, asked.code_verifier);
    assert.equal((await askMcp(house, access_token)).status, 200);
    // Coming back later must not hand out the spent code again, which the client might redeem and so kill the grant.
    assert.equal(pageOf(await browser.submit(again, { decision: 'allow' })).status, 409);
    assert.equal(pageOf(await browser.open(again.url.href)).status, 409);
    assert.equal((await askMcp(house, access_token)).status, 200);
  });

  it('answered once more when its code can no longer be redeemed, is a page that says so', async () => {
    const client = await register(house);
    const browser = await signedIn();
    const consent = pageOf(await browser.open(authorizationUrl(client).url));
    leftTo(await browser.submit(consent, { decision: 'allow' }));
    house.clock.now += house.config.tokens.codeLifetimeSeconds;
    try {
      assert.equal(pageOf(await browser.submit(consent, { decision: 'allow' })).status, 409);
      await house.storage.sweep({ now: house.clock.now, unusedClientsBefore: 0, limit: 100 });
      assert.equal(pageOf(await browser.submit(consent, { decision: 'allow' })).status, 409);
    } finally {
      house.clock.now -= house.config.tokens.codeLifetimeSeconds;
    }
  });

  it('remembers consent for https, asks again for more scopes, for prompt=consent, and for another person', async () => {
    const client = await register(house);
    const { browser } = await authorizeAndAllow(house, client, { scope: 'read' });
    leftTo(await browser.open(authorizationUrl(client, { scope: 'read' }).url));
    leftTo(await browser.open(authorizationUrl(client, { scope: 'read', prompt: 'none' }).url));
    pageOf(await browser.open(authorizationUrl(client, { scope: 'read write' }).url));
    pageOf(await browser.open(authorizationUrl(client, { scope: 'read', prompt: 'consent' }).url));
    pageOf(await (await signedIn('grace@example.com')).open(authorizationUrl(client, { scope: 'read' }).url));
  });

  for (const redirect_uri of [
    'http://localhost/callback',
    'http://127.0.0.1:1/cb',
    'http://[::1]:1/cb',
    'cursor://anysphere.cursor-mcp/oauth/callback',
  ]) {
    it(`asks every time for ${redirect_uri}`, async () => {
      const client = await register(house, { redirect_uris: [redirect_uri] });
      const asked = redirect_uri.startsWith('http:')
        ? redirect_uri.replace(/:\d+\/|(?<=localhost)\//, ':54321/')
        : redirect_uri;
      const { browser, redirect } = await authorizeAndAllow(house, client, { redirect_uri: asked });
      assert.ok(redirect.href.startsWith(`${asked}?code=`), redirect.href);
      pageOf(await browser.open(authorizationUrl(client, { redirect_uri: asked }).url));
      const none = leftTo(
        await browser.open(authorizationUrl(client, { redirect_uri: asked, prompt: 'none' }).url),
      );
      assert.equal(none.searchParams.get('error'), 'interaction_required');
    });
  }

  it('hands a browser with a private-use scheme a page that opens the app, and a program the redirect', async () => {
    const redirect_uri = 'cursor://anysphere.cursor-mcp/oauth/callback';
    const client = await register(house, { redirect_uris: [redirect_uri], client_name: 'Cursor' });
    const browser = await signedIn();
    const consent = pageOf(await browser.open(authorizationUrl(client, { redirect_uri }).url));
    const { action, fields } = formOf(consent);
    const response = await browser.request(action, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'navigate',
      },
      body: new URLSearchParams({ ...fields, decision: 'allow' }).toString(),
    });
    assert.equal(response.status, 200);
    const html = await response.text();
    assert.match(html, /Going back to/);
    assert.match(html, /href="cursor:\/\/anysphere\.cursor-mcp\/oauth\/callback\?code=/);
    assert.doesNotMatch(html, /<script/);
  });
});

describe('consent cannot be forged or stolen', () => {
  it('decides nothing without the form token, and shows the page again', async () => {
    const browser = await signedIn();
    const consent = pageOf(await browser.open(authorizationUrl(await register(house)).url));
    for (const csrf of ['', 'x', 'A'.repeat(43)]) {
      const again = pageOf(await browser.submit(consent, { csrf, decision: 'allow' }));
      assert.equal(again.status, 403);
      assert.match(again.html, /decide once more/);
    }
    leftTo(await browser.submit(consent, { decision: 'allow' }));
  });

  it('refuses a decision that another site posts', async () => {
    const browser = await signedIn();
    const consent = pageOf(await browser.open(authorizationUrl(await register(house)).url));
    const { action, fields } = formOf(consent);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example.com' },
    ]) {
      const response = await browser.request(action, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } as Record<
          string,
          string
        >,
        body: new URLSearchParams({ ...fields, decision: 'allow' }).toString(),
      });
      assert.equal(response.status, 403);
      assert.equal(response.headers.get('location'), null);
    }
  });

  it('is bound to the browser: a form from another one decides nothing, though both are signed in', async () => {
    const mine = await signedIn();
    const theirs = await signedIn('grace@example.com');
    const consent = pageOf(await mine.open(authorizationUrl(await register(house)).url));
    const elsewhere = pageOf(await theirs.submit(consent, { decision: 'allow' }));
    assert.notEqual(elsewhere.url.href, consent.url.href);
    assert.match(elsewhere.html, /grace@example\.com/);
    leftTo(await mine.submit(consent, { decision: 'allow' }));
  });

  it('is bound to the person: after a change of account the old form only asks again', async () => {
    const browser = await signedIn();
    const consent = pageOf(await browser.open(authorizationUrl(await register(house)).url));
    const switching = pageOf(
      await browser.open(
        `/sign-in?switch=1&return_to=${encodeURIComponent(consent.url.pathname + consent.url.search)}`,
      ),
    );
    await browser.submit(switching, { email: 'grace@example.com', password: PASSWORD });
    const again = pageOf(await browser.submit(consent, { decision: 'allow' }));
    assert.equal(again.status, 403);
    assert.match(again.html, /grace@example\.com/);
    assert.doesNotMatch(again.html, /ada@example\.com/);
  });

  it('expires, and its page says what to do', async () => {
    const expiring = await openHouse();
    await expiring.addPerson(EMAIL, PASSWORD);
    const browser = openBrowserAt(expiring);
    const page = pageOf(await browser.open(authorizationUrl(await register(expiring)).url));
    const consent = pageOf(await signInAt(browser, page));
    expiring.clock.now += 3600;
    const expired = pageOf(await browser.submit(consent, { decision: 'allow' }));
    assert.equal(expired.status, 400);
    assert.match(expired.html, /expired/);
    await expiring.close();
  });

  it('shows a hostile client name as text, without tricks of direction', async () => {
    const client = await register(house, {
      client_name: '<img src=x onerror=alert(1)>\u202e\u0000Trusted\n',
    });
    assert.doesNotMatch(String(client['client_name']), /[\u202e\u0000\n]/);
    const consent = pageOf(await (await signedIn()).open(authorizationUrl(client).url));
    assert.doesNotMatch(consent.html, /<img src=x/);
    assert.match(consent.html, /&lt;img src=x/);
  });
});

describe('scope and resource', () => {
  const granted: readonly [string, Record<string, string | undefined>, string][] = [
    ['nothing is asked', {}, 'read'],
    ['scope is empty', { scope: '' }, 'read'],
    ['only unknown scopes are asked', { scope: 'openid profile' }, 'read'],
    ['unknown scopes are among them', { scope: 'write admin:all' }, 'write'],
    ['offline_access is among them', { scope: 'read write offline_access' }, 'read write'],
    ['the resource is exact', { resource: 'http://localhost:8000/mcp' }, 'read'],
    ['the resource has a slash more', { resource: 'http://localhost:8000/mcp/' }, 'read'],
    ['the resource has an upper-case host', { resource: 'HTTP://LOCALHOST:8000/mcp' }, 'read'],
  ];
  for (const [name, parameters, scope] of granted) {
    it(`grants "${scope}" for the one server when ${name}`, async () => {
      const client = await register(house);
      const { code, code_verifier } = await authorizeAndAllow(house, client, parameters);
      const tokens = await redeem(house, client, code, code_verifier);
      assert.equal(tokens.scope, scope);
      const claims = JSON.parse(
        Buffer.from(tokens.access_token.split('.')[1]!, 'base64url').toString(),
      ) as Record<string, unknown>;
      assert.equal(claims['aud'], 'http://localhost:8000/mcp');
      assert.equal(claims['scope'], scope);
    });
  }

  it('wants a resource when there are several servers and none is the default; a token for one is refused by the other', async () => {
    const two = await openHouse({
      configure: (config) => ({
        ...config,
        servers: ['one', 'two'].map(
          (name) =>
            ({ name, title: name, path: `/mcp/${name}`, toolset: 'records', default: false }) as const,
        ),
      }),
    });
    await two.addPerson(EMAIL, PASSWORD);
    const client = await register(two);
    const none = leftTo(await openBrowserAt(two).open(authorizationUrl(client).url));
    assert.equal(none.searchParams.get('error'), 'invalid_target');
    const both = authorizationUrl(client, { resource: 'http://localhost:8000/mcp/one' });
    const ambiguous = leftTo(
      await openBrowserAt(two).open(`${both.url}&resource=http%3A%2F%2Flocalhost%3A8000%2Fmcp%2Ftwo`),
    );
    assert.equal(ambiguous.searchParams.get('error'), 'invalid_target');
    const { code, code_verifier } = await authorizeAndAllow(two, client, {
      resource: 'http://localhost:8000/mcp/one',
    });
    const form = { grant_type: 'authorization_code', client_id: client.client_id, code, code_verifier };
    assert.equal(
      await errorOf(await askToken(two, { ...form, resource: 'http://localhost:8000/mcp/two' })),
      'invalid_target',
    );
    const { access_token } = await redeem(two, client, code, code_verifier);
    const call = (path: string) =>
      two.ask(path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${access_token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      });
    assert.equal((await call('/mcp/one')).status, 200);
    assert.equal((await call('/mcp/two')).status, 401);
    await two.close();
  });
});
