// What clients may ask of the person's presence, and the tokens of account pages, in a real Chromium: by the keyboard
// alone, with JavaScript and without.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import { askMcp, authorizationUrl, EMAIL, PASSWORD, register } from '../house/client.ts';
import { press, tabTo } from './by-keyboard.ts';
import { focusOf, signInWith, wordsOf } from './chromium.ts';
import { openVisitedHouse, type VisitedHouse } from './visited-house.ts';

const GRACE = 'grace@example.com';

const skip = skipWithoutChromium();
let browser: Browser;
before(async () => {
  if (skip === false) browser = await openChromium();
});
after(() => browser?.close());

for (const javaScriptEnabled of [true, false]) {
  describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript, by the keyboard`, { skip }, () => {
    function openSignedIn(): Promise<VisitedHouse> {
      const permissions = javaScriptEnabled ? ['clipboard-read', 'clipboard-write'] : [];
      const options = { javaScriptEnabled, permissions, viewport: { width: 320, height: 640 } };
      return openVisitedHouse(browser, [EMAIL, GRACE], options, async (page, { origin }) => {
        await page.goto(`${origin}/account`);
        await signInWith(page);
        await page.waitForURL(`${origin}/account`);
      });
    }

    const redirect_uri = 'http://127.0.0.1:9/callback';

    it('a person chooses another account, and then is asked as that one', async () => {
      await using opened = await openSignedIn();
      const { house, visitor, page } = opened;
      const client = await register(house, { redirect_uris: [redirect_uri] });
      const asked = authorizationUrl(client, { redirect_uri, prompt: 'select_account' });
      await page.goto(house.origin + asked.url);
      assert.match(await wordsOf(page), /Which account\? Example client asks which one to connect\./);
      await press(page, 'link "Use another account"', 'Sign in');
      assert.match(await focusOf(page), /^textbox "E-mail"/);
      await page.keyboard.type(GRACE);
      await page.keyboard.press('Tab');
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: /^Allow Example client/ }).waitFor();
      assert.match(await wordsOf(page), /grace@example\.com/);
      await page.goto(house.origin + authorizationUrl(client, { redirect_uri, login_hint: EMAIL }).url);
      assert.match(await wordsOf(page), /expects ada@example\.com/);
      await press(page, 'button "Continue as grace"', /^Allow Example client/);
      assert.deepEqual(visitor.complaints, []);
      assert.deepEqual([...visitor.asked], [house.origin]);
    });

    it('a person signs in once more, with the name filled in, and a reload asks nothing new', async () => {
      await using opened = await openSignedIn();
      const { house, visitor, page } = opened;
      const client = await register(house, { redirect_uris: [redirect_uri] });
      await page.goto(house.origin + authorizationUrl(client, { redirect_uri, prompt: 'login' }).url);
      await page.getByRole('heading', { name: 'Sign in once more', exact: true }).waitFor();
      assert.match(await focusOf(page), /^textbox "Password"/);
      await page.keyboard.type('not the password');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      assert.match(await focusOf(page), /^textbox "Password"/);
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: /^Allow Example client/ }).waitFor();
      await page.reload();
      await page.getByRole('heading', { name: /^Allow Example client/ }).waitFor();
      assert.deepEqual(visitor.complaints, []);
    });

    it('a person makes a token, uses it, and revokes it', async () => {
      await using opened = await openSignedIn();
      const { house, visitor, page } = opened;
      await press(page, 'link "New access token"', 'New access token');
      assert.match(await focusOf(page), /^textbox "Name"/);
      await page.keyboard.type('Backup script');
      await tabTo(page, 'checkbox');
      assert.equal(await page.locator(':focus').isChecked(), true);
      await tabTo(page, 'radio');
      await page.keyboard.press('ArrowUp');
      assert.equal(await page.getByRole('radio', { name: '30 days' }).isChecked(), true);
      await press(page, 'button "Make it"', 'Your new access token');
      const token = await page.locator('pre').first().innerText();
      assert.equal((await askMcp(house, token)).status, 200);
      const copy = page.getByRole('button', { name: 'Copy the token' });
      assert.equal(await copy.count(), javaScriptEnabled ? 1 : 0);
      if (javaScriptEnabled) {
        await tabTo(page, 'button "Copy the token"');
        await page.keyboard.press('Enter');
        await page.getByRole('status').getByText('Copied.').waitFor();
        assert.equal(await page.evaluate('navigator.clipboard.readText()'), token);
      }
      const width = await page.locator('html').evaluate((root) => root.scrollWidth);
      assert.ok(width <= 320, `scrolls sideways: ${width}`);
      await press(page, 'link "Done: to your account"', 'Your account');
      assert.match(await wordsOf(page), /Backup script May use Records to:/);
      await press(page, 'link "Revoke: Backup script"', 'Revoke “Backup script”?');
      await press(page, 'button "Revoke"', 'Your account');
      assert.match(await page.getByRole('status').innerText(), /“Backup script” no longer works\./);
      assert.equal((await askMcp(house, token)).status, 401);
      assert.deepEqual(visitor.complaints, []);
      assert.deepEqual([...visitor.asked], [house.origin]);
    });
  });
}
