// Copies of known clients' documents that stand in where a vendor's server refuses to give its document out.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { json, openWorld, PUBLIC_ADDRESS, type World } from '../../guarded-fetch/test/world.ts';
import { leftTo, openBrowserAt, pageOf, type Page } from './house/browser.ts';
import {
  askMcp,
  authorizationUrl,
  authorizeAndAllow,
  EMAIL,
  PASSWORD,
  redeem,
  signInAt,
} from './house/client.ts';
import { openHouse, type House } from './house/open-house.ts';

const HOST = 'claude.ai';
const at = `${HOST}/oauth/mcp-oauth-client-metadata`;
const client = { client_id: `https://${at}` };
const redirect_uri = `https://${HOST}/api/mcp/auth_callback`;
const hour = 3600;

let world: World;
let house: House;
before(async () => {
  world = await openWorld([HOST]);
});
after(() => world.close());
beforeEach(async () => {
  world.pages.clear();
  world.names.set(HOST, [PUBLIC_ADDRESS]);
  // What a vendor's protection against robots says.
  world.pages.set(at, (_request, response) => void response.writeHead(403).end());
  house = await open('true');
});
afterEach(() => house.close());

async function open(pinnedCopies: string): Promise<House> {
  const opened = await openHouse({
    network: world.network,
    environment: { SALLYPORT_REGISTRATION_METADATA_DOCUMENTS_PINNED_COPIES: pinnedCopies },
  });
  await opened.addPerson(EMAIL, PASSWORD);
  return opened;
}

async function ask(client_id = client.client_id): Promise<Page> {
  const { url } = authorizationUrl({ client_id }, { redirect_uri });
  return pageOf(await openBrowserAt(house).open(url));
}

const kept = async () => (await house.storage.findClient(client.client_id))?.document;
const wasPinned = (): boolean => house.events.some(({ event }) => event === 'client_document_pinned');

describe('a known client whose document cannot be fetched', () => {
  it('comes with what the list says of it, and is told by name; the log and the store say so', async () => {
    const browser = openBrowserAt(house);
    const asked = authorizationUrl(client, { redirect_uri });
    const consent = pageOf(await signInAt(browser, await browser.open(asked.url)));
    assert.match(consent.html, /Allow <bdi>Claude<\/bdi> to use/);
    assert.match(consent.html, /Verified: claude\.ai/);
    const left = leftTo(await browser.submit(consent, { decision: 'allow' }));
    const code = left.searchParams.get('code') ?? '';
    const tokens = await redeem(house, client, code, asked.code_verifier, redirect_uri);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    assert.equal((await kept())?.isPinned, true);
    const told = house.events.find(({ event }) => event === 'client_document_pinned');
    assert.equal(told?.facts['reason'], 'fetch_status');
  });

  it('may return nowhere else than the list says', async () => {
    const { url } = authorizationUrl(client, { redirect_uri: 'https://claude.ai/elsewhere' });
    assert.equal(pageOf(await openBrowserAt(house).open(url)).status, 400);
  });

  it('is asked for its document again after an hour, which then has the last word', async () => {
    await authorizeAndAllow(house, client, { redirect_uri });
    const asked = world.requests.length;
    house.clock.now += hour - 1;
    await ask();
    assert.equal(world.requests.length, asked);
    house.clock.now += 1;
    world.pages.set(at, json({ ...client, client_name: 'Claude', redirect_uris: [redirect_uri] }));
    assert.match((await ask()).html, /Sign in/);
    assert.equal(world.requests.length, asked + 1);
    assert.equal((await kept())?.isPinned, undefined);
  });

  it('keeps what its document said itself, while that still counts', async () => {
    world.pages.set(at, json({ ...client, client_name: 'Claude of today', redirect_uris: [redirect_uri] }));
    await authorizeAndAllow(house, client, { redirect_uri });
    world.names.delete(HOST);
    house.clock.now += 2 * hour;
    assert.equal((await ask()).status, 200);
    assert.equal((await house.storage.findClient(client.client_id))?.metadata.client_name, 'Claude of today');
    assert.ok(!wasPinned());
  });

  it('is refused where its document says something else, or was taken away', async () => {
    world.pages.set(at, json({ client_id: 'https://claude.ai/other', redirect_uris: [redirect_uri] }));
    assert.equal((await ask()).status, 400);
    world.pages.delete(at);
    assert.equal((await ask()).status, 400);
    world.names.set(HOST, ['10.0.0.1']);
    assert.equal((await ask()).status, 400);
    assert.ok(!wasPinned());
  });

  it('is fetched by the next one, where somebody asked for too much and was not let ask for it', async () => {
    world.pages.set(at, json({ ...client, client_name: 'Claude of today', redirect_uris: [redirect_uri] }));
    let status = 0;
    for (let n = 0; status !== 429; n += 1) {
      assert.ok(n < 100, 'there is no limit');
      ({ status } = await ask(`https://${HOST}/none/${n}`));
    }
    assert.equal((await ask()).status, 429);
    assert.equal(await kept(), undefined);
    const { url } = authorizationUrl(client, { redirect_uri });
    const elsewhere = pageOf(await openBrowserAt(house.from('203.0.113.9')).open(url));
    assert.equal(elsewhere.status, 200);
    assert.equal((await house.storage.findClient(client.client_id))?.metadata.client_name, 'Claude of today');
    assert.ok(!wasPinned());
  });

  it('is refused unless the operator wants copies', async () => {
    await house.close();
    house = await open('false');
    assert.ok((await ask()).status >= 400);
    assert.equal(await kept(), undefined);
  });
});

describe('any other client', () => {
  it('whose document cannot be fetched is refused, also at a known host', async () => {
    for (const path of [
      'oauth/another',
      'oauth/mcp-oauth-client-metadata?x',
      'oauth/mcp-oauth-client-metadata/',
    ]) {
      world.pages.set(`${HOST}/${path}`, (_request, response) => void response.writeHead(403).end());
      assert.ok((await ask(`https://${HOST}/${path}`)).status >= 400, path);
    }
    assert.ok(!wasPinned());
  });
});
