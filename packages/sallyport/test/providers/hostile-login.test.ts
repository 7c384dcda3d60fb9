// A provider that lies or is broken, seen by the person who signs in with it: a page that says what happened, nothing made,
// nothing leaked, and a button from which the same login goes on.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { clientKey, encode } from '../../../authorization-server/test/assertions.ts';
import { json, type Answer } from '../../../guarded-fetch/test/world.ts';
import {
  CLIENT,
  HOST,
  idTokenOf,
  ISSUER,
  openDouble,
  OTHER_HOST,
} from '../../../sign-in/test/openid/double.ts';
import type { Double } from '../../../sign-in/test/openid/double.ts';
import { refusals } from '../../../sign-in/src/refusals.ts';
import type { Config } from '../../src/config/index.ts';
import { leftTo, openBrowserAt, pageOf, type Browser, type Page } from '../house/browser.ts';
import { askMcp, authorizationUrl, redeem, register, type Asked, type Registered } from '../house/client.ts';
import { openHouse, type House } from '../house/open-house.ts';

type Reason = keyof typeof refusals;

const CONFIGURATION = '/.well-known/openid-configuration';
const OTHER_ISSUER = `https://${OTHER_HOST}`;

const wayTo = (id: string, issuer: string): Config['signIn'][number] => ({
  provider: 'oidc',
  id,
  title: id,
  callbackPath: `/${id}/callback`,
  ...CLIENT,
  issuer,
  people: { accounts: 'just-in-time', linkByVerifiedEmail: false },
  storeTokens: true,
});

interface Login {
  readonly double: Double;
  readonly house: House;
  readonly browser: Browser;
  readonly client: Registered;
  readonly asked: Asked;
  /** The sign-in page of an app's login. */
  readonly page: Page;
  readonly close: () => Promise<void>;
}

async function openLogin(): Promise<Login> {
  const double = await openDouble();
  const house = await openHouse({
    network: double.world.network,
    configure: (config) => ({
      ...config,
      signIn: [wayTo('oidc', ISSUER), wayTo('second', OTHER_ISSUER), { provider: 'password', signUp: false }],
    }),
  });
  double.now = house.clock.now;
  // The first account is the operator's, and this is nobody's.
  await house.addPerson('operator@example.com', 'correct horse battery');
  const client = await register(house);
  const asked = authorizationUrl(client);
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open(asked.url));
  const close = async (): Promise<void> => {
    await house.close();
    await double.close();
  };
  return { double, house, browser, client, asked, page, close };
}

/** Presses the button; the provider signs for this sign-in. @returns the address that the person is sent to there */
async function leave({ browser, double }: Login, page: Page, id = 'oidc'): Promise<URL> {
  const away = leftTo(await browser.submit(page, {}, `/sign-in/${id}`));
  double.nonce = away.searchParams.get('nonce') ?? '';
  return away;
}

async function comeBack({ browser }: Login, away: URL, more: Record<string, string> = {}): Promise<Page> {
  const back = new URL(away.searchParams.get('redirect_uri') ?? '');
  const state = away.searchParams.get('state') ?? '';
  back.search = new URLSearchParams({ code: 'code-1', state, ...more }).toString();
  return pageOf(await browser.open(back.href));
}

/** As the table says it, on a page from which the login goes on; and of the sign-in nothing is left. */
async function assertRefused({ house, browser }: Login, page: Page, reason: Reason): Promise<void> {
  const { status, sentence } = refusals[reason];
  assert.equal(page.status, status, page.html);
  assert.ok(unescaped(page.html).includes(sentence), `${reason}: ${page.html}`);
  assert.match(page.html, /Example client/);
  assert.equal(page.headers.get('cache-control'), 'no-store');
  const refused = house.events.findLast(({ event }) => event === 'sign_in_failed');
  assert.equal(refused?.facts['reason'], reason);
  const { storage } = house;
  assert.deepEqual(
    (await storage.listUsers()).map(({ email }) => email),
    ['operator@example.com'],
  );
  assert.equal(await storage.findIdentity({ provider: 'oidc', subject: 'person-1' }), undefined);
  assert.ok(![...browser.cookies.keys()].some((name) => name.includes('session')));
  assert.ok(!house.events.some(({ event }) => /^(?:signed_in|signed_up|vault_kept)$/.test(event)));
  const told = page.html + JSON.stringify(house.events);
  for (const secret of ['access-1', 'refresh-1', 'code-1', CLIENT.clientSecret])
    assert.ok(!told.includes(secret), `${secret} was told`);
}

/** The provider is as it should be again: the button on the page leads to consent, a token and a tool call. */
async function assertGoesOn(login: Login, page: Page): Promise<void> {
  const { house, browser, client, asked } = login;
  const consent = await comeBack(login, await leave(login, page));
  assert.match(consent.html, /Allow .*Example client/s);
  const { searchParams } = leftTo(await browser.submit(consent, { decision: 'allow' }));
  const tokens = await redeem(house, client, searchParams.get('code') ?? '', asked.code_verifier);
  const params = { name: 'get_user_profile', arguments: {} };
  const called = await askMcp(house, tokens.access_token, {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params,
  });
  assert.match(await called.text(), /person@example\.com/);
}

const html: Answer = (_request, response) =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Hello</title>');
const failing: Answer = (_request, response) => void response.writeHead(500).end('no');

const rightAgain = ({ double }: Login): void => {
  Object.assign(double, { claims: {}, header: {}, tokens: {}, userinfo: undefined });
};

describe('a person whose provider', () => {
  const cases: readonly [string, (at: Double) => void, Reason][] = [
    ['is another one', (at) => (at.claims = { iss: OTHER_ISSUER }), 'id_token_issuer_wrong'],
    ['speaks to another application', (at) => (at.claims = { aud: 'client-2' }), 'id_token_audience_wrong'],
    ['gave it to another application', (at) => (at.claims = { azp: 'client-2' }), 'id_token_azp_wrong'],
    ['repeats an old sign-in', (at) => (at.claims = { nonce: 'old' }), 'id_token_nonce_wrong'],
    ['is late', (at) => (at.claims = { exp: at.now - 61 }), 'id_token_expired'],
    ['is early', (at) => (at.claims = { iat: at.now + 61 }), 'id_token_not_yet_valid'],
    ['names nobody', (at) => (at.claims = { sub: '' }), 'id_token_subject_invalid'],
    ['signs nothing', (at) => (at.header = { alg: 'none' }), 'id_token_alg_refused'],
    [
      'signs with a key of nobody',
      (at) => (at.signsWith = clientKey('RS256', 'key-9')),
      'id_token_key_unknown',
    ],
    ['signs wrongly', (at) => (at.signsWith = clientKey('RS256', 'key-1')), 'id_token_signature_wrong'],
    [
      'tells of two people',
      (at) => {
        at.claims = { email: undefined };
        at.userinfo = { sub: 'person-2', email: 'other@example.com', email_verified: true };
      },
      'upstream_userinfo_subject_differs',
    ],
    ['says nothing', (at) => (at.tokens = { id_token: undefined }), 'id_token_missing'],
    ['encrypts', (at) => (at.tokens = { id_token: 'a.b.c.d.e' }), 'id_token_encrypted'],
  ];
  for (const [what, make, reason] of cases)
    it(`${what}: ${reason}`, async (context) => {
      const login = await openLogin();
      context.after(login.close);
      const { signsWith } = login.double;
      const away = await leave(login, login.page);
      make(login.double);
      const page = await comeBack(login, away);
      await assertRefused(login, page, reason);
      rightAgain(login);
      login.double.signsWith = signsWith;
      await assertGoesOn(login, page);
    });

  it('signs with the public key as if it were a secret', async (context) => {
    const login = await openLogin();
    context.after(login.close);
    const { double } = login;
    const away = await leave(login, login.page);
    const [, claims] = idTokenOf(double).split('.');
    const input = `${encode({ alg: 'HS256', kid: 'key-1' })}.${claims}`;
    const pem = createPublicKey(double.signsWith.privateKey).export({ type: 'spki', format: 'pem' });
    double.tokens = { id_token: `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}` };
    await assertRefused(login, await comeBack(login, away), 'id_token_alg_refused');
  });

  it('keeps its tokens in a private network', async (context) => {
    const login = await openLogin();
    context.after(login.close);
    const { double } = login;
    for (const place of [
      'https://10.0.0.8/token',
      'https://internal.example.com/token',
      'http://id.example.com/token',
    ]) {
      double.world.names.set('internal.example.com', ['192.168.1.1']);
      double.says({ token_endpoint: place });
      login.house.clock.now += 3600;
      const page = pageOf(await login.browser.open(login.asked.url));
      await assertRefused(
        login,
        await comeBack(login, await leave(login, page)),
        'upstream_endpoint_refused',
      );
    }
    assert.ok(double.world.opened.every(({ host }) => host === HOST));
  });

  const beforehand: readonly [string, (at: Double) => void, Reason][] = [
    [
      'says that it is another one',
      (at) => at.says({ issuer: OTHER_ISSUER }),
      'upstream_metadata_issuer_differs',
    ],
    [
      'sends people into a private network',
      (at) => at.says({ authorization_endpoint: 'https://192.168.0.1/' }),
      'upstream_endpoint_refused',
    ],
    [
      'sends people to a script',
      (at) => at.says({ authorization_endpoint: 'javascript:alert(1)' }),
      'upstream_endpoint_refused',
    ],
    ['is a page', (at) => at.answer(CONFIGURATION, html), 'upstream_metadata_unusable'],
    ['is down', (at) => at.answer(CONFIGURATION, failing), 'upstream_unavailable'],
    ['is not there', (at) => at.world.names.delete(HOST), 'upstream_unavailable'],
  ];
  for (const [what, make, reason] of beforehand)
    it(`${what}: nobody is sent there (${reason})`, async (context) => {
      const login = await openLogin();
      context.after(login.close);
      make(login.double);
      const page = pageOf(await login.browser.submit(login.page, {}, '/sign-in/oidc'));
      await assertRefused(login, page, reason);
    });

  const during: readonly [string, (at: Double) => void, Reason][] = [
    ['answers with a page', (at) => at.answer('/token', html), 'upstream_unavailable'],
    ['fails', (at) => at.answer('/token', failing), 'upstream_unavailable'],
    ['never answers', (at) => at.answer('/token', () => undefined), 'upstream_unavailable'],
    [
      'knows the code no more',
      (at) =>
        at.answer('/token', (_, response) => void response.writeHead(400).end('{"error":"invalid_grant"}')),
      'upstream_code_refused',
    ],
    [
      'does not know this server',
      (at) =>
        at.answer('/token', (_, response) => void response.writeHead(401).end('{"error":"invalid_client"}')),
      'upstream_misconfigured',
    ],
    ['publishes a page for keys', (at) => at.answer('/jwks', html), 'upstream_keys_unusable'],
  ];
  for (const [what, make, reason] of during)
    it(`${what} meanwhile, and is tried again with the same login (${reason})`, async (context) => {
      const login = await openLogin();
      context.after(login.close);
      const { pages } = login.double.world;
      const [token, jwks] = [`${HOST}/token`, `${HOST}/jwks`].map((url) => pages.get(url));
      const away = await leave(login, login.page);
      make(login.double);
      const page = await comeBack(login, away);
      await assertRefused(login, page, reason);
      pages.set(`${HOST}/token`, token ?? html).set(`${HOST}/jwks`, jwks ?? html);
      await assertGoesOn(login, page);
    });
});

describe('what comes back in the browser', () => {
  it('counts once: the same state again signs in nobody', async (context) => {
    const login = await openLogin();
    context.after(login.close);
    const away = await leave(login, login.page);
    login.double.tokens = { id_token: undefined };
    await assertRefused(login, await comeBack(login, away), 'id_token_missing');
    rightAgain(login);
    await assertRefused(login, await comeBack(login, away), 'upstream_state_spent');
    assert.equal(login.double.asked.length, 1, 'a spent state had a code shown to the provider');
  });

  it('with a parameter twice is refused', async (context) => {
    const login = await openLogin();
    context.after(login.close);
    const away = await leave(login, login.page);
    const state = away.searchParams.get('state') ?? '';
    const page = pageOf(await login.browser.open(`/oidc/callback?state=${state}&code=code-1&code=code-2`));
    await assertRefused(login, page, 'upstream_answer_invalid');
    assert.deepEqual(login.double.asked, []);
  });

  describe('at a provider that mixes itself up with another (RFC 9700 §4.4)', () => {
    /** The second provider is the attacker's: it sends people on to the first, with the first's client id. */
    async function openMixedUp(): Promise<Login> {
      const login = await openLogin();
      const metadata = {
        issuer: OTHER_ISSUER,
        authorization_endpoint: `${OTHER_ISSUER}/authorize`,
        token_endpoint: `${OTHER_ISSUER}/token`,
        jwks_uri: `${OTHER_ISSUER}/jwks`,
      };
      login.double.answer(CONFIGURATION, json(metadata), OTHER_HOST);
      return login;
    }

    it('the code of the first is not shown to it, which names its issuer', async (context) => {
      const login = await openMixedUp();
      context.after(login.close);
      const page = await comeBack(login, await leave(login, login.page, 'second'), { iss: ISSUER });
      await assertRefused(login, page, 'upstream_issuer_wrong');
      assert.ok(!login.double.world.requests.includes(`${OTHER_HOST}/token`));
    });

    it('its state is worth nothing at the callback of the first, and stays good for its own', async (context) => {
      const login = await openMixedUp();
      context.after(login.close);
      const away = await leave(login, login.page, 'second');
      const state = away.searchParams.get('state') ?? '';
      const page = pageOf(await login.browser.open(`/oidc/callback?state=${state}&code=code-1`));
      await assertRefused(login, page, 'upstream_mixed_up');
      assert.deepEqual(login.double.asked, []);
    });

    it('its token for somebody of the first is nobody here', async (context) => {
      const login = await openMixedUp();
      context.after(login.close);
      const { double } = login;
      const away = await leave(login, login.page, 'second');
      const tokens = { access_token: 'a', id_token: idTokenOf(double) };
      double.answer('/token', json(tokens), OTHER_HOST);
      await assertRefused(login, await comeBack(login, away), 'id_token_issuer_wrong');
    });
  });
});

const unescaped = (text: string): string =>
  text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
