// The way to each provider and back in a real Chromium: the button, the provider's own page, consent, and the app.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import { doubledProviders, wayOf } from '../doubled-providers.ts';
import { askMcp, authorizationUrl, PASSWORD, redeem, register } from '../house/client.ts';
import { openListeningHouse } from '../house/listening-house.ts';
import { freePort } from '../program/free-port.ts';
import { allow, openVisitor, wordsOf } from './chromium.ts';
import { openClientSite, type ClientSite } from './client-site.ts';

const skip = skipWithoutChromium();
let browser: Browser;
let site: ClientSite;

before(async () => {
  if (skip !== false) return;
  browser = await openChromium();
  site = await openClientSite();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

describe('in a browser, signing in', { skip }, () => {
  for (const [index, row] of doubledProviders.entries()) {
    // Without scripts too: nothing needs them.
    const javaScriptEnabled = index % 2 === 0;
    it(`with ${row.title} leads to consent and back to the app`, async (t) => {
      const port = await freePort();
      const provider = await row.open(`http://localhost:${port}/${row.provider}/callback`);
      t.after(() => provider.close());
      const house = await openListeningHouse(
        { configure: (config) => ({ ...config, signIn: [wayOf(row, provider.way)] }) },
        port,
      );
      t.after(() => house.close());
      await house.addPerson('operator@example.com', PASSWORD);
      const redirect_uri = `http://127.0.0.1:${site.port}/callback`;
      const client = await register(house, { redirect_uris: [redirect_uri], client_name: 'Code Helper' });
      await using visitor = await openVisitor(browser, house.origin, { javaScriptEnabled });
      const { page, complaints, asked: origins } = visitor;
      const asked = authorizationUrl(client, { redirect_uri });
      await page.goto(`${house.origin}${asked.url}`);
      assert.match(await wordsOf(page), /Code Helper/);
      await page.getByRole('button', { name: `Continue with ${row.title}` }).click();
      await page.waitForURL((url) => url.origin !== house.origin);
      await provider.press(page);
      await allow(page).waitFor();
      assert.match(await wordsOf(page), /^Allow Code Helper to use Records for you\?/);
      await allow(page).click();
      await page.waitForURL((url) => url.port === String(site.port));
      const code = new URL(page.url()).searchParams.get('code') ?? '';
      const tokens = await redeem(house, client, code, asked.code_verifier, redirect_uri);
      assert.equal((await askMcp(house, tokens.access_token)).status, 200);
      assert.deepEqual(complaints, []);
      assert.deepEqual([...origins], [house.origin]);
    });
  }
});
