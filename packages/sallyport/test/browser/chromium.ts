// Tabs of a real Chromium, watched: what a page complains about, and whom it asks.
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { EMAIL, PASSWORD } from '../house/client.ts';

export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors, warnings and policy violations that pages of the house put on the console. */
  readonly complaints: readonly string[];
  /** Origins that pages of the house asked for anything, other than by sending the browser there. */
  readonly asked: ReadonlySet<string>;
  close(): Promise<void>;
}

/** Far more than any page here takes, also on a machine that does ten other things. */
const waitMilliseconds = 90_000;

/** A browser of its own: no cookies yet. @param origin the house's */
export async function openVisitor(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(waitMilliseconds);
  const complaints: string[] = [];
  const asked = new Set<string>();
  context.on('console', (message) => {
    const { url } = message.location();
    const from = message.page()?.url() ?? url;
    // Chromium says so of every page with an error status, which some of ours have on purpose.
    if (url === from && message.text().startsWith('Failed to load resource: the server responded with'))
      return;
    // And so of every page in which the visitor was quicker with a field than the page itself.
    if (message.text().startsWith('Autofocus processing was blocked because a document already has')) return;
    if (url.startsWith(origin) || from.startsWith(origin)) complaints.push(`${from}: ${message.text()}`);
  });
  context.on('request', (request) => {
    if (request.isNavigationRequest() || !request.frame().url().startsWith(origin)) return;
    asked.add(new URL(request.url()).origin);
  });
  const close = (): Promise<void> => context.close();
  return { page: await context.newPage(), context, complaints, asked, close, [Symbol.asyncDispose]: close };
}

/** Fills the sign-in page and sends it. */
export async function signInWith(page: Page, email = EMAIL, password = PASSWORD): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export const allow = (page: Page): Locator => page.getByRole('button', { name: 'Allow' });
export const deny = (page: Page): Locator => page.getByRole('button', { name: 'Deny' });

/** The page's words, as they are read. */
export async function wordsOf(page: Page): Promise<string> {
  return (await page.locator('main').innerText()).replace(/\s+/g, ' ');
}

/** What has the focus, as a screen reader says it: role and name. */
export async function focusOf(page: Page): Promise<string> {
  const snapshot = await page.locator(':focus').ariaSnapshot();
  return snapshot.split('\n')[0]!.replace(/^- |:$/g, '');
}
