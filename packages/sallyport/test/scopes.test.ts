// Scopes that include others, through the whole house: what was allowed, what is asked again, and what a token is good for.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openBrowserAt, pageOf, type Browser } from './house/browser.ts';
import * as client from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

const { askMcp, askToken, authorizationUrl, authorizeAndAllow, connect, errorOf, redeem, register } = client;

let house: House;
before(async () => {
  house = await openHouse();
  await house.addPerson(client.EMAIL, client.PASSWORD);
});
after(() => house.close());

const call = (name: string, args: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args },
});
const profile = (access_token: string) => askMcp(house, access_token, call('get_user_profile'));
const create = (access_token: string) => askMcp(house, access_token, call('create_user_item', { name: 'a' }));

describe('`write` of the records server includes `read`', () => {
  it('so its token reads too, by MCP and by REST, and its scope stays what was asked', async () => {
    const { tokens } = await connect(house, { scope: 'write' });
    assert.equal(tokens.scope, 'write');
    assert.equal((await profile(tokens.access_token)).status, 200);
    assert.equal((await create(tokens.access_token)).status, 200);
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    assert.equal((await house.ask('/api/v1/user/items', { headers })).status, 200);
  });

  it('so a person who allowed `write` is not asked for `read`, and one who allowed `read` is asked for `write`', async () => {
    const app = await register(house);
    const { browser } = await authorizeAndAllow(house, app, { scope: 'write' });
    assert.ok('left' in (await browser.open(authorizationUrl(app, { scope: 'read' }).url)));
    assert.ok('left' in (await browser.open(authorizationUrl(app, { scope: 'read write' }).url)));
    const other = await register(house);
    await authorizeAndAllow(house, other, { scope: 'read' }, browser);
    const page = pageOf(await browser.open(authorizationUrl(other, { scope: 'write' }).url));
    assert.match(page.html, /It will be able to/);
  });

  it('so a refresh may narrow to it, and never widens', async () => {
    const { tokens, client: app } = await connect(house, { scope: 'write' });
    const { client_id } = app;
    const form = {
      grant_type: 'refresh_token',
      client_id,
      refresh_token: tokens.refresh_token,
      scope: 'read',
    };
    const answer = await askToken(house, form);
    const narrowed = (await answer.json()) as client.Tokens;
    assert.equal(narrowed.scope, 'read');
    assert.equal((await profile(narrowed.access_token)).status, 200);
    assert.equal((await create(narrowed.access_token)).status, 403);
    const reader = await connect(house, { scope: 'read' });
    const wider = { client_id: reader.client.client_id, refresh_token: reader.tokens.refresh_token };
    const refused = await askToken(house, { ...form, ...wider, scope: 'write' });
    assert.equal(refused.status, 400);
    assert.equal(await errorOf(refused), 'invalid_scope');
  });

  it('so the consent page and the account say both, each once, whichever was asked', async () => {
    for (const scope of ['write', 'read write']) {
      const app = await register(house);
      const { browser } = await connect(house);
      const page = pageOf(await browser.open(authorizationUrl(app, { scope }).url));
      assert.deepEqual(saidOn(page.html), ['read your', 'create, change and delete'], scope);
    }
    await house.addPerson('grace@example.com', client.PASSWORD);
    const browser = await signedIn('grace@example.com');
    const app = await register(house);
    const { code, code_verifier } = await authorizeAndAllow(house, app, { scope: 'write' }, browser);
    await redeem(house, app, code, code_verifier);
    const account = pageOf(await browser.open('/account'));
    assert.deepEqual(saidOn(account.html), ['read your', 'create, change and delete']);
  });
});

/** What the records server lets a client do, as often as the page says it. */
const saidOn = (html: string): string[] =>
  [...html.matchAll(/<li>(read your|create, change and delete) /g)].map(([, said]) => said!);

async function signedIn(email: string): Promise<Browser> {
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open('/sign-in'));
  await browser.submit(page, { email, password: client.PASSWORD });
  return browser;
}
