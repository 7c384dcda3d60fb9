// PostgreSQL goes away under a house at work: everybody is told to come back, nobody is refused for good or let in, and
// the same requests succeed once it is back.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeServer, withOwnServer, type OwnServer } from '../../storage/test/postgres/own-server.ts';
import { openBrowserAt, pageOf, type Browser, type Page } from './house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  codeForm,
  connect,
  EMAIL,
  PASSWORD,
  REDIRECT_URI,
  refresh,
  register,
  type Registered,
  signInAt,
  type Tokens,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

for (const format of ['jwt', 'opaque'] as const) {
  describe(`PostgreSQL that goes away, with ${format} access tokens`, withOwnServer, () => {
    let server: OwnServer;
    let house: House;
    before(async () => {
      server = await makeServer();
      house = await openHouse({
        storageUrl: server.url,
        environment: { SALLYPORT_TOKENS_ACCESS_FORMAT: format, SALLYPORT_STORAGE_POOL_SIZE: '3' },
      });
      await house.addPerson(EMAIL, PASSWORD);
    });
    after(async () => {
      await house?.close();
      await server?.remove();
    });

    it('is told as 503 with Retry-After by everything that asks it, and is over when it is back', async () => {
      const signedIn = openBrowserAt(house);
      const consentOf = async (browser: Browser, client: Registered): Promise<Page> =>
        pageOf(await signInAt(browser, await browser.open(authorizationUrl(client).url)));
      const client = await register(house);
      const consent = await consentOf(signedIn, client);
      const stranger = openBrowserAt(house);
      const signIn = pageOf(await stranger.open(authorizationUrl(client).url));
      const { code, code_verifier } = await authorizeAndAllow(house, client);
      const redeeming = codeForm(client, { code, code_verifier });
      const connected = await connect(house);
      const { access_token, refresh_token } = connected.tokens;
      assert.equal((await askMcp(house, access_token)).status, 200);
      const post = (path: string, form: Readonly<Record<string, string>>) =>
        house.ask(path, { method: 'POST', body: new URLSearchParams(form) });

      const asked: Readonly<Record<string, () => Promise<Response>>> = {
        'a code that is redeemed': () => askToken(house, redeeming),
        'a refresh': () => refresh(house, connected.client, refresh_token),
        'a token that nobody made': () => refresh(house, connected.client, 'unknown'),
        'the gate': () => askMcp(house, access_token),
        'the gate, with a token that is not known': async () => {
          const answer = await askMcp(house, `${access_token}x`);
          // A JWT shows by itself that it is none of ours.
          assert.equal(answer.status, format === 'jwt' ? 401 : 503);
          return format === 'jwt' ? askMcp(house, access_token) : answer;
        },
        'an authorization request': () => house.ask(authorizationUrl(client).url),
        registration: () =>
          house.ask('/oauth/register', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }),
          }),
        revocation: () =>
          post('/oauth/revoke', { token: access_token, client_id: connected.client.client_id }),
      };
      const pages: Readonly<Record<string, () => Promise<Page>>> = {
        'a person who signs in': async () =>
          pageOf(await stranger.submit(signIn, { email: EMAIL, password: PASSWORD })),
        'a person who allows': async () => pageOf(await signedIn.submit(consent, { decision: 'allow' })),
        'the account': async () => pageOf(await signedIn.open('/account')),
      };

      for (const how of ['fast', 'immediate'] as const) {
        await server.stop(how);
        for (const [what, ask] of Object.entries(asked)) {
          const answer = await ask();
          assert.equal(answer.status, 503, what);
          assert.ok(Number(answer.headers.get('retry-after')) > 0, `${what} says when to come back`);
          const said = `${await answer.text()} ${JSON.stringify([...answer.headers])}`;
          assert.doesNotMatch(said, /postgres|ECONNREFUSED|127\.0\.0\.1/i, what);
        }
        for (const [what, open] of Object.entries(pages)) assert.equal((await open()).status, 503, what);
        assert.equal((await house.ask('/ready')).status, 503);
        assert.equal((await house.ask('/live')).status, 200, 'it is not the process that is broken');
        await server.start();
        assert.equal((await house.ask('/ready')).status, 200);
      }

      const tokens = (await (await askToken(house, redeeming)).json()) as Tokens;
      assert.equal((await askMcp(house, tokens.access_token)).status, 200);
      assert.equal((await askMcp(house, access_token)).status, 200);
      assert.equal((await refresh(house, connected.client, refresh_token)).status, 200);
      await stranger.submit(signIn, { email: EMAIL, password: PASSWORD });
      const arrived = await signedIn.submit(consent, { decision: 'allow' });
      assert.ok('left' in arrived && arrived.left.searchParams.has('code'));
      const down = house.events.filter(({ event }) => /unavailable/.test(event));
      assert.ok(down.length > 0, 'the operator is told');
      assert.doesNotMatch(JSON.stringify(house.events), /postgres:\/\//);
    });
  });
}
