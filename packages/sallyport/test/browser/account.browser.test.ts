// A person's own pages in a real Chromium, by the keyboard alone, with JavaScript and without.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import { askMcp, connect, EMAIL, PASSWORD } from '../house/client.ts';
import { press, tabTo } from './by-keyboard.ts';
import { focusOf, wordsOf } from './chromium.ts';
import { openVisitedHouse, type VisitedHouse } from './visited-house.ts';

const skip = skipWithoutChromium();
let browser: Browser;
before(async () => {
  if (skip === false) browser = await openChromium();
});
after(() => browser?.close());

for (const javaScriptEnabled of [true, false]) {
  describe(
    `${javaScriptEnabled ? 'with' : 'without'} JavaScript, by the keyboard, a person`,
    { skip },
    () => {
      function openAccount(): Promise<VisitedHouse> {
        const options = { javaScriptEnabled, viewport: { width: 360, height: 640 } };
        return openVisitedHouse(browser, [EMAIL], options, async (page, { origin }) => {
          await page.goto(`${origin}/account`);
          assert.match(await focusOf(page), /^textbox "E-mail"/);
          await page.keyboard.type(EMAIL);
          await page.keyboard.press('Tab');
          await page.keyboard.type(PASSWORD);
          await page.keyboard.press('Enter');
          await page.waitForURL(`${origin}/account`);
        });
      }

      it('removes an app, and it is locked out', async () => {
        await using opened = await openAccount();
        const { house, visitor, page } = opened;
        const [one, other] = [await connect(house), await connect(house)];
        await page.reload();
        await press(
          page,
          'link "Remove access: Example client, Records"',
          'Remove access of Example client?',
        );
        await press(page, 'link "Cancel"', 'Your account');
        await press(
          page,
          'link "Remove access: Example client, Records"',
          'Remove access of Example client?',
        );
        await press(page, 'button "Remove"', 'Your account');
        assert.match(await page.getByRole('status').innerText(), /Example client can no longer use Records/);
        const answers = [one, other].map(({ tokens }) => askMcp(house, tokens.access_token));
        const statuses = (await Promise.all(answers)).map(({ status }) => status);
        assert.deepEqual(new Set(statuses), new Set([200, 401]));
        // Back to the question and once more: nothing is left to be asked.
        await page.goBack();
        await page.getByRole('heading', { name: 'Your account', exact: true }).waitFor();
        assert.deepEqual(visitor.complaints, []);
        assert.deepEqual([...visitor.asked], [house.origin]);
      });

      it('sees their browsers, and signs the others out', async () => {
        await using opened = await openAccount();
        const { house, page } = opened;
        const { browser: other } = await connect(house);
        await page.reload();
        assert.match(await wordsOf(page), /Chrome on \w+ This browser Signed in less than an hour ago/);
        await press(page, 'button "Sign out: A browser"', 'Your account');
        assert.match(await page.getByRole('status').innerText(), /That browser is signed out\./);
        assert.equal(await page.getByRole('button', { name: 'Sign out everywhere else' }).count(), 0);
        assert.equal((await other.request('/account')).status, 303);
      });

      it('changes the password, after a mistake', async () => {
        await using opened = await openAccount();
        const { house, visitor, page } = opened;
        await press(page, 'link "Change password"', 'Change password');
        for (const current of ['not the password', PASSWORD]) {
          assert.match(await focusOf(page), /^textbox "Present password"/);
          await page.keyboard.type(current);
          await tabTo(page, 'textbox "New password"');
          await page.keyboard.type('another good password');
          await page.keyboard.press('Enter');
          if (current === PASSWORD) break;
          await page.getByRole('alert').waitFor();
          assert.match(await page.getByRole('alert').innerText(), /That is not your password\./);
        }
        await page.getByRole('heading', { name: 'Your account', exact: true }).waitFor();
        assert.match(await page.getByRole('status').innerText(), /Your password is changed/);
        await page.goto(`${house.origin}/`);
        assert.match(await wordsOf(page), /Signed in as/);
        assert.deepEqual(visitor.complaints, []);
      });

      it('deletes the account, and is signed out', async () => {
        await using opened = await openAccount();
        const { house, visitor, page } = opened;
        await press(page, 'link "Delete my account"', 'Delete your account?');
        await tabTo(page, 'textbox "Type your password to confirm"');
        await page.keyboard.type(PASSWORD);
        await tabTo(page, 'button "Delete"');
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'Your account is deleted' }).waitFor();
        assert.equal(await house.storage.findUserByEmail(EMAIL), undefined);
        await press(page, 'link "To the front page"', 'Connect your apps');
        assert.doesNotMatch(await wordsOf(page), /Signed in as/);
        assert.deepEqual(visitor.complaints, []);
      });
    },
  );
}
