// Takes pictures of the real flow, from the first start to the way back into an app, into screenshots/flow/: light and
// dark, on a phone and on a desktop. Needs Chromium: the first on the PATH, or the one that CHROMIUM names.
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { json, openWorld } from '../packages/guarded-fetch/test/world.ts';
import { openVisitor, allow, signInWith } from '../packages/sallyport/test/browser/chromium.ts';
import {
  authorizationUrl,
  connect,
  EMAIL,
  PASSWORD,
  register,
} from '../packages/sallyport/test/house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../packages/sallyport/test/house/listening-house.ts';
import { openChromium } from './chromium.ts';

const folder = new URL('../screenshots/flow/', import.meta.url).pathname;
await mkdir(folder, { recursive: true });
const browser = await openChromium();
const faults: string[] = [];
const world = await openWorld(['claude.example.com']);
for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [360, 1280]) {
    const house = await openListeningHouse({ network: world.network });
    const viewport = { width, height: 760 };
    const visitor = await openVisitor(browser, house.origin, {
      colorScheme,
      viewport,
      javaScriptEnabled: false,
    });
    let count = 0;
    const take = async (name: string): Promise<void> => {
      count += 1;
      const number = String(count).padStart(2, '0');
      const path = `${folder}${number}-${name}-${colorScheme}-${width}.png`;
      await visitor.page.screenshot({ path, fullPage: true });
      const needed = await visitor.page.locator('html').evaluate((root) => root.scrollWidth);
      if (needed > width) faults.push(`${name} at ${width}: scrolls sideways (${needed})`);
    };
    await walk(visitor.page, house, take);
    faults.push(...visitor.complaints.filter((text) => !text.includes('registered handler')));
    await visitor.close();
    await house.close();
  }
await browser.close();
await world.close();
for (const fault of faults) console.error(fault);
console.log(`Pictures of the flow in ${folder}`);
process.exitCode = faults.length > 0 ? 1 : 0;

async function walk(page: Page, house: ListeningHouse, take: (name: string) => Promise<void>): Promise<void> {
  const open = (path: string): Promise<unknown> => page.goto(`${house.origin}${path}`);

  await open('/');
  await take('home-before-setup');
  await open('/sign-in');
  await take('not-set-up');
  await open((await house.assembled.setupPath())!);
  await take('sign-up-first');
  await page.getByLabel('Name').fill('Ada Example');
  await page.getByLabel('E-mail').fill(EMAIL);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button').click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await take('home-signed-in');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await take('signed-out');
  await open('/');
  await take('home-signed-out');
  await open('/sign-in');
  await take('sign-in');

  const web = await ask('Claude', 'https://claude.example.com/api/mcp/auth_callback', 'read write');
  await open(web);
  await take('sign-in-for-client');
  await signInWith(page, EMAIL, 'not the password');
  await take('sign-in-wrong-password');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await take('sign-up');
  await page.getByLabel('E-mail').fill(`${'a'.repeat(65)}@example.com`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button').click();
  await take('sign-up-problem');
  await page.getByLabel('E-mail').fill('grace@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button').click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await take('sign-up-done');
  await signInWith(page, EMAIL);
  await allow(page).waitFor();
  await take('consent-web');
  await open(await ask('Claude Code (records)', 'http://localhost:33418/callback', 'read'));
  await take('consent-loopback');
  await page.locator('summary').click();
  await take('consent-details');
  await open(web);
  house.clock.now += 3600;
  await allow(page).click();
  await page.getByRole('heading', { name: 'expired' }).waitFor();
  await take('expired');
  await open('/oauth/authorize?client_id=3f0c9a');
  await take('unknown-client');
  await open(web.replace('claude.example.com', 'clauda.example.com'));
  await take('unregistered-redirect');
  publish('client.json', { client_name: 'Claude', redirect_uris: ['https://claude.example.com/callback'] });
  await open(documentUrl('client.json', 'https://claude.example.com/callback'));
  await allow(page).waitFor();
  await take('consent-verified');
  publish('code.json', { client_name: 'Claude Code', redirect_uris: ['http://localhost/callback'] });
  await open(documentUrl('code.json', 'http://localhost:3118/callback'));
  await allow(page).waitFor();
  await take('consent-verified-loopback');
  publish('secret.json', {
    client_name: 'Claude',
    client_secret: 'x',
    redirect_uris: ['https://x.example.com/'],
  });
  await open(documentUrl('secret.json', 'https://x.example.com/'));
  await take('document-refused');
  await open('/nothing-here');
  await take('not-found');
  await connect(house, { scope: 'read write' });
  await connect(house);
  await open('/account');
  await take('account');
  await page.getByRole('link', { name: 'Remove access: Example client, Records' }).first().click();
  await take('remove-access');
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('status').waitFor();
  await take('account-access-removed');
  await page.getByRole('link', { name: 'Change password' }).click();
  await page.locator('#current_password:focus').waitFor();
  await page.getByLabel('Present password').fill('not the password');
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button').click();
  await page.getByRole('alert').waitFor();
  await take('change-password-wrong');
  await open('/account/delete');
  await take('delete-account-refused');
  // The last, because Chromium's question whether to open the app stays on the tab and takes its clicks.
  await open(await ask('Cursor', 'cursor://anysphere.cursor-mcp/oauth/callback', 'read'));
  await take('consent-app');
  const consent = page.url();
  await allow(page).click();
  await page.getByRole('link', { name: 'Open Cursor' }).waitFor();
  await take('return-to-app');
  await open(new URL(consent).pathname + new URL(consent).search);
  await take('answered-already');

  function publish(name: string, document: Readonly<Record<string, unknown>>): void {
    const at = `claude.example.com/oauth/${name}`;
    world.pages.set(at, json({ client_id: `https://${at}`, ...document }));
  }

  function documentUrl(name: string, redirect_uri: string): string {
    const client_id = `https://claude.example.com/oauth/${name}`;
    return authorizationUrl({ client_id }, { redirect_uri }).url;
  }

  async function ask(client_name: string, redirect_uri: string, scope: string): Promise<string> {
    const client = await register(house, { client_name, redirect_uris: [redirect_uri] });
    return authorizationUrl(client, { redirect_uri, scope }).url;
  }
}
