// An app's whole login where people sign in with a provider that somebody else runs: registered, sent to the sign-in page,
// from there to the provider, back, asked for consent, and on with a token that calls a tool.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { formOf, leftTo, openBrowserAt, pageOf } from '../house/browser.ts';
import { askMcp, askToken, authorizationUrl, redeem, register, REDIRECT_URI } from '../house/client.ts';
import {
  browserAtProvider,
  clientSecret,
  openUpstreamHouse,
  pressButton,
  signInUpstream,
  throughProvider,
  type UpstreamHouse,
} from './upstream-house.ts';

let house: UpstreamHouse;
before(async () => {
  house = await openUpstreamHouse({ more: () => [{ provider: 'password', signUp: false }] });
  await house.addPerson('operator@example.com', 'correct horse battery');
});
after(() => house.close());

const callTool = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'get_user_profile', arguments: {} },
};

describe('a login by way of a provider', () => {
  it('ends with a token for the person that the provider named, and a tool call', async () => {
    const client = await register(house);
    const asked = authorizationUrl(client);
    const browser = openBrowserAt(house);
    const signIn = pageOf(await browser.open(asked.url));
    assert.equal(signIn.url.pathname, '/sign-in');
    // Who asks, whether anybody has checked it, and where it goes back to: before anybody is sent anywhere.
    assert.match(signIn.html, /Example client/);
    assert.match(signIn.html, /Unverified/);
    assert.match(signIn.html, /client\.example\.com/);
    assert.match(signIn.html, /Continue with <bdi>Example ID<\/bdi>/);

    const consent = pageOf(await signInUpstream(house, browser, signIn));
    assert.match(consent.html, /Allow .*Example client/s);
    assert.match(consent.html, /ada@example\.com/);
    const back = leftTo(await browser.submit(consent, { decision: 'allow' }));
    assert.equal(back.searchParams.get('state'), asked.state);
    const code = back.searchParams.get('code') ?? '';
    const tokens = await redeem(house, client, code, asked.code_verifier);
    const called = await askMcp(house, tokens.access_token, callTool);
    assert.equal(called.status, 200);
    assert.match(await called.text(), /ada@example\.com/);

    await house.noteLogins();
    const { traceId } = (await house.storage.findClient(client.client_id)) ?? assert.fail();
    const steps = (await house.storage.findLoginEvents(traceId)).map(({ event }) => event);
    assert.deepEqual(steps, [
      'registered',
      'asked',
      'upstream_left',
      'signed_up',
      'signed_in',
      'consented',
      'token_issued',
      'tool_called',
    ]);
  });

  it('sends nobody to the provider who has not pressed the button on the page of that very app', async () => {
    const client = await register(house);
    const other = await register(house, { client_name: 'Other client' });
    const browser = openBrowserAt(house);
    for (const parameters of [{}, { prompt: 'login' }, { login_hint: 'ada@example.com' }, { max_age: '0' }]) {
      const page = pageOf(await browser.open(authorizationUrl(client, parameters).url));
      assert.equal(page.url.pathname, '/sign-in', 'a page, and no redirect to another origin');
    }
    const direct = pageOf(await browser.open('/sign-in/oidc'));
    assert.equal(direct.status, 200);

    const shown = pageOf(await browser.open(authorizationUrl(client).url));
    const theirs = pageOf(await browser.open(authorizationUrl(other).url));
    const { fields } = formOf(shown, '/sign-in/oidc');
    const { fields: elsewhere } = formOf(theirs, '/sign-in/oidc');
    const forged = await browser.request('/sign-in/oidc', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ ...fields, return_to: elsewhere['return_to'] ?? '' }).toString(),
    });
    assert.equal(forged.status, 403);
    assert.equal(forged.headers.get('location'), null);
  });

  it('warns of an app that is called like a known one before anybody is sent anywhere for it', async () => {
    const browser = openBrowserAt(house);
    const lookalike = await register(house, { client_name: 'Claude' });
    const page = pageOf(await browser.open(authorizationUrl(lookalike).url));
    assert.match(page.html, /not known to be Claude by\s+Anthropic/);
    const honest = pageOf(await browser.open(authorizationUrl(await register(house)).url));
    assert.ok(!honest.html.includes('not known to be'));
  });

  it('asks for consent although the provider asks for nothing any more (confused deputy)', async (t) => {
    // Without tokens that last, the provider remembers what its person agreed to.
    const deputy = await openUpstreamHouse({ change: { storeTokens: false } });
    t.after(() => deputy.close());
    await deputy.addPerson('operator@example.com', 'correct horse battery');
    const at = browserAtProvider(deputy);
    const first = openBrowserAt(deputy);
    await signInUpstream(deputy, first, await first.open('/sign-in'), { at });
    const browser = openBrowserAt(deputy);
    const stranger = await register(deputy, { client_name: 'A stranger' });
    const page = pageOf(await browser.open(authorizationUrl(stranger).url));
    assert.match(page.html, /A stranger/);
    const away = await pressButton(browser, page);
    const back = leftTo(await at.open(away.href));
    assert.equal(back.origin, deputy.origin, 'the provider let them through without a page');
    const consent = pageOf(await browser.open(back.href));
    assert.match(consent.html, /Allow .*A stranger/s);
  });

  it('goes on after a callback that was loaded twice, and never gives two codes for it', async () => {
    const client = await register(house);
    const asked = authorizationUrl(client);
    const browser = openBrowserAt(house);
    const away = await pressButton(browser, pageOf(await browser.open(asked.url)));
    const back = await throughProvider(browserAtProvider(house), away);
    const first = pageOf(await browser.open(back.href));
    const second = pageOf(await browser.open(back.href));
    assert.equal(first.url.pathname, '/oauth/authorize/resume');
    assert.equal(second.url.href, first.url.href);
    const codes = await Promise.all([
      browser.submit(first, { decision: 'allow' }),
      browser.submit(second, { decision: 'allow' }),
    ]);
    assert.equal(new Set(codes.map((code) => leftTo(code).searchParams.get('code'))).size, 1);
  });

  it('that was refused at the provider goes on with the same login at the next try', async () => {
    const client = await register(house);
    const asked = authorizationUrl(client);
    const browser = openBrowserAt(house);
    const away = await pressButton(browser, pageOf(await browser.open(asked.url)));
    const denied = new URL(away.searchParams.get('redirect_uri') ?? '');
    denied.search = new URLSearchParams({
      error: 'access_denied',
      state: away.searchParams.get('state') ?? '',
      iss: house.provider.issuer,
    }).toString();
    const page = pageOf(await browser.open(denied.href));
    assert.equal(page.status, 403);
    assert.match(page.html, /You did not allow it there/);
    assert.match(page.html, /Example client/);
    const consent = pageOf(await signInUpstream(house, browser, page));
    const back = leftTo(await browser.submit(consent, { decision: 'allow' }));
    await redeem(house, client, back.searchParams.get('code') ?? '', asked.code_verifier, REDIRECT_URI);
  });
});

describe('what came back', () => {
  /** A browser that is about to come back. */
  async function aboutToReturn() {
    const client = await register(house);
    const browser = openBrowserAt(house);
    const away = await pressButton(browser, pageOf(await browser.open(authorizationUrl(client).url)));
    const back = await throughProvider(browserAtProvider(house), away);
    return { browser, back };
  }

  const hasSession = ({ cookies }: { cookies: Map<string, string> }) =>
    [...cookies.keys()].some((name) => name.includes('session'));

  it('signs in nobody in another browser, and the right one still', async () => {
    const { browser, back } = await aboutToReturn();
    const victim = openBrowserAt(house);
    const page = pageOf(await victim.open(back.href));
    assert.equal(page.status, 403);
    assert.match(page.html, /another browser/);
    assert.equal(hasSession(victim), false);
    assert.equal(pageOf(await browser.open(back.href)).url.pathname, '/oauth/authorize/resume');
  });

  it('signs in nobody a second time, twice at once or later', async () => {
    const { browser, back } = await aboutToReturn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.request(back.href)));
    const sessions = answers.filter((answer) =>
      answer.headers.getSetCookie().some((line) => line.includes('session')),
    );
    assert.equal(sessions.length, 1);
    browser.cookies.clear();
    const late = await browser.request(back.href);
    assert.equal(late.status, 403);
  });

  it('tampered with is refused: code, issuer, state, parameter twice', async () => {
    for (const [change, words] of [
      [{ code: 'made-up' }, /./],
      [{ iss: 'https://evil.example.net' }, /another issuer/],
      [{ iss: undefined }, /another issuer/],
      [{ state: 'x'.repeat(43) }, /not known here/],
      [{ code: undefined }, /cannot be used/],
    ] as const) {
      const { browser, back } = await aboutToReturn();
      for (const [name, value] of Object.entries(change))
        if (value === undefined) back.searchParams.delete(name);
        else back.searchParams.set(name, value);
      const page = pageOf(await browser.open(back.href));
      assert.ok(page.status >= 400, JSON.stringify(change));
      assert.match(page.html, words);
      assert.equal(hasSession(browser), false);
    }
    const { browser, back } = await aboutToReturn();
    const page = pageOf(await browser.open(`${back.href}&code=second`));
    assert.equal(page.status, 400);
    assert.equal(hasSession(browser), false);
  });

  it('later than half an hour is refused', async () => {
    const { browser, back } = await aboutToReturn();
    house.clock.now += 30 * 60;
    const page = pageOf(await browser.open(back.href));
    house.clock.now -= 30 * 60;
    assert.equal(page.status, 403);
    assert.match(page.html, /too long ago/);
    assert.equal(hasSession(browser), false);
  });

  it('is looked at with HEAD without being used, and not taken from a form', async () => {
    const { browser, back } = await aboutToReturn();
    assert.equal((await browser.request(back.href, { method: 'HEAD' })).status, 200);
    const posted = await browser.request(back.href, { method: 'POST', body: 'x=1' });
    assert.equal(posted.status, 405);
    assert.equal(pageOf(await browser.open(back.href)).url.pathname, '/oauth/authorize/resume');
  });
});

it('has the provider’s tokens nowhere that anybody sees, and takes none of them', async () => {
  const client = await register(house);
  const asked = authorizationUrl(client);
  const browser = openBrowserAt(house);
  const seen: string[] = [];
  const page = pageOf(await browser.open(asked.url));
  const away = await pressButton(browser, page);
  const back = await throughProvider(browserAtProvider(house), away);
  const consent = pageOf(await browser.open(back.href));
  seen.push(page.html, consent.html, JSON.stringify(house.events));
  const code = back.searchParams.get('code') ?? '';
  const state = back.searchParams.get('state') ?? '';
  for (const secret of [clientSecret, code, state]) {
    assert.ok(secret.length > 10);
    for (const text of seen) assert.ok(!text.includes(secret));
  }
  // A code of the provider is none of ours, and neither is a token.
  const answer = await askToken(house, {
    grant_type: 'authorization_code',
    client_id: client.client_id,
    redirect_uri: REDIRECT_URI,
    code,
    code_verifier: asked.code_verifier,
  });
  assert.equal(answer.status, 400);
});
