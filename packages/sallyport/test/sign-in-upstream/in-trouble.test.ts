// A provider that is down, slow, or answers something else than it should: a page that says so, nothing half-made, nothing
// told that is a secret, and the same login goes on as soon as the provider is well again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from '../../../guarded-fetch/test/world.ts';
import { CLIENT, ISSUER, NOW, openDouble, type Double } from '../../../sign-in/test/openid/double.ts';
import { leftTo, openBrowserAt, pageOf, type Arrived, type Browser } from '../house/browser.ts';
import { authorizationUrl, redeem, register } from '../house/client.ts';
import { openHouse } from '../house/open-house.ts';
import { oidcWay, pressButton } from './upstream-house.ts';

const marked = 'what-the-provider-said-in-its-trouble';

const html =
  (status: number): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end(`<!doctype html><title>Trouble</title><script>alert('${marked}')</script>`);
  };

const faults: Readonly<Record<string, Answer>> = {
  'a page of HTML': html(200),
  'a page of HTML with status 502': html(502),
  'a connection that it closes': (request) => void request.socket.destroy(),
  'half of an answer': (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"access_token":"half');
    setTimeout(() => request.socket.destroy(), 20);
  },
  'a redirect to somewhere else': (_request, response) => {
    response.writeHead(302, { location: 'https://api.example.net/elsewhere' });
    response.end();
  },
  'a megabyte': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"issuer":"${'x'.repeat(1_000_000)}"}`);
  },
  'an empty object': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{}');
  },
  'that it is told too much': (_request, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '20' });
    response.end('{"error":"slow_down"}');
  },
};

const places = ['/.well-known/openid-configuration', '/token', '/jwks'] as const;

async function openTroubled() {
  const double = await openDouble();
  const house = await openHouse({
    now: NOW,
    network: double.world.network,
    configure: (config) => ({ ...config, signIn: [oidcWay(ISSUER, CLIENT)] }),
  });
  await house.addPerson('operator@example.com', 'correct horse battery');
  return {
    double,
    house,
    close: async () => {
      await house.close();
      await double.close();
    },
  };
}

/** From the page with its button, as far as it goes; the double answers with the nonce that it was sent. */
async function goThere(double: Double, browser: Browser, page: Arrived): Promise<Arrived> {
  const away = await browser.submit(pageOf(page), {}, '/sign-in/oidc');
  if ('html' in away) return away;
  const { searchParams } = away.left;
  double.claims = { nonce: searchParams.get('nonce') };
  const back = new URL(searchParams.get('redirect_uri') ?? '');
  back.search = new URLSearchParams({
    code: 'the-code-of-the-provider',
    state: searchParams.get('state') ?? '',
  }).toString();
  return browser.open(back.href);
}

describe('a provider that answers', () => {
  for (const [what, answer] of Object.entries(faults))
    for (const place of places)
      it(`${what} at ${place}`, async (t) => {
        const { double, house, close } = await openTroubled();
        t.after(() => close());
        const right = double.world.pages.get(`id.example.com${place}`) ?? assert.fail();
        double.answer(place, answer);
        const client = await register(house);
        const asked = authorizationUrl(client);
        const browser = openBrowserAt(house);
        const failed = pageOf(await goThere(double, browser, await browser.open(asked.url)));
        assert.ok([403, 500, 502, 503].includes(failed.status), `${failed.status}`);
        assert.match(failed.html, /Not signed in with/);
        assert.match(failed.html, /Try again with/);
        assert.match(failed.html, /Example client/, 'the app still waits');
        assert.ok(![...browser.cookies.keys()].some((name) => name.includes('session')));
        assert.equal((await house.storage.listUsers()).length, 1);
        const told = failed.html + JSON.stringify([...failed.headers]) + JSON.stringify(house.events);
        for (const secret of [
          CLIENT.clientSecret,
          'the-code-of-the-provider',
          marked,
          'access-1',
          'refresh-1',
        ])
          assert.ok(!told.includes(secret), secret);
        assert.ok(house.events.some(({ event }) => event === 'sign_in_failed'));

        double.answer(place, right);
        // Whoever was asked in vain is not asked again at once.
        house.clock.now += 11;
        const consent = pageOf(await goThere(double, browser, failed));
        assert.match(consent.html, /Allow .*Example client/s);
        const back = leftTo(await browser.submit(consent, { decision: 'allow' }));
        await redeem(house, client, back.searchParams.get('code') ?? '', asked.code_verifier);
      });
});

it('a provider that never answers is not waited for longer than a person would', async (t) => {
  const { double, house, close } = await openTroubled();
  t.after(() => close());
  double.answer('/token', () => {});
  const browser = openBrowserAt(house);
  const began = performance.now();
  const failed = pageOf(await goThere(double, browser, await browser.open('/sign-in')));
  assert.equal(failed.status, 503);
  assert.ok(performance.now() - began < 8_000);
  assert.match(failed.html, /Try again with/);
});

it('a provider that does not know this server says so to the person, and to the operator why', async (t) => {
  const { double, house, close } = await openTroubled();
  t.after(() => close());
  double.answer('/token', (_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"error":"invalid_client","error_description":"secret expired"}');
  });
  const browser = openBrowserAt(house);
  const failed = pageOf(await goThere(double, browser, await browser.open('/sign-in')));
  assert.equal(failed.status, 500);
  assert.match(failed.html, /tell whoever runs this server/i);
  const { facts } = house.events.find(({ event }) => event === 'sign_in_failed') ?? assert.fail();
  assert.equal(facts['provider'], 'oidc');
  assert.equal(facts['providerError'], 'invalid_client');
  assert.ok(!failed.html.includes('secret expired'));
});

it('a provider whose button is pressed by many at once is asked for its metadata once', async (t) => {
  const { double, house, close } = await openTroubled();
  t.after(() => close());
  const browser = openBrowserAt(house);
  const page = pageOf(await browser.open('/sign-in'));
  const urls = await Promise.all(Array.from({ length: 20 }, () => pressButton(browser, page)));
  assert.equal(new Set(urls.map(({ searchParams }) => searchParams.get('state'))).size, 20);
  assert.equal(new Set(urls.map(({ searchParams }) => searchParams.get('code_challenge'))).size, 20);
  const fetched = double.world.requests.filter((url) => url.includes('.well-known'));
  assert.equal(fetched.length, 1);
  assert.equal(double.asked.length, 0);
});
