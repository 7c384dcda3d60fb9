// A person's own pages in a real Chromium, by the keyboard alone, with JavaScript and without.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import { askMcp, connect, EMAIL, PASSWORD } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { focusOf, openVisitor, wordsOf, type Visitor } from './chromium.ts';

const skip = skipWithoutChromium();
let browser: Browser;
before(async () => {
  if (skip === false) browser = await openChromium();
});
after(() => browser?.close());

/** Presses Tab until the element has the focus: its role and name as a screen reader says them, or their beginning. */
async function tabTo(page: Page, element: string): Promise<void> {
  for (let steps = 0; steps < 40; steps += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator(':focus').count()) === 0) continue;
    // Names with a colon come in quotes.
    if ((await focusOf(page)).replace(/^'/, '').startsWith(element)) return;
  }
  assert.fail(`Tab does not reach ${element} on ${page.url()}`);
}

async function press(page: Page, element: string, heading: string): Promise<void> {
  await tabTo(page, element);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: heading, exact: true }).waitFor();
}

for (const javaScriptEnabled of [true, false]) {
  describe(
    `${javaScriptEnabled ? 'with' : 'without'} JavaScript, by the keyboard, a person`,
    { skip },
    () => {
      interface Opened extends AsyncDisposable {
        readonly house: ListeningHouse;
        readonly visitor: Visitor;
        readonly page: Page;
      }

      async function openAccount(): Promise<Opened> {
        await using opening = new AsyncDisposableStack();
        const house = await openListeningHouse();
        opening.defer(() => house.close());
        await house.addPerson(EMAIL, PASSWORD);
        const options = { javaScriptEnabled, viewport: { width: 360, height: 640 } };
        const visitor = opening.use(await openVisitor(browser, house.origin, options));
        const { page } = visitor;
        await page.goto(`${house.origin}/account`);
        assert.match(await focusOf(page), /^textbox "E-mail"/);
        await page.keyboard.type(EMAIL);
        await page.keyboard.press('Tab');
        await page.keyboard.type(PASSWORD);
        await page.keyboard.press('Enter');
        await page.waitForURL(`${house.origin}/account`);
        const opened = opening.move();
        return { house, visitor, page, [Symbol.asyncDispose]: () => opened.disposeAsync() };
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
