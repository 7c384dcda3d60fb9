// Where the answer goes, in a real Chromium: https sites that send the browser onward, programs that listen on this
// computer, apps behind a scheme, and a page that waits for its popup.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import {
  askMcp,
  authorizationUrl,
  EMAIL,
  PASSWORD,
  REDIRECT_URI,
  redeem,
  register,
} from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { allow, deny, openVisitor, signInWith, wordsOf, type Visitor } from './chromium.ts';
import { openClientSite } from './client-site.ts';
import { serveWeb } from './web.ts';

const skip = skipWithoutChromium();
let browser: Browser;
let house: ListeningHouse;
before(async () => {
  if (skip !== false) return;
  browser = await openChromium();
  house = await openListeningHouse();
  await house.addPerson(EMAIL, PASSWORD);
});
after(async () => {
  await browser?.close();
  await house?.close();
});

/** Somebody who is signed in. */
async function visit(javaScriptEnabled = true): Promise<Visitor> {
  const visitor = await openVisitor(browser, house.origin, { javaScriptEnabled });
  await visitor.page.goto(`${house.origin}/sign-in`);
  await signInWith(visitor.page);
  await visitor.page.waitForURL(`${house.origin}/`);
  return visitor;
}

/** A client with this redirect URI sends the browser here. */
async function atConsent(page: Page, redirect_uri: string, metadata: Record<string, string> = {}) {
  const client = await register(house, { redirect_uris: [redirect_uri], ...metadata });
  const asked = authorizationUrl(client, { redirect_uri });
  await page.goto(`${house.origin}${asked.url}`);
  await allow(page).waitFor();
  const redeemAt = (url: URL) =>
    redeem(house, client, url.searchParams.get('code')!, asked.code_verifier, redirect_uri);
  return { ...asked, redeemAt };
}

describe('a callback on the web', { skip }, () => {
  for (const [press, parameter] of [
    [allow, 'code'],
    [deny, 'error'],
  ] as const) {
    it(`may send the browser onward to other origins: nobody is stranded, ${parameter} arrives`, async () => {
      await using visitor = await visit();
      const { page, complaints, asked: origins } = visitor;
      const onward: Record<string, string> = {
        '/callback': 'https://login.example.org/finish',
        '/finish': 'https://app.example.com/home',
      };
      const web = await serveWeb(page, ({ pathname }) => {
        const location = onward[pathname];
        return location === undefined ? { html: '<h1>Welcome back</h1>' } : { location };
      });
      const { state } = await atConsent(page, REDIRECT_URI);
      assert.match(await wordsOf(page), /Afterwards you go to client\.example\.com/);
      await press(page).click();
      await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
      assert.equal(page.url(), 'https://app.example.com/home');
      assert.deepEqual(
        web.map(({ origin, pathname }) => origin + pathname),
        [REDIRECT_URI, 'https://login.example.org/finish', 'https://app.example.com/home'],
      );
      assert.ok(web[0]!.searchParams.has(parameter));
      assert.equal(web[0]!.searchParams.get('state'), state);
      assert.equal(web[0]!.searchParams.get('iss'), house.origin);
      assert.deepEqual(complaints, []);
      assert.deepEqual([...origins], [house.origin]);
    });
  }

  it('may send the browser onward from a program on this computer to the web', async () => {
    await using visitor = await visit();
    await using opened = new AsyncDisposableStack();
    const site = await openClientSite(() => ({ location: 'https://app.example.com/home' }));
    opened.defer(() => site.close());
    await serveWeb(visitor.page, () => ({ html: '<h1>Welcome back</h1>' }));
    await atConsent(visitor.page, `http://localhost:${site.port}/callback`);
    await allow(visitor.page).click();
    await visitor.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
    assert.ok(site.callbacks[0]!.searchParams.has('code'));
  });

  it('is not asked about a second time', async () => {
    await using visitor = await visit();
    const { page } = visitor;
    const web = await serveWeb(page, () => ({ html: '<h1>Connected</h1>' }));
    const client = await register(house);
    for (const time of [1, 2]) {
      await page.goto(`${house.origin}${authorizationUrl(client).url}`);
      if (time === 1) await allow(page).click();
      await page.getByRole('heading', { name: 'Connected' }).waitFor();
    }
    assert.equal(new Set(web.map((url) => url.searchParams.get('code'))).size, 2);
  });
});

describe('a callback of a program on this computer', { skip }, () => {
  for (const javaScriptEnabled of [true, false]) {
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
      it(`is reached at http://${host} on the port of today ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
        await using visitor = await visit(javaScriptEnabled);
        await using opened = new AsyncDisposableStack();
        const site = await openClientSite();
        opened.defer(() => site.close());
        const { page, complaints } = visitor;
        const redirect_uri = `http://${host}:${site.port}/callback`;
        const client = await register(house, { redirect_uris: [`http://${host}:1/callback`] });
        const asked = authorizationUrl(client, { redirect_uri });
        await page.goto(`${house.origin}${asked.url}`);
        assert.ok((await wordsOf(page)).includes(`a program on this computer (${host})`));
        await allow(page).click();
        await page.getByRole('heading', { name: 'Connected' }).waitFor();
        const url = new URL(page.url());
        assert.equal(url.host, `${host}:${site.port}`);
        const code = url.searchParams.get('code')!;
        const { access_token } = await redeem(house, client, code, asked.code_verifier, redirect_uri);
        assert.equal((await askMcp(house, access_token)).status, 200);
        assert.deepEqual(complaints, []);
      });
    }
  }
});

describe('a callback of an app behind a scheme', { skip }, () => {
  const redirect_uri = 'cursor://anysphere.cursor-retrieval/oauth/callback';

  /** The URLs of other schemes that Chromium tried to open, from now on. */
  function openings(page: Page): string[] {
    const opened: string[] = [];
    page.on('request', (request) => {
      if (!/^https?:/.test(request.url())) opened.push(request.url());
    });
    return opened;
  }

  for (const javaScriptEnabled of [true, false]) {
    describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
      it('is opened with code, state and iss, while the page says how to go on', async () => {
        await using visitor = await visit(javaScriptEnabled);
        const { page, complaints } = visitor;
        const opened = openings(page);
        const { state, redeemAt } = await atConsent(page, redirect_uri, { client_name: 'Cursor' });
        assert.match(await wordsOf(page), /the app that opens cursor:\/\/ links/);
        const opening = page.waitForEvent('requestfailed', (request) => request.url().startsWith('cursor:'));
        await allow(page).click();
        const url = new URL((await opening).url());
        assert.equal(url.href.split('?')[0], redirect_uri);
        assert.deepEqual([...url.searchParams.keys()], ['code', 'state', 'iss']);
        assert.equal(url.searchParams.get('state'), state);
        assert.equal(url.searchParams.get('iss'), house.origin);
        assert.deepEqual(opened, [url.href]);

        assert.match(await wordsOf(page), /^Going back to Cursor/);
        assert.equal(await page.getByRole('link', { name: 'Open Cursor' }).getAttribute('href'), url.href);
        assert.equal(await page.getByRole('button').count(), 0);
        // The click on Allow is the gesture that Chromium wants to see; there is only no such app on this machine.
        assert.deepEqual(
          complaints.filter((text) => !text.includes('does not have a registered handler')),
          [],
        );
        const { access_token } = await redeemAt(url);
        assert.equal((await askMcp(house, access_token)).status, 200);
      });

      it('is opened with access_denied after Deny', async () => {
        await using visitor = await visit(javaScriptEnabled);
        const { page } = visitor;
        const { state } = await atConsent(page, redirect_uri, { client_name: 'Cursor' });
        const opening = page.waitForEvent('requestfailed', (request) => request.url().startsWith('cursor:'));
        await deny(page).click();
        const url = new URL((await opening).url());
        assert.deepEqual([...url.searchParams.keys()], ['error', 'error_description', 'state', 'iss']);
        assert.equal(url.searchParams.get('error'), 'access_denied');
        assert.equal(url.searchParams.get('state'), state);
        assert.match(await wordsOf(page), /^Going back to Cursor/);
      });

      it('gets the same code when the answer is sent again by a reload', async () => {
        await using visitor = await visit(javaScriptEnabled);
        const { page } = visitor;
        const { redeemAt } = await atConsent(page, redirect_uri, { client_name: 'Cursor' });
        const opened = openings(page);
        const link = page.getByRole('link', { name: 'Open Cursor' });
        await allow(page).click();
        const href = (await link.getAttribute('href'))!;
        await page.reload();
        assert.equal(await link.getAttribute('href'), href);
        assert.deepEqual([...new Set(opened)], [href]);
        const { access_token } = await redeemAt(new URL(href));
        // Once the app has used the code, the page cannot be made to hand it out again.
        await page.reload();
        await page.getByRole('heading', { name: 'You have answered already' }).waitFor();
        assert.ok(!(await page.content()).includes('cursor:'));
        assert.equal((await askMcp(house, access_token)).status, 200);
      });
    });
  }
});

describe('a popup of a client’s page', { skip }, () => {
  it('signs in, asks, hands the answer to the page that opened it, and closes', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    await using opened = new AsyncDisposableStack();
    const popupUrl = { href: '' };
    const site = await openClientSite((path) => {
      if (path === '/callback')
        return { html: `<script>opener.postMessage(location.href, location.origin); close()</script>` };
      return {
        html: `<button onclick="open('${popupUrl.href}', 'connect', 'popup,width=500,height=700')">Connect</button><output></output>
          <script>addEventListener('message', ({ data, origin }) => {
            if (origin === location.origin) document.querySelector('output').textContent = data;
          })</script>`,
      };
    });
    opened.defer(() => site.close());
    const redirect_uri = `http://127.0.0.1:${site.port}/callback`;
    const client = await register(house, { redirect_uris: [redirect_uri] });
    const asked = authorizationUrl(client, { redirect_uri });
    popupUrl.href = `${house.origin}${asked.url}`;

    const { page } = visitor;
    await page.goto(`http://127.0.0.1:${site.port}/`);
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('button', { name: 'Connect' }).click(),
    ]);
    await signInWith(popup);
    await allow(popup).waitFor();
    const closed = popup.waitForEvent('close');
    await allow(popup).click();
    await closed;
    await page.waitForFunction(`document.querySelector('output').textContent !== ''`);
    const answer = new URL((await page.locator('output').textContent())!);
    assert.equal(answer.searchParams.get('state'), asked.state);
    assert.equal(answer.searchParams.get('iss'), house.origin);
    const code = answer.searchParams.get('code')!;
    await redeem(house, client, code, asked.code_verifier, redirect_uri);
    assert.deepEqual(visitor.complaints, []);
  });
});
