// The way through sign-in and consent in a real Chromium by the keyboard alone, and as a screen reader tells it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { recordsToolset } from '@sallyport/toolsets';
import type { Browser, Page } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../../tools/chromium.ts';
import { authorizationUrl, EMAIL, PASSWORD, register, type Asked, type Registered } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { allow, focusOf, openVisitor, signInWith } from './chromium.ts';
import { openClientSite, type ClientSite } from './client-site.ts';

const skip = skipWithoutChromium();
let browser: Browser;
let house: ListeningHouse;
let site: ClientSite;
let client: Registered;
let redirect_uri: string;
before(async () => {
  if (skip !== false) return;
  browser = await openChromium();
  house = await openListeningHouse();
  await house.addPerson(EMAIL, PASSWORD);
  site = await openClientSite();
  redirect_uri = `http://127.0.0.1:${site.port}/callback`;
  client = await register(house, { redirect_uris: [redirect_uri], client_name: 'Code Helper' });
});
after(async () => {
  await browser?.close();
  await site?.close();
  await house?.close();
});

async function begin(page: Page): Promise<Asked> {
  const asked = authorizationUrl(client, { redirect_uri });
  await page.goto(`${house.origin}${asked.url}`);
  return asked;
}

/** Presses Tab until the focus is there; every stop on the way must be seen. @returns the stops */
async function tabTo(page: Page, wanted: string): Promise<string[]> {
  const stops: string[] = [];
  while (stops.at(-1) !== wanted) {
    assert.ok(stops.length < 12, `${wanted} is not among ${stops.join(', ')}`);
    await page.keyboard.press('Tab');
    stops.push(await focusOf(page));
    assert.deepEqual(await outlineOf(page), { style: 'solid', width: '3px' }, stops.at(-1));
  }
  return stops;
}

const outlineOf = (page: Page): Promise<{ style: string; width: string }> =>
  page.locator(':focus').evaluate((element) => {
    const { outlineStyle, outlineWidth } = element.ownerDocument.defaultView!.getComputedStyle(element);
    return { style: outlineStyle, width: outlineWidth };
  });

describe('the keyboard alone', { skip }, () => {
  for (const [decision, decisions, parameter] of [
    ['button "Deny"', ['button "Deny"'], 'error'],
    ['button "Allow"', ['button "Deny"', 'button "Allow"'], 'code'],
  ] as const) {
    it(`signs in and comes to ${decision}, which is seen to have the focus`, async () => {
      await using visitor = await openVisitor(browser, house.origin, { javaScriptEnabled: false });
      const { page } = visitor;
      const { state } = await begin(page);
      // The first field has the focus when the page opens: one types at once.
      assert.equal(await focusOf(page), 'textbox "E-mail"');
      assert.deepEqual(await outlineOf(page), { style: 'solid', width: '3px' });
      await page.keyboard.type(EMAIL);
      await tabTo(page, 'textbox "Password"');
      await page.keyboard.type('not the password');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      // The e-mail is still there, so the focus is where the mistake most likely is.
      assert.match(await focusOf(page), /^textbox "Password"/);
      await page.keyboard.type(PASSWORD);
      await page.keyboard.press('Enter');

      await allow(page).waitFor();
      const walked = await tabTo(page, decision);
      assert.equal(walked[0], 'link "Use another account"');
      assert.match(walked[1]!, /Technical details/);
      assert.deepEqual(walked.slice(2), decisions);
      await page.keyboard.press('Enter');
      await page.waitForURL(`${redirect_uri}?**`);
      const { searchParams } = new URL(page.url());
      assert.ok(searchParams.has(parameter));
      assert.equal(searchParams.get('state'), state);
    });
  }

  it('never decides by Enter on the consent page before a button was chosen', async () => {
    await using visitor = await openVisitor(browser, house.origin, { javaScriptEnabled: false });
    const { page } = visitor;
    await begin(page);
    await signInWith(page);
    await allow(page).waitFor();
    const url = page.url();
    const posts: string[] = [];
    page.on('request', (request) => void (request.method() === 'POST' && posts.push(request.url())));
    await page.keyboard.press('Enter');
    await page.keyboard.press('Space');
    await page.reload();
    assert.equal(page.url(), url);
    assert.deepEqual(posts, []);
  });

  it('unfolds the technical details', async () => {
    await using visitor = await openVisitor(browser, house.origin, { javaScriptEnabled: false });
    const { page } = visitor;
    await begin(page);
    await signInWith(page);
    await allow(page).waitFor();
    assert.equal(await page.getByText(client.client_id).isVisible(), false);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.getByText(client.client_id).isVisible(), true);
  });
});

describe('a screen reader', { skip }, () => {
  it('is told the sign-in page: heading, named fields with their kinds, button', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    await begin(visitor.page);
    // The page puts the focus when it is drawn, which may be after it has been read.
    await visitor.page.locator(':focus').waitFor();
    const tree = await readTree(visitor.page);
    for (const node of [
      { role: 'heading', name: 'Sign in' },
      { role: 'textbox', name: 'E-mail', required: true, focused: true },
      { role: 'textbox', name: 'Password', required: true },
      { role: 'button', name: 'Sign in' },
      { role: 'link', name: 'Create an account' },
    ])
      assert.deepEqual(find(tree, node.role, node.name), node);
    assert.equal(await visitor.page.title(), 'Sign in · Sallyport');
    assert.equal(await visitor.page.locator('html').getAttribute('lang'), 'en');
    assert.ok(!tree.some(({ role }) => role === 'alert'));
  });

  it('is told a sign-in problem at once, in the title, as an alert, and at both fields', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    const { page } = visitor;
    await begin(page);
    await signInWith(page, EMAIL, 'not the password');
    const alert = page.getByRole('alert');
    const problem = (await alert.textContent())!;
    assert.match(problem, /do not belong together/);
    assert.match(await page.title(), /^Problem: Sign in/);
    const tree = await readTree(page);
    assert.equal(tree.filter(({ role }) => role === 'alert').length, 1);
    for (const name of ['E-mail', 'Password']) {
      const { invalid, description } = find(tree, 'textbox', name);
      assert.deepEqual({ invalid, description }, { invalid: 'true', description: problem });
    }
  });

  it('is told at sign-up what a password needs, and which field a problem is about', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    const { page } = visitor;
    await page.goto(`${house.origin}/sign-up`);
    const hint = /^At least 8 characters\./;
    assert.match(find(await readTree(page), 'textbox', 'Password').description ?? '', hint);
    // Chromium lets it pass, we do not: 65 characters before the @ (RFC 5321 §4.5.3.1.1).
    await page.getByLabel('E-mail').fill(`${'a'.repeat(65)}@example.com`);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button').click();
    const problem = (await page.getByRole('alert').textContent())!;
    const tree = await readTree(page);
    const email = find(tree, 'textbox', 'E-mail');
    assert.deepEqual(
      { invalid: email.invalid, description: email.description },
      { invalid: 'true', description: problem },
    );
    assert.equal(find(tree, 'textbox', 'Password').invalid, undefined);
    assert.match(await focusOf(page), /^textbox "E-mail"/);
  });

  it('is told the consent page whole, in the order of the question', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    const { page } = visitor;
    await begin(page);
    await signInWith(page);
    await allow(page).waitFor();
    assert.equal(await page.title(), 'Allow Code Helper? · Sallyport');
    const reading = recordsToolset(house.storage).scopes.find(({ name }) => name === 'read')!.description;
    const told = await page.locator('main').ariaSnapshot();
    const order = [
      'heading "Allow Code Helper to use Records for you?" [level=1]',
      'text: Unverified',
      'heading "It will be able to" [level=2]',
      `listitem: ${reading}`,
      'term: Your account',
      EMAIL,
      'link "Use another account"',
      'term: Afterwards you go to',
      'a program on this computer',
      'button "Deny"',
      'button "Allow"',
    ].map((part) => ({ part, at: told.indexOf(part) }));
    for (const { part, at } of order) assert.notEqual(at, -1, `${part} in\n${told}`);
    assert.deepEqual(
      order.map(({ part }) => part),
      order.toSorted((a, b) => a.at - b.at).map(({ part }) => part),
    );
  });

  it('meets one main part, one first heading and no image without words on every page', async () => {
    await using visitor = await openVisitor(browser, house.origin);
    const { page } = visitor;
    for (const path of [
      '/',
      '/sign-in',
      '/sign-up',
      '/sign-out',
      '/nothing',
      '/oauth/authorize?client_id=x',
    ]) {
      await page.goto(`${house.origin}${path}`);
      const tree = await readTree(page);
      assert.equal(tree.filter(({ role }) => role === 'main').length, 1, path);
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1, path);
      for (const { role, name } of tree)
        if (['image', 'link', 'button', 'textbox'].includes(role))
          assert.notEqual(name, '', `${role} on ${path}`);
    }
  });
});

interface Told {
  readonly role: string;
  readonly name: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly focused?: boolean;
  readonly invalid?: string;
}

/** What Chromium hands to a screen reader, as a list; what is not set is left out. */
async function readTree(page: Page): Promise<Told[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, description, properties = [] }) => {
      const value = (wanted: string): unknown =>
        properties.find((property) => property.name === wanted)?.value.value;
      return {
        role: String(role?.value),
        name: String(name?.value ?? ''),
        ...(description?.value && { description: String(description.value) }),
        ...(value('required') === true && { required: true }),
        ...(value('focused') === true && { focused: true }),
        ...(value('invalid') === 'true' && { invalid: 'true' }),
      };
    });
}

function find(tree: readonly Told[], role: string, name: string): Told {
  const found = tree.filter((node) => node.role === role && node.name === name);
  assert.equal(found.length, 1, `${role} "${name}" in ${JSON.stringify(tree)}`);
  return found[0]!;
}
