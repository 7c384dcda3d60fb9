// The way from a client through sign-in and consent and back to it, in a real Chromium, with JavaScript and without.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import {
  askMcp,
  authorizationUrl,
  EMAIL,
  PASSWORD,
  redeem,
  register,
  type Asked,
  type Registered,
} from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { allow, deny, openVisitor, signInWith, wordsOf, type Visitor } from './chromium.ts';
import { openClientSite, type ClientSite } from './client-site.ts';

const skip = skipWithoutChromium();
const grace = 'grace@example.com';
let browser: Browser;
let house: ListeningHouse;
let site: ClientSite;
let redirect_uri: string;
let client: Registered;
/** How many times the store was told of a grant; an answer waits while `held` is set. */
const granting = { count: 0, held: undefined as Promise<void> | undefined };

before(async () => {
  if (skip !== false) return;
  browser = await openChromium();
  house = await openListeningHouse({
    rig: (storage) => ({
      ...storage,
      async grantAuthorization(granted) {
        granting.count += 1;
        await granting.held;
        return storage.grantAuthorization(granted);
      },
    }),
  });
  await house.addPerson(EMAIL, PASSWORD);
  await house.addPerson(grace, PASSWORD);
  site = await openClientSite();
  redirect_uri = `http://127.0.0.1:${site.port}/callback`;
  client = await register(house, { redirect_uris: [redirect_uri], client_name: 'Code Helper' });
});
after(async () => {
  await browser?.close();
  await site?.close();
  await house?.close();
});

for (const javaScriptEnabled of [true, false]) {
  const visit = (): Promise<Visitor> => openVisitor(browser, house.origin, { javaScriptEnabled });

  /** Somebody whom the client has just sent here; signed in, and so at the consent page. */
  async function atConsent({ page }: Visitor): Promise<Asked> {
    const asked = authorizationUrl(client, { redirect_uri });
    await page.goto(`${house.origin}${asked.url}`);
    if (new URL(page.url()).pathname === '/sign-in') await signInWith(page);
    await allow(page).waitFor();
    return asked;
  }

  describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript, the authorization`, { skip }, () => {
    it('leads through sign-in and consent, and Allow gives the client a code that works', async () => {
      await using visitor = await visit();
      const { page, complaints, asked: origins } = visitor;
      const asked = authorizationUrl(client, { redirect_uri, state: 'a state/with+odd=characters&more' });
      await page.goto(`${house.origin}${asked.url}`);
      assert.match(
        await wordsOf(page),
        /^Sign in Code Helper asks to connect\. Sign in first, then you decide\./,
      );
      await signInWith(page, EMAIL, 'not the password');
      assert.match(await wordsOf(page), /Code Helper asks to connect.* do not belong together/);
      await signInWith(page);

      await allow(page).waitFor();
      const words = await wordsOf(page);
      assert.match(words, /^Allow Code Helper to use Records for you\? (?:\? )?Unverified/);
      for (const said of [
        'read your profile, items, clients and tags',
        EMAIL,
        'Use another account',
        'a program on this computer (127.0.0.1)',
      ])
        assert.ok(words.includes(said), `${said} in ${words}`);
      assert.doesNotMatch(words, /create, change and delete items/);
      await allow(page).click();

      const answer = await arrivedAt(page);
      assert.deepEqual([...answer.searchParams.keys()], ['code', 'state', 'iss']);
      assert.equal(answer.searchParams.get('state'), 'a state/with+odd=characters&more');
      assert.equal(answer.searchParams.get('iss'), house.origin);
      const tokens = await redeem(
        house,
        client,
        answer.searchParams.get('code')!,
        asked.code_verifier,
        redirect_uri,
      );
      assert.equal((await askMcp(house, tokens.access_token)).status, 200);
      assert.deepEqual(complaints, []);
      assert.deepEqual([...origins], [house.origin]);
    });

    it('goes on where it was when a new person makes an account on the way', async () => {
      await using visitor = await visit();
      const { page } = visitor;
      const email = `new-${javaScriptEnabled}@example.com`;
      await page.goto(`${house.origin}${authorizationUrl(client, { redirect_uri }).url}`);
      await page.getByRole('link', { name: 'Create an account' }).click();
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      assert.match(await wordsOf(page), /Code Helper asks to connect/);
      await signInWith(page, email);
      assert.ok((await wordsOf(page)).includes(email));
      await allow(page).click();
      assert.ok((await arrivedAt(page)).searchParams.has('code'));
    });

    it('answers Deny with access_denied and no code', async () => {
      await using visitor = await visit();
      const asked = await atConsent(visitor);
      await deny(visitor.page).click();
      const { searchParams } = await arrivedAt(visitor.page);
      assert.deepEqual([...searchParams.keys()], ['error', 'error_description', 'state', 'iss']);
      assert.equal(searchParams.get('error'), 'access_denied');
      assert.equal(searchParams.get('state'), asked.state);
      assert.equal(searchParams.get('iss'), house.origin);
    });

    it('is for another account after “Use another account”', async () => {
      await using visitor = await visit();
      const { page } = visitor;
      const asked = await atConsent(visitor);
      await page.getByRole('link', { name: 'Use another account' }).click();
      assert.match(await wordsOf(page), /Code Helper asks to connect/);
      await signInWith(page, grace);
      await allow(page).waitFor();
      const words = await wordsOf(page);
      assert.ok(words.includes(grace) && !words.includes(EMAIL), words);
      await allow(page).click();
      const code = (await arrivedAt(page)).searchParams.get('code')!;
      const { access_token } = await redeem(house, client, code, asked.code_verifier, redirect_uri);
      const { sub } = claimsOf(access_token);
      assert.equal(sub, (await house.storage.findUserByEmail(grace))?.id);
    });

    it('shows the same page when it is reloaded, and its buttons still count', async () => {
      await using visitor = await visit();
      await atConsent(visitor);
      const words = await wordsOf(visitor.page);
      await visitor.page.reload();
      assert.equal(await wordsOf(visitor.page), words);
      await allow(visitor.page).click();
      assert.ok((await arrivedAt(visitor.page)).searchParams.has('code'));
    });

    it('says that it has expired, whichever button is pressed, and sends nobody anywhere', async () => {
      await using visitor = await visit();
      const { page } = visitor;
      await atConsent(visitor);
      const consent = page.url();
      house.clock.now += 3600;
      for (const button of [allow, deny]) {
        const before = site.callbacks.length;
        await button(page).click();
        await page.getByRole('heading', { name: 'This request has expired' }).waitFor();
        assert.match(await wordsOf(page), /Start again from the app/);
        assert.equal(new URL(page.url()).origin, house.origin);
        assert.equal(site.callbacks.length, before);
        await page.goto(consent);
        assert.equal(await allow(page).count(), 0);
        await atConsent(visitor);
        house.clock.now += 3600;
      }
    });

    it('gives one code for a double click on Allow, though both reach the server', async () => {
      await using visitor = await visit();
      const { page } = visitor;
      const asked = await atConsent(visitor);
      const [before, callbacks] = [granting.count, site.callbacks.length];
      // The page may be longer than the window, and the mouse clicks at a place of the window.
      await allow(page).scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await allow(page).boundingBox())!;
      const click = (): Promise<void> => page.mouse.click(x + width / 2, y + height / 2);
      const { promise, resolve } = Promise.withResolvers<void>();
      granting.held = promise;
      try {
        await click();
        await reach(before + 1);
        await click();
        await reach(before + 2);
      } finally {
        granting.held = undefined;
        resolve();
      }
      const code = (await arrivedAt(page)).searchParams.get('code')!;
      assert.deepEqual(
        [...new Set(site.callbacks.slice(callbacks).map((url) => url.searchParams.get('code')))],
        [code],
      );
      const { access_token } = await redeem(house, client, code, asked.code_verifier, redirect_uri);
      assert.equal((await askMcp(house, access_token)).status, 200);
    });

    it('says after the Back button that it has been answered, and takes nothing back', async () => {
      await using visitor = await visit();
      const { page } = visitor;
      const asked = await atConsent(visitor);
      await allow(page).click();
      const code = (await arrivedAt(page)).searchParams.get('code')!;
      const { access_token } = await redeem(house, client, code, asked.code_verifier, redirect_uri);
      await page.goBack();
      await page.getByRole('heading', { name: 'You have answered already' }).waitFor();
      assert.equal(await page.getByRole('button').count(), 0);
      assert.equal((await askMcp(house, access_token)).status, 200);
    });

    it('can wait in two tabs: one answers, and the other then changes nothing', async () => {
      await using visitor = await visit();
      const { page, context } = visitor;
      const asked = await atConsent(visitor);
      const other = await context.newPage();
      await other.goto(page.url());
      await allow(page).click();
      const code = (await arrivedAt(page)).searchParams.get('code')!;
      // Before the client has used the code, a second Allow is the same Allow.
      await allow(other).click();
      assert.equal((await arrivedAt(other)).searchParams.get('code'), code);
      const { access_token } = await redeem(house, client, code, asked.code_verifier, redirect_uri);
      await other.goBack();
      await other.getByRole('heading', { name: 'You have answered already' }).waitFor();
      assert.equal((await askMcp(house, access_token)).status, 200);
    });

    it('keeps two requests in two tabs apart', async () => {
      await using visitor = await visit();
      const { page, context } = visitor;
      const first = await atConsent(visitor);
      const other = await context.newPage();
      const second = await atConsent({ ...visitor, page: other });
      await allow(other).click();
      await deny(page).click();
      const [allowed, denied] = [await arrivedAt(other), await arrivedAt(page)];
      assert.equal(allowed.searchParams.get('state'), second.state);
      assert.equal(denied.searchParams.get('state'), first.state);
      assert.equal(denied.searchParams.get('error'), 'access_denied');
      const code = allowed.searchParams.get('code')!;
      await redeem(house, client, code, second.code_verifier, redirect_uri);
    });
  });
}

/** Where the client's callback was reached. */
async function arrivedAt(page: Page): Promise<URL> {
  await page.waitForURL(`${redirect_uri}?**`);
  const url = new URL(page.url());
  assert.ok(site.callbacks.some(({ href }) => href === url.href));
  return url;
}

/** Waits until the store was told of `count` grants. */
async function reach(count: number): Promise<void> {
  const until = Date.now() + 90_000;
  while (granting.count < count && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(granting.count >= count, 'a click never reached the server');
}

function claimsOf(jwt: string): { sub: string } {
  return JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as { sub: string };
}
