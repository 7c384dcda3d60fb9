// Every row of the list is tried: what it says a client sends is sent to a whole house, in each of its ways, and the client
// gets as far as it says, from the challenge to the refresh. The clients themselves, where they can be had, are in test/interop.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KnownClientRow } from '../../src/known-clients/index.ts';
import { filledIn } from '../../src/known-clients/pattern.ts';
import { openWorld, PUBLIC_ADDRESS, type World } from '../../../guarded-fetch/test/world.ts';
import { openBrowserAt, pageOf } from '../house/browser.ts';
import { askMcp, authorizationUrl, EMAIL, errorOf, PASSWORD } from '../house/client.ts';
import { openHouse, type House } from '../house/open-house.ts';
import {
  askedAs,
  authorize,
  documentHosts,
  findItsWay,
  meetByDocument,
  meetByOperator,
  meetByRegistration,
  redeem,
  refresh,
  rows,
  tokenRequest,
  type Met,
} from './replay.ts';

let world: World;
before(async () => {
  world = await openWorld(documentHosts);
});
after(() => world.close());

type Replay = (row: KnownClientRow, house: () => House) => void;

const replays: Readonly<Record<'document' | 'dynamic' | 'preregistered', Replay>> = {
  document(row, house) {
    for (const document of row.documents ?? []) {
      const { content } = document;
      if (content === undefined) continue;
      describe(`with the document at ${document.url}`, () => {
        const methods = row.authMethods.filter(({ way }) => way === 'document').map(({ method }) => method);
        const meet = (method = 'none'): Met => meetByDocument(row, document, method, world);
        before(() => {
          world.requests.length = 0;
        });
        for (const [uri, method] of [content['redirect_uris'] ?? []]
          .flat()
          .flatMap((one) => methods.map((each) => [one, each] as const)))
          it(`returns to ${uri}, is called by its name, and proves itself by ${method}`, async () => {
            const met = meet(method);
            const html = await goesTheWholeWay(met, askedAs(uri), house());
            assert.match(html, new RegExp(`Verified: ${escaped(new URL(met.client_id).host)}`));
            assert.match(html, new RegExp(`Allow <bdi>${escaped(row.name)}</bdi> to use`));
            assert.doesNotMatch(html, /calls itself/);
          });
        it('is not asked to register, and its document is fetched once', async () => {
          const asked = world.requests.filter((url) => `https://${url}` === meet().client_id);
          assert.equal(asked.length, 1);
        });
        it('may return nowhere else', () => staysHere(meet(), house()));
      });
    }
  },

  dynamic(row, house) {
    if (row.registration === undefined) return;
    const { content } = row.registration;
    describe('registering itself', () => {
      let met: Met;
      before(async () => {
        met = await meetByRegistration(row, house());
      });
      for (const uri of content['redirect_uris'] ?? []) {
        const reaches = row.redirects.find(
          (known) => filledIn(known.uri) === withoutPort(filledIn(uri)),
        )?.reaches;
        it(`returns to ${uri}, which ${reaches === 'client' ? 'proves' : 'does not prove'} who it is`, async () => {
          const html = await goesTheWholeWay(met, askedAs(uri), house());
          if (reaches === 'client') {
            assert.match(html, new RegExp(`goes to\\s+<b>${escaped(row.name)}</b>`));
            assert.doesNotMatch(html, /Unverified|calls itself/);
          } else {
            assert.match(html, /Unverified/);
            assert.match(html, /calls itself/);
            assert.doesNotMatch(html, /Verified:|role="alert"/);
          }
        });
      }
      it('may return nowhere else', () => staysHere(met, house()));
      for (const { uri, reaches } of row.redirects.filter(({ uri: one }) => one.startsWith('https://')))
        if ((content['redirect_uris'] ?? []).includes(uri))
          it(`is ${reaches === 'client' ? 'asked about once' : 'asked about every time'} at ${uri}`, async () => {
            const again = async () =>
              (await authorize(met, askedAs(uri), house(), { sendsResource: false })).consent;
            await again();
            // Without a secret, whoever begins a login could pick up the answer behind the station.
            const isRemembered = reaches === 'client' || met.method !== 'none';
            assert.equal(
              (await again()) === undefined,
              isRemembered && row.tokens?.asksOfflineAccess !== true,
            );
          });
      it('is told `invalid_client` with 401 when its registration was deleted', async () => {
        await house().storage.removeClient(met.client_id);
        const response = await tokenRequest(
          met,
          { grant_type: 'refresh_token', refresh_token: 'x' },
          house(),
        );
        assert.equal(response.status, 401);
        assert.equal(await errorOf(response), 'invalid_client');
      });
    });
  },

  preregistered(row, house) {
    const known = row.authMethods.filter(({ way }) => way === 'preregistered').map(({ method }) => method);
    // Where nobody knows how it sends the secret, either way has to do.
    for (const method of known.length > 0 ? known : ['client_secret_post', 'client_secret_basic'])
      it(`with an id that the operator made, and ${method}`, async () => {
        const met = await meetByOperator(row, method, house());
        const [uri = ''] = row.redirects.map((redirect) => redirect.uri);
        await goesTheWholeWay(met, askedAs(uri), house());
      });
  },
};

/** @returns what the person read */
async function goesTheWholeWay(met: Met, redirect_uri: string, house: House): Promise<string> {
  const { tokens: says } = met.row;
  // What is not known of a client is tried both ways.
  const either = (known: boolean | undefined) => (known === undefined ? [true, false] : [known]);
  let html = '';
  for (const sendsResource of either(says?.sendsResource)) {
    const went = await authorize(met, redirect_uri, house, { sendsResource });
    // Asked once where nobody else can get the answer, and every time elsewhere.
    html = went.consent?.html ?? html;
    let tokens = await redeem(met, redirect_uri, went, house);
    assert.equal((await askMcp(house, tokens.access_token)).status, 200);
    for (const again of either(says?.refreshSendsResource)) {
      const next = await refresh(met, tokens.refresh_token, house, again);
      assert.notEqual(next.access_token, tokens.access_token);
      assert.equal((await askMcp(house, next.access_token)).status, 200);
      tokens = next;
    }
    if (met.row.challenges.every(({ form }) => form === 'plain')) await usesRest(house, tokens.access_token);
  }
  if (html !== '') return html;
  // Another address of the same host was allowed before.
  const { consent } = await authorize(met, redirect_uri, house, { sendsResource: false, asksAgain: true });
  return consent?.html ?? '';
}

async function usesRest(house: House, access_token: string): Promise<void> {
  const authorization = `Bearer ${access_token}`;
  const response = await house.ask('/api/v1/user/profile', { headers: { authorization } });
  assert.equal(response.status, 200);
}

/** A slash more or less, another path, another host: none of them is its address. */
async function staysHere(met: Met, house: House): Promise<void> {
  const browser = openBrowserAt(house);
  for (const uri of met.redirect_uris) {
    const near = [uri.endsWith('/') ? uri.slice(0, -1) : `${uri}/`, `${uri}x`, `${uri}?x=1`];
    for (const redirect_uri of [...near, 'https://evil.example.com/callback']) {
      if (met.redirect_uris.includes(redirect_uri)) continue;
      const { url } = authorizationUrl({ client_id: met.client_id }, { redirect_uri });
      const page = pageOf(await browser.open(url));
      assert.equal(page.status, 400, redirect_uri);
      assert.match(page.html, /return address is not registered/, redirect_uri);
    }
  }
}

const withoutPort = (uri: string): string =>
  uri.replace(/^(http:\/\/(?:\[[^\]]*\]|[^/:]*)):\d+(?=\/|$)/, '$1');

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

for (const row of rows) {
  describe(`${row.name}, as it is known`, () => {
    let house: House;
    before(async () => {
      world.pages.clear();
      for (const host of documentHosts) world.names.set(host, [PUBLIC_ADDRESS]);
      house = await openHouse({ network: world.network });
      await house.addPerson(EMAIL, PASSWORD);
    });
    after(() => house.close());

    if (row.challenges.some(({ form }) => form === '401'))
      it('finds its way from the 401', async () => void (await findItsWay(row, house)));
    for (const { way } of row.ways) replays[way](row, () => house);
  });
}
