// Other words for a server's scopes: clients ask with them and are told them again; everybody else reads the scopes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import type { Config } from '../src/config/index.ts';
import { pageOf } from './house/browser.ts';
import * as client from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';
import { storesOfHouse } from './house/stores.ts';

const { askMcp, authorizationUrl, authorizeAndAllow, connect, errorOf, redeem, refresh, register } = client;

const scopeAliases = { 'mcp:tools': ['read', 'write'], 'mcp:resource': ['read'] };
const withAliases = (config: Config): Config => ({
  ...config,
  servers: config.servers.map((server) => ({ ...server, scopeAliases })),
});

let house: House;
before(async () => {
  house = await openHouse({ configure: withAliases });
  await house.addPerson(client.EMAIL, client.PASSWORD);
});
after(() => house.close());

const create = (access_token: string) => {
  const params = { name: 'create_user_item', arguments: { name: 'a' } };
  return askMcp(house, access_token, { jsonrpc: '2.0', id: 1, method: 'tools/call', params });
};

describe('an alias', () => {
  it('is granted as its scopes, and told to the client as it asked', async () => {
    const { tokens } = await connect(house, { scope: 'mcp:tools mcp:resource offline_access' });
    assert.equal(tokens.scope, 'mcp:tools mcp:resource');
    assert.equal(decodeJwt(tokens.access_token)['scope'], 'read write');
    assert.equal((await create(tokens.access_token)).status, 200);
    const reader = await connect(house, { scope: 'mcp:resource' });
    assert.equal(reader.tokens.scope, 'mcp:resource');
    assert.equal((await create(reader.tokens.access_token)).status, 403);
  });

  it('is shown to people as its scopes, and remembered as these', async () => {
    const app = await register(house, { scope: 'mcp:tools' });
    assert.equal(app['scope'], 'mcp:tools', 'what a client registers is echoed');
    const { browser } = await connect(house);
    const page = pageOf(await browser.open(authorizationUrl(app, { scope: 'mcp:tools' }).url));
    assert.match(page.html, /read your profile/);
    assert.match(page.html, /create, change and delete items/);
    assert.ok(!page.html.includes('mcp:tools'));
    await authorizeAndAllow(house, app, { scope: 'mcp:tools' }, browser);
    assert.ok('left' in (await browser.open(authorizationUrl(app, { scope: 'read' }).url)));
  });

  it('is refreshed with, narrowed with, and never widens', async () => {
    const { client: app, tokens } = await connect(house, { scope: 'mcp:tools' });
    const again = (await (await refresh(house, app, tokens.refresh_token)).json()) as client.Tokens;
    assert.equal(again.scope, 'mcp:tools');
    const narrow = await refresh(house, app, again.refresh_token, { scope: 'mcp:resource' });
    const narrowed = (await narrow.json()) as client.Tokens;
    assert.equal(narrowed.scope, 'mcp:resource');
    assert.equal(decodeJwt(narrowed.access_token)['scope'], 'read');
    const plain = await refresh(house, app, narrowed.refresh_token, { scope: 'read write' });
    assert.equal(((await plain.json()) as client.Tokens).scope, 'read write');
    const reader = await connect(house, { scope: 'mcp:resource' });
    const wider = await refresh(house, reader.client, reader.tokens.refresh_token, { scope: 'mcp:tools' });
    assert.equal(wider.status, 400);
    assert.equal(await errorOf(wider), 'invalid_scope');
  });

  it('is in no metadata and in no challenge', async () => {
    for (const path of [
      '/.well-known/oauth-authorization-server',
      '/.well-known/oauth-protected-resource/mcp',
    ]) {
      const text = await (await house.ask(path)).text();
      assert.match(text, /"scopes_supported":\["read","write"/);
      assert.ok(!text.includes('mcp:tools') && !text.includes('mcp:resource'), path);
    }
    const { tokens } = await connect(house, { scope: 'mcp:resource' });
    const challenge = (await create(tokens.access_token)).headers.get('www-authenticate') ?? '';
    assert.match(challenge, /scope="write"/);
    assert.ok(!challenge.includes('mcp:'));
  });

  it('of another server means nothing, and what objects call their own never does', async () => {
    for (const scope of ['mxcp:access', 'constructor', '__proto__', 'toString']) {
      const { tokens } = await connect(house, { scope });
      assert.equal(tokens.scope, 'read', scope);
    }
  });

  it('that was taken out of the configuration is told as what it meant', async (t) => {
    const { client: app, tokens } = await connect(house, { scope: 'mcp:tools' });
    const { storage, secrets } = house;
    const later = await openHouse({ rig: () => storage, secrets });
    t.after(() => later.assembled.close());
    const answer = await refresh(later, app, tokens.refresh_token);
    assert.equal(answer.status, 200, await answer.clone().text());
    assert.equal(((await answer.json()) as client.Tokens).scope, 'read write');
  });
});

for (const { name, options, urlFor } of storesOfHouse) {
  describe(`on ${name}, an authorization that waits for the browser`, options, () => {
    it('still knows with which words it was asked', async (t) => {
      const elsewhere = await openHouse({ configure: withAliases, storageUrl: await urlFor(t) });
      t.after(() => elsewhere.close());
      await elsewhere.addPerson(client.EMAIL, client.PASSWORD);
      const app = await register(elsewhere);
      const { code, code_verifier } = await authorizeAndAllow(elsewhere, app, {
        scope: 'write mcp:resource',
      });
      assert.equal((await redeem(elsewhere, app, code, code_verifier)).scope, 'write mcp:resource');
    });
  });
}
