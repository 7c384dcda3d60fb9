// Clients that are named by the URL of their metadata document (draft-ietf-oauth-client-id-metadata-document), from the
// first authorization to the refresh, and every document that is refused, as the person sees it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { createSecrets, readSecrets } from '@sallyport/crypto';
import { temporaryFolder } from '../../storage/test/folder.ts';
import { json, openWorld, PUBLIC_ADDRESS, type World } from '../../guarded-fetch/test/world.ts';
import { leftTo, openBrowserAt, pageOf, type Page } from './house/browser.ts';
import {
  askMcp,
  askToken,
  authorizationUrl,
  authorizeAndAllow,
  EMAIL,
  errorOf,
  PASSWORD,
  redeem,
  refresh,
  REDIRECT_URI,
  signInAt,
} from './house/client.ts';
import { openHouse, type House, type HouseOptions } from './house/open-house.ts';

const HOST = 'app.example.com';
const client_id = `https://${HOST}/oauth/client.json`;
const client = { client_id };
const document = { client_id, client_name: 'Example app', redirect_uris: [REDIRECT_URI] };

let world: World;
let house: House;
before(async () => {
  world = await openWorld([HOST, 'other.example.com']);
});
after(() => world.close());
beforeEach(async () => {
  world.pages.clear();
  world.names.set(HOST, [PUBLIC_ADDRESS]);
  world.opened.length = world.requests.length = 0;
  house = await open();
});
afterEach(() => house.close());

async function open(options: HouseOptions = {}): Promise<House> {
  const opened = await openHouse({ network: world.network, ...options });
  await opened.addPerson(EMAIL, PASSWORD);
  return opened;
}

async function reopen(options: HouseOptions): Promise<void> {
  await house.close();
  house = await open(options);
}

const publish = (what: unknown, headers?: Record<string, string>) =>
  void world.pages.set(`${HOST}/oauth/client.json`, json(what, headers));

const fetches = (): number => world.requests.length;

async function ask(parameters: Record<string, string | undefined> = {}, id = client_id): Promise<Page> {
  const { url } = authorizationUrl({ client_id: id }, parameters);
  return pageOf(await openBrowserAt(house).open(url));
}

/** The refusal as the person, the log and the list of logins have it. */
async function refusedWith(reason: string, says: RegExp, id = client_id): Promise<void> {
  house.events.length = 0;
  const page = await ask({}, id);
  assert.match(page.html, says);
  assert.ok(page.status === 400 || page.status === 429 || page.status === 503, String(page.status));
  // Where a name leads is nobody's business.
  assert.ok(!page.html.replaceAll(id, '').includes(PUBLIC_ADDRESS), page.html);
  const refused = house.events.find(({ event }) => event === 'refused');
  assert.equal(refused?.facts['reason'], reason);
  const traceId = String(refused?.facts['traceId']);
  assert.ok(page.html.includes(traceId));
  await house.noteLogins();
  const steps = await house.storage.findLoginEvents(traceId);
  if (id.startsWith('https://')) {
    assert.deepEqual(
      steps.map((step) => [step.event, step.reason, step.clientId]),
      [['refused', reason, id.slice(0, 200)]],
    );
  }
}

describe('a client that is named by its document', () => {
  beforeEach(() => publish(document));

  it('is told so by the metadata', async () => {
    const response = await house.ask('/.well-known/oauth-authorization-server');
    const metadata = (await response.json()) as Record<string, unknown>;
    assert.equal(metadata['client_id_metadata_document_supported'], true);
  });
  it('gets tokens, calls a tool and refreshes, and its document is fetched once', async () => {
    const { code, code_verifier, redirect } = await authorizeAndAllow(house, client);
    assert.equal(redirect.searchParams.get('iss'), house.origin);
    const tokens = await redeem(house, client, code, code_verifier);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    assert.equal((await refresh(house, client, tokens.refresh_token)).status, 200);
    assert.deepEqual(world.requests, [`${HOST}/oauth/client.json`]);
    assert.deepEqual(world.opened, [{ host: HOST, addresses: [PUBLIC_ADDRESS], port: 443 }]);
  });
  it('is shown with the domain of its document, and never with another', async () => {
    publish({
      ...document,
      client_name: 'Verified: good.example.com',
      client_uri: 'https://good.example.com',
    });
    const browser = openBrowserAt(house);
    const page = pageOf(await signInAt(browser, await browser.open(authorizationUrl(client).url)));
    assert.match(page.html, /<span class="badge verified">Verified: app\.example\.com<\/span>/);
    assert.equal(page.html.match(/badge/g)?.length, 1);
    assert.doesNotMatch(page.html, /Unverified|cannot be checked/);
  });
  it('that returns to a program on this computer is shown with a warning, and is asked about every time', async () => {
    publish({ ...document, redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'] });
    const redirect_uri = 'http://127.0.0.1:51234/callback';
    const { browser } = await authorizeAndAllow(house, client, { redirect_uri });
    const page = pageOf(await browser.open(authorizationUrl(client, { redirect_uri }).url));
    assert.match(page.html, /badge verified/);
    assert.match(page.html, /That the program on this computer is that app cannot be checked/);
    assert.match(page.html, /Allow this only if you started it yourself just now/);
  });
  it('is listed with that domain on the account page, and its access can be removed', async () => {
    const { browser, code, code_verifier } = await authorizeAndAllow(house, client);
    const tokens = await redeem(house, client, code, code_verifier);
    const account = pageOf(await browser.open('/account'));
    assert.match(account.html, /Verified: app\.example\.com/);
    const [, href = ''] = /href="(\/account\/remove-access[^"]*)"/.exec(account.html) ?? [];
    const question = pageOf(await browser.open(href.replaceAll('&amp;', '&')));
    await browser.submit(question, {});
    assert.equal((await askMcp(house, tokens.access_token)).status, 401);
  });
  it('is one that the operator sees as such', async () => {
    await authorizeAndAllow(house, client);
    const [listed] = await house.storage.listClients();
    assert.equal(listed?.registeredBy, 'document');
    assert.equal(listed.document?.fetchedAt, house.clock.now);
    assert.equal(listed.secretDigest, undefined);
  });
  it('cannot ask for its answer anywhere else', async () => {
    const page = await ask({ redirect_uri: 'https://evil.example.com/callback' });
    assert.equal(page.status, 400);
    assert.match(page.html, /return address is not registered/);
    assert.match(page.html, /https:\/\/app\.example\.com\/oauth\/client\.json/);
    assert.doesNotMatch(page.html, /evil/);
  });
  it('has no secret that could be guessed, and no other way to prove itself', async () => {
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const form = { grant_type: 'authorization_code', code, code_verifier, redirect_uri: REDIRECT_URI };
    const withSecret = await askToken(house, { ...form, client_id, client_secret: 'guess' });
    assert.equal(await errorOf(withSecret), 'invalid_client');
  });
  it('is not fetched for the token endpoint, where an unknown one stays unknown', async () => {
    const response = await askToken(house, { grant_type: 'refresh_token', refresh_token: 'x', client_id });
    assert.equal(response.status, 401);
    assert.equal(await errorOf(response), 'invalid_client');
    assert.equal(fetches(), 0);
  });
});

describe('a document is kept', () => {
  /** Somebody uses it, so that it is kept for as long as it says. */
  async function use(): Promise<void> {
    await authorizeAndAllow(house, client);
    world.requests.length = 0;
  }
  async function fetchesAt(seconds: number): Promise<number> {
    world.requests.length = 0;
    house.clock.now += seconds;
    await ask();
    house.clock.now -= seconds;
    return fetches();
  }

  it('for as long as its headers say, between 30 seconds and a day', async () => {
    const cases: readonly [Record<string, string>, number][] = [
      [{ 'cache-control': 'max-age=3600' }, 3600],
      [{ 'cache-control': 'no-store' }, 30],
      [{ 'cache-control': 'max-age=31536000' }, 86_400],
      [{}, 600],
    ];
    for (const [headers, seconds] of cases) {
      await reopen({});
      publish(document, headers);
      await use();
      assert.equal(await fetchesAt(seconds - 1), 0, JSON.stringify(headers));
      assert.equal(await fetchesAt(seconds), 1, JSON.stringify(headers));
    }
  });
  it('and not any more once it was taken away, however often that is asked, and if its host is away later', async () => {
    publish(document);
    await use();
    world.pages.clear();
    house.clock.now += 600;
    for (let times = 0; times < 10; times += 1) assert.ok((await ask()).status >= 400, String(times));
    world.names.delete(HOST);
    assert.ok((await ask()).status >= 400);
    world.names.set(HOST, [PUBLIC_ADDRESS]);
  });
  it('and what it says next counts at the next authorization, while grants go on', async () => {
    publish(document);
    const { code, code_verifier, browser } = await authorizeAndAllow(house, client);
    const tokens = await redeem(house, client, code, code_verifier);
    const elsewhere = 'https://client.example.com/moved';
    publish({ ...document, redirect_uris: [elsewhere] });
    house.clock.now += 600;
    const refused = pageOf(await browser.open(authorizationUrl(client).url));
    assert.match(refused.html, /return address is not registered/);
    // The redirect origin is the one that was consented to before.
    const moved = leftTo(await browser.open(authorizationUrl(client, { redirect_uri: elsewhere }).url));
    assert.equal(moved.origin + moved.pathname, elsewhere);
    assert.equal((await refresh(house, client, tokens.refresh_token)).status, 200);
  });
  it('for another day while it cannot be fetched, and no longer; what was granted goes on', async () => {
    publish(document, { 'cache-control': 'max-age=3600' });
    const { code, code_verifier } = await authorizeAndAllow(house, client);
    const tokens = await redeem(house, client, code, code_verifier);
    world.names.delete(HOST);
    house.clock.now += 3600 + 86_400 - 1;
    house.events.length = 0;
    assert.match((await ask()).html, /Sign in/);
    const stale = house.events.find(({ event }) => event === 'client_document_stale');
    assert.equal(stale?.facts['reason'], 'name_unresolved');
    house.clock.now += 1;
    await refusedWith('name_unresolved', /host name in the address was not found/);
    assert.equal((await refresh(house, client, tokens.refresh_token)).status, 200);
  });
  it('no longer once it was taken away, has become another, or leads into a private network', async () => {
    publish(document);
    await use();
    house.clock.now += 600;
    world.pages.clear();
    await refusedWith('document_gone', /no document at the address/);
    publish({ ...document, client_id: 'https://app.example.com/other' });
    await refusedWith('document_client_id_differs', /about another app/);
    world.names.set(HOST, ['10.0.0.1']);
    await refusedWith('address_refused', /private or reserved network/);
    assert.doesNotMatch((await ask()).html, /10\.0\.0\.1/);
  });
  it('but an error never is: the next to ask gets what is there then', async () => {
    publish('<!doctype html>');
    await refusedWith('document_malformed', /no clean JSON/);
    publish(document);
    assert.match((await ask()).html, /Sign in/);
  });
  it('for half an hour when nobody has used it, and is forgotten after an hour', async () => {
    publish(document, { 'cache-control': 'max-age=86400' });
    await ask();
    assert.equal(await fetchesAt(1799), 0);
    assert.equal(await fetchesAt(1800), 1);
    house.clock.now += 1800 + 3601;
    await house.storage.sweep({ now: house.clock.now, unusedClientsBefore: 0, limit: 100 });
    assert.deepEqual(await house.storage.listClients(), []);
  });
  it('once, however many ask for it at the same time', async () => {
    publish(document);
    await Promise.all(Array.from({ length: 12 }, () => ask()));
    assert.equal(fetches(), 1);
    assert.equal((await house.storage.listClients()).length, 1);
  });
});

describe('a person is told what is wrong with the document of an app, with the trace id, when it', () => {
  const cases: readonly [string, unknown, string, RegExp][] = [
    [
      'is another’s',
      { ...document, client_id: 'https://other.example.com/' },
      'document_client_id_differs',
      /about another app/,
    ],
    [
      'has a slash more',
      { ...document, client_id: `${client_id}/` },
      'document_client_id_differs',
      /not exactly that address/,
    ],
    [
      'lacks a name',
      { ...document, client_name: '' },
      'document_incomplete',
      /lacks something that is required/,
    ],
    [
      'lacks redirect URIs',
      { client_id, client_name: 'x' },
      'document_redirect_uris_refused',
      /no usable return address/,
    ],
    [
      'would run a script',
      { ...document, redirect_uris: [REDIRECT_URI, 'javascript:alert(1)'] },
      'document_redirect_uris_refused',
      /dangerous/,
    ],
    ['contains a secret', { ...document, client_secret: 'hunter2' }, 'document_has_secret', /take it out/],
    [
      'contains a private key',
      { ...document, jwks: { keys: [{ kty: 'EC', d: 'hunter2' }] } },
      'document_has_secret',
      /take it out/,
    ],
    [
      'wants a shared secret',
      { ...document, token_endpoint_auth_method: 'client_secret_basic' },
      'document_has_secret',
      /everybody can read it/,
    ],
    [
      'wants to prove itself with a certificate',
      { ...document, token_endpoint_auth_method: 'tls_client_auth' },
      'document_auth_method_unsupported',
      /“none” or private_key_jwt/,
    ],
    [
      'wants to prove itself with a key that it does not have',
      { ...document, token_endpoint_auth_method: 'private_key_jwt' },
      'document_incomplete',
      /lacks something that is required/,
    ],
    [
      'says a thing twice',
      `{"client_id":"https://other.example.com/",${JSON.stringify(document).slice(1)}`,
      'document_malformed',
      /names a member twice/,
    ],
    [
      'has a __proto__',
      `{"__proto__":{"admin":true},${JSON.stringify(document).slice(1)}`,
      'document_malformed',
      /no clean JSON/,
    ],
    [
      'keeps its keys in a private network',
      { ...document, jwks_uri: 'https://10.0.0.1/jwks' },
      'document_jwks_uri_refused',
      /not public/,
    ],
    [
      'keeps its keys on plain http',
      { ...document, jwks_uri: 'http://app.example.com/jwks' },
      'document_jwks_uri_refused',
      /not public/,
    ],
    [
      'is larger than a document may be',
      { ...document, padding: 'x'.repeat(6_000_000) },
      'document_too_large',
      /larger than such a document may be/,
    ],
  ];
  for (const [name, content, reason, says] of cases)
    it(`${name} (${reason})`, async () => {
      publish(content);
      await refusedWith(reason, says);
      const page = await ask();
      assert.match(page.html, /<h1>This app could not be checked<\/h1>/);
      assert.match(page.html, /<dd>https:\/\/app\.example\.com\/oauth\/client\.json<\/dd>/);
      assert.doesNotMatch(page.html, /hunter2/);
      assert.doesNotMatch(JSON.stringify(house.events), /hunter2/);
      assert.deepEqual(await house.storage.listClients(), []);
    });
  it('is a web page (document_type_refused)', async () => {
    world.pages.set(`${HOST}/oauth/client.json`, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Are you human?</h1>');
    });
    await refusedWith('document_type_refused', /perhaps a web page/);
  });
  it('is not text (document_malformed)', async () => {
    world.pages.set(`${HOST}/oauth/client.json`, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x7b, 0xff, 0x7d]));
    });
    await refusedWith('document_malformed', /damaged/);
  });
  it('points somewhere else (fetch_redirected)', async () => {
    world.pages.set(`${HOST}/oauth/client.json`, (_request, response) => {
      response.writeHead(302, { location: 'https://other.example.com/client.json' }).end();
    });
    world.pages.set('other.example.com/client.json', json(document));
    await refusedWith('fetch_redirected', /only points to another/);
    assert.equal(fetches(), 1);
  });
  it('is at a place that is not public (address_refused)', async () => {
    const opened = () => world.opened.length;
    for (const host of ['localhost', '127.0.0.1', '10.0.0.1', '169.254.169.254', '[::1]', '[fd00::1]'])
      await refusedWith('address_refused', /private or reserved network/, `https://${host}/client.json`);
    await refusedWith('port_refused', /usual port/, 'https://app.example.com:8443/client.json');
    assert.equal(opened(), 0);
  });
});

describe('before anything is fetched', () => {
  it('a client_id that cannot be such a URL is refused', async () => {
    for (const id of [
      'http://app.example.com/client.json',
      'https://app.example.com/',
      'https://app.example.com/a/../client.json',
      'https://app.example.com/client.json#part',
      'https://user:secret@app.example.com/client.json',
      'HTTPS://app.example.com/client.json',
    ])
      await refusedWith('client_id_url_refused', /names itself by a web address that cannot be one/, id);
    assert.equal(world.opened.length, 0);
  });
  it('one of a host that the operator did not list is refused, and one that is listed is not', async () => {
    publish(document);
    const documents = { allowLoopbackForDevelopment: false, pinnedCopies: false, allowedHosts: [HOST] };
    await reopen({
      configure: (config) => ({
        ...config,
        registration: { ...config.registration, metadataDocuments: documents },
      }),
    });
    await refusedWith('document_host_refused', /not among them/, 'https://other.example.com/client.json');
    await refusedWith('document_host_refused', /not among them/, 'https://x.app.example.com/client.json');
    assert.equal(world.opened.length, 0);
    assert.match((await ask()).html, /Sign in/);
  });
  it('all are refused where registration is closed, unless the operator says otherwise', async () => {
    publish(document);
    await reopen({ environment: { SALLYPORT_REGISTRATION_MODE: 'closed' } });
    await refusedWith('metadata_documents_off', /names itself by a web address, which is not accepted here/);
    const metadata = await (await house.ask('/.well-known/oauth-authorization-server')).text();
    assert.doesNotMatch(metadata, /client_id_metadata_document_supported/);
    await reopen({
      environment: {
        SALLYPORT_REGISTRATION_MODE: 'closed',
        SALLYPORT_REGISTRATION_METADATA_DOCUMENTS_ENABLED: 'true',
      },
    });
    assert.match((await ask()).html, /Sign in/);
  });
  it('what began before the operator wrote a narrower rule does not go on', async (t) => {
    publish(document);
    const [storageUrl, secrets] = [`sqlite:${join(temporaryFolder(t), 'db')}`, readSecrets(createSecrets(0))];
    await reopen({ storageUrl, secrets });
    const browser = openBrowserAt({ origin: house.origin, ask: (path, init) => house.ask(path, init) });
    const consent = pageOf(await signInAt(browser, await browser.open(authorizationUrl(client).url)));
    assert.match(consent.html, /Allow Example app/);
    await house.close();
    house = await openHouse({
      network: world.network,
      storageUrl,
      secrets,
      environment: { SALLYPORT_REGISTRATION_METADATA_DOCUMENTS_ALLOWED_HOSTS: 'other.example.com' },
    });
    const page = pageOf(await browser.submit(consent, { decision: 'allow' }));
    assert.match(page.html, /not among them/);
    assert.ok(!house.events.some(({ event }) => event === 'authorization_granted'));
  });
  it('a document that fails again and again is left alone for a while', async () => {
    for (let times = 0; times < 6; times++) await ask();
    assert.equal(fetches(), 6);
    await refusedWith('documents_asked_too_often', /Wait a minute/);
    const response = await house.ask(authorizationUrl(client).url);
    assert.equal(response.status, 429);
    assert.ok(Number(response.headers.get('retry-after')) > 0);
    assert.equal(fetches(), 6);
  });
  it('one address cannot have us fetch all the world', async () => {
    for (let n = 0; n < 30; n++) await ask({}, `https://app.example.com/${n}`);
    assert.equal(fetches(), 30);
    await refusedWith('documents_asked_too_often', /too often/, 'https://other.example.com/client.json');
  });
  it('strangers cannot fill the store', async () => {
    publish(document);
    await reopen({
      rig: (storage) => ({
        ...storage,
        keepDocumentClient: (kept) => storage.keepDocumentClient({ ...kept, maxUnused: 0 }),
      }),
    });
    await refusedWith('documents_full', /Too many apps that are new here/);
  });
});
