// Accounts in a real Chromium, with JavaScript and without: the first one, sign-up, sign-in, sign-out.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import { loadConfig } from '../../src/config/index.ts';
import { startServer } from '../../src/server.ts';
import { EMAIL, PASSWORD } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import type { HouseOptions } from '../house/open-house.ts';
import { freePort } from '../program/free-port.ts';
import { openVisitor, signInWith, wordsOf, type Visitor } from './chromium.ts';

const skip = skipWithoutChromium();
let browser: Browser;
before(async () => {
  if (skip === false) browser = await openChromium();
});
after(() => browser?.close());

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';

  const visit = (origin: string): Promise<Visitor> => openVisitor(browser, origin, { javaScriptEnabled });

  /** A house where ada@example.com has an account, and somebody who has just come to it. */
  async function visitHouse(
    options: HouseOptions = {},
  ): Promise<{ house: ListeningHouse; visitor: Visitor } & AsyncDisposable> {
    const house = await openListeningHouse(options);
    const close = () => house.close();
    try {
      await house.addPerson(EMAIL, PASSWORD);
      const visitor = await visit(house.origin);
      return { house, visitor, [Symbol.asyncDispose]: () => visitor.close().then(close) };
    } catch (error) {
      await close();
      throw error;
    }
  }

  describe(`${script}, the first account`, { skip }, () => {
    it('is made by the setup link, and survives a restart of the server together with its session', async () => {
      await using opened = new AsyncDisposableStack();
      const folder = await mkdtemp(join(tmpdir(), 'sallyport-browser-'));
      opened.defer(() => rm(folder, { recursive: true }));
      const environment = { SALLYPORT_DATA: folder, SALLYPORT_LISTEN_PORT: String(await freePort()) };
      const config = loadConfig({ environment, cwd: folder });
      const surroundings = { log: () => undefined, now: () => Math.floor(Date.now() / 1000) };
      let server = await startServer(config, surroundings);
      opened.defer(() => server.close());
      const { page, context, complaints } = opened.use(await visit(config.publicUrl));
      const setupPath = await server.setupPath();
      await page.goto(`${config.publicUrl}${setupPath}`);
      assert.match(await wordsOf(page), /^Make the first account/);
      await page.getByLabel('Name').fill('Ada Example');
      await page.getByLabel('E-mail').fill(EMAIL);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Make this account' }).click();
      await page.waitForURL(`${config.publicUrl}/`);
      assert.match(await wordsOf(page), /Signed in as Ada Example ada@example.com/);
      assert.equal((await server.storage.findUserByEmail(EMAIL))?.role, 'operator');
      assert.equal(await server.setupPath(), undefined);

      await server.close();
      server = await startServer(config, surroundings);
      await page.reload();
      assert.match(await wordsOf(page), /Signed in as Ada Example/);
      await page.goto(`${config.publicUrl}${setupPath}`);
      assert.match(await wordsOf(page), /this link has done its work/);
      await context.clearCookies();
      await page.goto(`${config.publicUrl}/sign-in`);
      await signInWith(page);
      assert.match(await wordsOf(page), /Signed in as Ada Example/);
      assert.deepEqual(complaints, []);
    });

    it('is missing: every page says where the link is, and none offers to sign in', async () => {
      await using opened = new AsyncDisposableStack();
      const house = await openListeningHouse();
      opened.defer(() => house.close());
      const { page } = opened.use(await visit(house.origin));
      for (const path of ['/sign-in', '/sign-up']) {
        await page.goto(`${house.origin}${path}`);
        assert.match(await wordsOf(page), /^Not set up yet Nobody has an account here yet\./);
        assert.equal(await page.locator('input').count(), 0);
      }
      await page.goto(house.origin);
      assert.match(
        await wordsOf(page),
        /Nobody has an account here yet\. Open the link that Sallyport printed/,
      );
      for (const name of ['Sign in', 'Create an account'])
        assert.equal(await page.getByRole('link', { name }).count(), 0);
    });
  });

  describe(`${script}, sign-up`, { skip }, () => {
    it('makes an account that then signs in, and goes on to the front page', async () => {
      await using opened = await visitHouse();
      const { house, visitor } = opened;
      const { page, complaints } = visitor;
      await page.goto(house.origin);
      await page.getByRole('link', { name: 'Create an account' }).click();
      await page.getByLabel('E-mail').fill('grace@example.com');
      await page.getByLabel('Password').fill('short');
      await page.getByRole('button', { name: 'Create account' }).click();
      // Chromium itself holds back what is too short; the page is still there, with what was typed.
      assert.equal(await page.getByLabel('E-mail').inputValue(), 'grace@example.com');
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      assert.match(await wordsOf(page), /sign in with the password that you chose/);
      assert.equal(await page.getByLabel('E-mail').inputValue(), 'grace@example.com');
      await signInWith(page, 'grace@example.com');
      await page.waitForURL(`${house.origin}/`);
      assert.match(await wordsOf(page), /Signed in as grace grace@example.com/);
      assert.equal((await house.storage.findUserByEmail('grace@example.com'))?.role, 'member');
      assert.deepEqual(complaints, []);
    });

    it('says the same to whom has an account already, and changes nothing', async () => {
      await using opened = await visitHouse();
      const { house, visitor } = opened;
      const { page } = visitor;
      const words: string[] = [];
      for (const email of [EMAIL, 'nobody@example.com']) {
        await page.goto(`${house.origin}/sign-up`);
        await page.getByLabel('E-mail').fill(email);
        await page.getByLabel('Password').fill('another password');
        await page.getByRole('button', { name: 'Create account' }).click();
        await page.getByRole('heading', { name: 'Sign in' }).waitFor();
        words.push(await wordsOf(page));
      }
      assert.equal(words[0], words[1]);
      await signInWith(page, EMAIL, PASSWORD);
      await page.waitForURL(`${house.origin}/`);
    });

    it('is not offered where the operator makes the accounts, and says so at its address', async () => {
      await using opened = await visitHouse({
        configure: (config) => ({ ...config, signIn: [{ provider: 'password', signUp: false }] }),
      });
      const { house, visitor } = opened;
      const { page } = visitor;
      for (const path of ['/', '/sign-in']) {
        await page.goto(`${house.origin}${path}`);
        assert.equal(await page.getByRole('link', { name: 'Create an account' }).count(), 0);
      }
      await page.goto(`${house.origin}/sign-up`);
      assert.match(await wordsOf(page), /Accounts are made by the operator here/);
      await page.getByRole('link', { name: 'Sign in' }).click();
      await signInWith(page);
      await page.waitForURL(`${house.origin}/`);
    });
  });

  describe(`${script}, sign-in`, { skip }, () => {
    it('answers a wrong password and an unknown e-mail with the same page, and then lets the right one in', async () => {
      await using opened = await visitHouse();
      const { house, visitor } = opened;
      const { page, context } = visitor;
      const pages: string[] = [];
      await page.goto(`${house.origin}/sign-in`);
      for (const email of [EMAIL, 'nobody@example.com']) {
        const answer = page.waitForResponse((response) => response.request().method() === 'POST');
        await signInWith(page, email, 'not the password');
        const { status, text } = {
          status: (await answer).status(),
          text: await page.locator('main').innerHTML(),
        };
        assert.equal(await page.getByLabel('E-mail').inputValue(), email);
        assert.equal(await page.getByLabel('Password').inputValue(), '');
        pages.push(`${status} ${text.replaceAll(email, '')}`);
      }
      assert.match(pages[0]!, /^403 /);
      assert.equal(pages[0], pages[1]);
      assert.match(await wordsOf(page), /do not belong together/);
      assert.deepEqual(
        (await context.cookies()).filter(({ name }) => name.includes('session')),
        [],
      );
      await signInWith(page);
      await page.waitForURL(`${house.origin}/`);
    });

    it('ends with sign-out, for this browser and on the server', async () => {
      await using opened = await visitHouse();
      const { house, visitor } = opened;
      const { page, context, complaints } = visitor;
      await page.goto(`${house.origin}/sign-in`);
      await signInWith(page);
      await page.waitForURL(`${house.origin}/`);
      const before = await context.cookies();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
      assert.deepEqual(
        (await context.cookies()).filter(({ name }) => name.includes('session')),
        [],
      );
      // A copy of the old cookie is worth nothing.
      await context.addCookies(before);
      await page.goto(house.origin);
      assert.doesNotMatch(await wordsOf(page), /Signed in as/);
      await page.goto(`${house.origin}/sign-out`);
      await page.getByRole('link', { name: 'Sign in again' }).click();
      await signInWith(page);
      await page.waitForURL(`${house.origin}/`);
      assert.deepEqual(complaints, []);
    });
  });
}
