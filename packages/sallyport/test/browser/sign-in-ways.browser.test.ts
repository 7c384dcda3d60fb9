// The sign-in page with providers in a real Chromium: by the keyboard alone, without scripts, narrow and dark, with the
// Back button, and in two tabs.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import { openOidcProvider, type RunningProvider } from '../../../sign-in/test/openid/oidc-provider.ts';
import { authorizationUrl, PASSWORD, redeem, register, type Registered } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { freePort } from '../program/free-port.ts';
import { clientSecret, oidcWay } from '../sign-in-upstream/upstream-house.ts';
import { allow, focusOf, openVisitor, wordsOf } from './chromium.ts';
import { openClientSite, type ClientSite } from './client-site.ts';

const skip = skipWithoutChromium();
let browser: Browser;
let provider: RunningProvider;
let house: ListeningHouse;
let site: ClientSite;
let client: Registered;
let redirect_uri: string;

before(async () => {
  if (skip !== false) return;
  browser = await openChromium();
  site = await openClientSite();
  const port = await freePort();
  provider = await openOidcProvider([
    {
      client_id: 'oidc',
      client_secret: clientSecret,
      redirect_uris: [`http://localhost:${port}/oidc/callback`],
    },
  ]);
  const signIn = [
    oidcWay(provider.issuer, { storeTokens: false }),
    { provider: 'password', signUp: false } as const,
  ];
  house = await openListeningHouse({ configure: (config) => ({ ...config, signIn }) }, port);
  await house.addPerson('operator@example.com', PASSWORD);
  redirect_uri = `http://127.0.0.1:${site.port}/callback`;
  client = await register(house, { redirect_uris: [redirect_uri], client_name: 'Code Helper' });
});
after(async () => {
  await browser?.close();
  await site?.close();
  await house?.close();
  await provider?.close();
});

async function begin(page: Page) {
  const asked = authorizationUrl(client, { redirect_uri });
  await page.goto(`${house.origin}${asked.url}`);
  return asked;
}

const button = (page: Page) => page.getByRole('button', { name: 'Continue with Example ID' });

/** The provider's own pages, which want a name and any password, and a yes if they have not had it. */
async function throughProvider(page: Page): Promise<void> {
  await page.waitForURL((url) => url.origin === provider.issuer);
  await page.locator('input[name=login]').fill('ada');
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  const agree = page.getByRole('button', { name: 'Continue' });
  await agree.or(allow(page)).waitFor();
  if (await agree.isVisible()) await agree.click();
}

describe('the page with providers', { skip }, () => {
  it('says who asks before its button, and is gone through by the keyboard alone', async () => {
    await using visitor = await openVisitor(browser, house.origin, { javaScriptEnabled: false });
    const { page } = visitor;
    const asked = await begin(page);
    const words = await wordsOf(page);
    assert.match(
      words,
      /The app that asks Code Helper Unverified Afterwards you go to a program on this computer/,
    );
    assert.ok(words.indexOf('Code Helper') < words.indexOf('Continue with'));
    // Nothing is skipped: the first stop is the first way.
    await page.keyboard.press('Tab');
    assert.equal(await focusOf(page), 'button "Continue with Example ID"');
    await page.keyboard.press('Tab');
    assert.equal(await focusOf(page), 'textbox "E-mail"');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await throughProvider(page);
    await allow(page).click();
    await page.waitForURL((url) => url.port === String(site.port));
    const code = new URL(page.url()).searchParams.get('code') ?? '';
    assert.ok((await redeem(house, client, code, asked.code_verifier, redirect_uri)).access_token);
    assert.deepEqual(visitor.complaints, []);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`fits on a narrow screen, ${colorScheme}`, async () => {
      await using visitor = await openVisitor(browser, house.origin, {
        colorScheme,
        viewport: { width: 320, height: 640 },
      });
      const { page } = visitor;
      await begin(page);
      assert.equal(await page.locator('html').evaluate(({ scrollWidth }) => scrollWidth), 320);
      const box = await button(page).boundingBox();
      assert.ok(box !== null && box.height >= 44, 'large enough for a finger');
    });

  it('goes on with Back and Forward, and never signs in twice for one answer', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    const { page } = visitor;
    await begin(page);
    await button(page).click();
    await throughProvider(page);
    await allow(page).waitFor();
    const consent = page.url();
    const left = house.events.filter(({ event }) => event === 'signed_in').length;
    await page.goBack();
    await page.goForward();
    await page.reload();
    assert.equal(page.url(), consent);
    assert.equal(house.events.filter(({ event }) => event === 'signed_in').length, left);
    assert.match(await wordsOf(page), /^Allow Code Helper/);
  });

  it('in two tabs at once lets each go on with its own login', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    const { page, context } = visitor;
    const other = await context.newPage();
    await begin(page);
    await begin(other);
    await button(page).click();
    await page.waitForURL((url) => url.origin === provider.issuer);
    await button(other).click();
    await throughProvider(other);
    await allow(other).waitFor();
    await throughProvider(page);
    await allow(page).waitFor();
    assert.notEqual(new URL(page.url()).search, new URL(other.url()).search);
  });

  it('that was cancelled there says so, with the way to try again', async () => {
    await using visitor = await openVisitor(browser, house.origin, { javaScriptEnabled: false });
    const { page } = visitor;
    await begin(page);
    await button(page).click();
    await page.waitForURL((url) => url.origin === provider.issuer);
    await page.getByRole('link', { name: /Cancel/ }).click();
    await page.waitForURL((url) => url.origin === house.origin);
    assert.match(await wordsOf(page), /^Not signed in with Example ID You did not allow it there/);
    await page.getByRole('button', { name: 'Try again with Example ID' }).click();
    await throughProvider(page);
    await allow(page).waitFor();
  });
});
