// What protects the person, as a real Chromium enforces it: frames, cookies, origins, the one host name.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import { authorizationUrl, EMAIL, PASSWORD, register } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { allow, openVisitor, signInWith, wordsOf } from './chromium.ts';
import { openClientSite } from './client-site.ts';

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

describe('a frame on another origin', { skip }, () => {
  for (const host of ['127.0.0.1', 'localhost']) {
    it(`shows none of our pages, on ${host}, to who is signed in`, async () => {
      await using visitor = await openVisitor(browser, house.origin);
      await using opened = new AsyncDisposableStack();
      const { page } = visitor;
      const { url } = authorizationUrl(await register(house));
      await page.goto(`${house.origin}${url}`);
      await signInWith(page);
      await allow(page).waitFor();
      const consent = new URL(page.url());
      const paths = ['/', '/sign-in?switch=1', '/sign-up?switch=1', '/sign-out', '/nothing', url];
      const framed = [...paths, consent.pathname + consent.search].map((path) => `${house.origin}${path}`);
      const frames = framed.map((src) => `<iframe src="${src.replaceAll('&', '&amp;')}"></iframe>`).join('');
      const site = await openClientSite(() => ({ html: frames }));
      opened.defer(() => site.close());
      const answered = new Set<string>();
      page.on('response', (response) => answered.add(response.url()));
      await page.goto(`http://${host}:${site.port}/`);
      const [, ...children] = page.frames();
      assert.equal(children.length, framed.length);
      for (const child of children) await child.waitForURL(/^chrome-error:/);
      // It was our answer that Chromium would not show, not a failure to get one.
      for (const src of framed) assert.ok(answered.has(src), src);
    });
  }
});

describe('every page', { skip }, () => {
  it('complains of nothing, asks nobody else, and reads no cookie in a script', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    const { page, complaints, asked } = visitor;
    const client = await register(house, { redirect_uris: ['http://127.0.0.1:1/callback'] });
    const { url } = authorizationUrl(client, { redirect_uri: 'http://127.0.0.1:1/callback' });
    const look = async (path: string): Promise<void> => {
      await page.goto(`${house.origin}${path}`);
      assert.equal(await page.evaluate('document.cookie'), '', path);
      assert.equal(await page.locator('script').count(), 0, path);
    };
    const everybody = [
      '/',
      '/sign-in',
      '/sign-up',
      '/sign-out',
      '/nothing',
      '/sign-up?setup=x',
      '/oauth/authorize',
    ];
    for (const path of [...everybody, url]) await look(path);
    await signInWith(page, EMAIL, 'not the password');
    await signInWith(page);
    await allow(page).waitFor();
    for (const path of ['/', '/sign-in?switch=1', url, '/oauth/authorize/resume?id=x']) await look(path);
    assert.deepEqual(complaints, []);
    assert.deepEqual([...asked], [house.origin]);
  });

  it('would run no script, had one been slipped in', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    const { page, complaints } = visitor;
    await page.goto(house.origin);
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken"';
      document.body.append(script);
    }`);
    assert.match(await page.title(), /^Connect/);
    assert.equal(complaints.length, 1);
    assert.match(complaints[0]!, /Content Security Policy/);
  });
});

describe('the cookies', { skip }, () => {
  it('are HttpOnly, SameSite=Lax, for this host alone, and named after the port on http', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    const { page, context } = visitor;
    await page.goto(`${house.origin}/sign-in`);
    await signInWith(page);
    await page.waitForURL(`${house.origin}/`);
    const { port } = new URL(house.origin);
    const cookies = (await context.cookies()).toSorted((a, b) => a.name.localeCompare(b.name));
    assert.deepEqual(
      cookies.map(({ name, domain, path, httpOnly, secure, sameSite }) => [
        name,
        domain,
        path,
        httpOnly,
        secure,
        sameSite,
      ]),
      ['browser', 'session'].map((kind) => [
        `sallyport-${kind}-${port}`,
        'localhost',
        '/',
        true,
        false,
        'Lax',
      ]),
    );
    const [ofBrowser, session] = cookies;
    assert.equal(ofBrowser!.expires, -1);
    const days = (session!.expires - Date.now() / 1000) / 86_400;
    assert.ok(days > 29 && days <= 30, `${days}`);
  });

  it('of two Sallyports on one machine do not get in each other’s way', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    await using opened = new AsyncDisposableStack();
    const other = await openListeningHouse();
    opened.defer(() => other.close());
    await other.addPerson('grace@example.com', PASSWORD);
    const { page } = visitor;
    for (const [origin, email] of [
      [house.origin, EMAIL],
      [other.origin, 'grace@example.com'],
    ] as const) {
      await page.goto(`${origin}/sign-in`);
      await signInWith(page, email);
      await page.waitForURL(`${origin}/`);
    }
    await page.goto(house.origin);
    assert.ok((await wordsOf(page)).includes(EMAIL));
  });
});

describe('a page opened by another name of this machine', { skip }, () => {
  for (const host of ['127.0.0.1', '[::1]']) {
    it(`moves from ${host} to the public URL, where its form works`, async () => {
      await using visitor = await openVisitor(browser, house.origin);
      const { page } = visitor;
      const redirect_uri = 'http://127.0.0.1:1/callback';
      const client = await register(house, { redirect_uris: [redirect_uri] });
      const { url } = authorizationUrl(client, { redirect_uri });
      const { port } = new URL(house.origin);
      await page.goto(`http://${host}:${port}${url}`);
      assert.equal(new URL(page.url()).origin, house.origin);
      await signInWith(page);
      await allow(page).waitFor();
      assert.equal(new URL(page.url()).origin, house.origin);
    });
  }
});
