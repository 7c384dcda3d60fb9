// No secret is in the log, whatever is done with it and wherever it is sent, at the level that writes everything.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomToken } from '@sallyport/crypto';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  EMAIL,
  PASSWORD,
  refresh,
  register,
  type Registered,
  type Tokens,
} from '../house/client.ts';
import { formOf, leftTo, openBrowserAt, pageOf, type Page } from '../house/browser.ts';
import { openLoggedHouse, type LoggedHouse } from './logged-house.ts';

/** Everything that somebody must not read in a log, by what it is. */
type Secrets = Map<string, string>;

function assertNoneLogged({ logged }: LoggedHouse, secrets: Secrets): void {
  const text = logged();
  for (const [name, secret] of secrets) {
    assert.ok(secret.length >= 8, `${name} is too short to be found by chance only`);
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      assert.ok(!text.includes(form), `${name} is in the log`);
  }
}

const basic = (client: Registered): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${client.client_id}:${client.client_secret ?? ''}`).toString('base64')}`,
});

for (const format of ['jwt', 'opaque'] as const) {
  describe(`the log at level debug, with ${format} access tokens`, () => {
    it('has no secret of a login that goes well', async () => {
      const house = await openLoggedHouse('debug', {
        environment: { SALLYPORT_TOKENS_ACCESS_FORMAT: format },
      });
      const secrets: Secrets = new Map([['password', PASSWORD]]);
      const client = await register(house, { token_endpoint_auth_method: 'client_secret_basic' });
      secrets.set('client secret', client.client_secret!);
      secrets.set('basic credentials', basic(client)['authorization']!.slice(6));
      const browser = openBrowserAt(house);
      const asked = authorizationUrl(client, { state: randomToken() });
      const signInPage = pageOf(await browser.open(asked.url));
      keepFormOf(signInPage, 'sign-in', secrets);
      const consent = pageOf(await browser.submit(signInPage, { email: EMAIL, password: PASSWORD }));
      keepFormOf(consent, 'consent', secrets);
      secrets.set('paused authorization', consent.url.searchParams.get('id')!);
      const back = leftTo(await browser.submit(consent, { decision: 'allow' }));
      secrets.set('state', back.searchParams.get('state')!);
      secrets.set('code', back.searchParams.get('code')!);
      secrets.set('code_verifier', asked.code_verifier);
      for (const [name, value] of browser.cookies) secrets.set(`cookie ${name}`, value);
      const form = { grant_type: 'authorization_code', code: secrets.get('code')! };
      const answer = await askToken(
        house,
        { ...form, code_verifier: asked.code_verifier, redirect_uri: back.origin + back.pathname },
        basic(client),
      );
      const tokens = (await answer.json()) as Tokens;
      secrets.set('access token', tokens.access_token).set('refresh token', tokens.refresh_token);
      assert.equal((await askMcp(house, tokens.access_token)).status, 200);
      for (const path of ['/api/v1/user/profile', '/oauth/validate']) {
        const method = path === '/oauth/validate' ? 'POST' : 'GET';
        const headers = { authorization: `Bearer ${tokens.access_token}` };
        assert.equal((await house.ask(path, { method, headers })).status, 200, path);
      }
      const again = await askToken(
        house,
        { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
        basic(client),
      );
      const refreshed = (await again.json()) as Tokens;
      secrets.set('second access token', refreshed.access_token);
      secrets.set('second refresh token', refreshed.refresh_token);
      const revoked = { token: refreshed.refresh_token };
      const revocation = {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic(client) },
        body: new URLSearchParams(revoked).toString(),
      };
      for (const active of [true, false]) {
        const said = await house.ask('/oauth/introspect', revocation);
        assert.equal(((await said.json()) as { active: boolean }).active, active);
        assert.equal((await house.ask('/oauth/revoke', revocation)).status, 200);
      }
      assert.equal((await askMcp(house, refreshed.access_token)).status, 401);
      await browser.submit(pageOf(await browser.open('/')), {});

      const events = new Set(house.lines().map(({ event }) => event));
      for (const event of ['client_registered', 'signed_in', 'authorization_granted', 'tokens_issued'])
        assert.ok(events.has(event), event);
      for (const event of [
        'request',
        'mcp_request',
        'grant_revoked',
        'token_inactive',
        'refused',
        'signed_out',
      ])
        assert.ok(events.has(event), event);
      assertNoneLogged(house, secrets);
      await house.close();
    });

    it('has none of a login that goes wrong in every way', async () => {
      const house = await openLoggedHouse('debug', {
        environment: { SALLYPORT_TOKENS_ACCESS_FORMAT: format },
      });
      const client = await register(house);
      const { code, code_verifier, browser } = await authorizeAndAllow(house, client);
      const secrets: Secrets = new Map([
        ['password', PASSWORD],
        ['wrong password', 'not the right one at all'],
        ['code', code],
        ['code_verifier', code_verifier],
        ['wrong verifier', randomToken()],
      ]);
      const { client_id } = client;
      const form = { grant_type: 'authorization_code', client_id, code };
      await askToken(house, { ...form, code_verifier: secrets.get('wrong verifier')! });
      await askToken(house, { ...form, code_verifier, redirect_uri: 'https://other.example.com/' });
      await askToken(house, { ...form, code_verifier, client_secret: code });
      const tokens = (await (await askToken(house, { ...form, code_verifier })).json()) as Tokens;
      secrets.set('access token', tokens.access_token).set('refresh token', tokens.refresh_token);
      await askToken(house, { ...form, code_verifier });
      await refresh(house, client, tokens.refresh_token);
      await askMcp(house, tokens.access_token);
      await askMcp(house, `${tokens.access_token}x`);

      const person = openBrowserAt(house);
      const page = pageOf(await person.open('/sign-in'));
      await person.submit(page, { email: EMAIL, password: secrets.get('wrong password')! });
      await person.submit(page, { email: EMAIL, password: PASSWORD, csrf: randomToken() });

      // Secrets where they do not belong: in queries, paths, methods' bodies and headers of every endpoint.
      const all = [...secrets.values(), ...browser.cookies.values()];
      for (const [name, value] of browser.cookies) secrets.set(`cookie ${name}`, value);
      const setup = randomToken();
      secrets.set('setup token', setup);
      for (const path of everyPath) {
        for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
          const query = new URLSearchParams({
            ...Object.fromEntries(misplaced.map((name, i) => [name, all[i % all.length]!])),
            setup,
          });
          const body = method === 'POST' ? { body: query.toString() } : {};
          for (const type of ['application/x-www-form-urlencoded', 'application/json']) {
            const headers = { 'content-type': type, authorization: `Bearer ${tokens.access_token}` };
            await house.ask(`${path}?${query.toString()}`, { method, headers, ...body });
          }
        }
        await house.ask(`${path}/${tokens.refresh_token}`);
      }
      assert.ok(house.lines().length > 200, 'nothing was logged');
      assertNoneLogged(house, secrets);
      await house.close();
    });
  });
}

it('the setup link is in no line, although its path is opened and its form is sent', async () => {
  const house = await openLoggedHouse('debug', {});
  for (const user of await house.storage.listUsers()) await house.storage.removeUser(user.id);
  const path = (await house.assembled.setupPath())!;
  const secrets: Secrets = new Map([['setup token', new URLSearchParams(path.split('?')[1]).get('setup')!]]);
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open(path));
  keepFormOf(page, 'sign-up', secrets);
  const password = 'a password that is long enough';
  secrets.set('password', password);
  await browser.submit(page, { email: 'bob@example.com', password });
  await browser.open(path);
  for (const [name, value] of browser.cookies) secrets.set(`cookie ${name}`, value);
  assert.ok(house.lines().some(({ event }) => event === 'signed_up'));
  assertNoneLogged(house, secrets);
  await house.close();
});

const everyPath = [
  '/',
  '/health',
  '/ready',
  '/live',
  '/metrics',
  '/sign-in',
  '/auth',
  '/sign-up',
  '/sign-out',
  '/mcp',
  '/sse',
  '/messages',
  '/authorize',
  '/oauth/authorize',
  '/oauth/authorize/resume',
  '/oauth/register',
  '/oauth/token',
  '/oauth/revoke',
  '/oauth/introspect',
  '/oauth/validate',
  '/oauth/jwks',
  '/api/v1/user/profile',
  '/api/v1/user/items',
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-protected-resource/mcp',
  '/nothing-here',
];

const misplaced = [
  'access_token',
  'code',
  'code_verifier',
  'state',
  'id',
  'return_to',
  'refresh_token',
  'client_secret',
  'password',
  'csrf',
  'token',
];

function keepFormOf(page: Page, name: string, secrets: Secrets): void {
  const { csrf } = formOf(page).fields;
  assert.ok(csrf, `the ${name} form has no csrf`);
  secrets.set(`csrf of ${name}`, csrf);
}
