// The pages in a real Chromium with JavaScript switched off: the first on the PATH, or the one that CHROMIUM names.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  assetResponse,
  browserRules,
  csrfToken,
  isCrossSite,
  isCsrfToken,
  openBrowser,
  pageResponse,
  readForm,
  redirectResponse,
  returnToAppPage,
  signInPage,
} from '@sallyport/pages';
import type { BrowserRules } from '@sallyport/pages';
import type { Browser, Page } from 'playwright-core';
import { openChromium, skipWithoutChromium } from '../../../tools/chromium.ts';
import { ownLook, samples } from './samples.ts';
import { oneKey } from './one-key.ts';

const skip = skipWithoutChromium();
const look = { name: 'Gate' };
const keys = oneKey();
let rules: BrowserRules;
let ours: Server;
let stranger: Server;
let browser: Browser;
let page: Page;
/** What a POST to `/sign-in` was judged to be, in order. */
const judged: { crossSite: boolean; token: boolean; origin: string | null; cookie: boolean }[] = [];

before(async () => {
  if (skip !== false) return;
  ours = await listen('localhost', answer);
  rules = browserRules(`http://localhost:${portOf(ours)}`, keys);
  // Another port of the same host is another origin of the same site; 127.0.0.1 is another site.
  stranger = await listen(undefined, (request) => {
    const noReferrer = request.url.endsWith('/no-referrer');
    const form = `<form method="post" action="${rules.publicUrl}/sign-in" target="_top"><button>Win</button></form>`;
    const sandboxed = `<iframe sandbox="allow-forms allow-top-navigation" srcdoc='${form}'></iframe>`;
    return new Response(request.url.endsWith('/sandbox') ? sandboxed : form, {
      headers: { 'content-type': 'text/html', ...(noReferrer ? { 'referrer-policy': 'no-referrer' } : {}) },
    });
  });
  browser = await openChromium();
  page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  ours.close();
  stranger.close();
});

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const sample = samples[decodeURIComponent(pathname).slice(1)];
  const { id, setCookie } = openBrowser(request, rules);
  const setCookies = setCookie === undefined ? [] : [setCookie];
  const csrf = csrfToken(rules, id, 'sign-in');
  const form = signInPage({ look, traceId: 't', action: '/sign-in', csrf, returnTo: '/' });
  if (pathname === '/sign-in' && request.method === 'GET')
    return pageResponse(form, { traceId: 't', setCookies });
  if (pathname === '/sign-in') {
    judged.push({
      crossSite: isCrossSite(request, rules),
      token: isCsrfToken(rules, id, 'sign-in', (await readForm(request, 10_000))?.get('csrf')),
      origin: request.headers.get('origin'),
      cookie: setCookie === undefined,
    });
    return redirectResponse('/signed-out');
  }
  if (pathname === '/app') {
    const app = { client: { name: 'App' }, href: 'no-such-app://cb?code=1', scheme: 'no-such-app' };
    return pageResponse(returnToAppPage({ look, traceId: 't', ...app }), { traceId: 't' });
  }
  return (
    assetResponse(pathname, ownLook) ??
    (sample === undefined ? new Response(null, { status: 404 }) : pageResponse(sample, { traceId: 't' }))
  );
}

async function listen(
  host: string | undefined,
  handle: (request: Request) => Response | Promise<Response>,
): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const response = await handle(await requestOf(incoming));
      outgoing.writeHead(response.status, [...response.headers].flat());
      outgoing.end(await response.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return server;
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return new Request(`http://localhost${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers: incoming.headers as Record<string, string>,
    ...(parts.length > 0 && { body: Buffer.concat(parts) }),
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function press(keys: readonly string[]): Promise<void> {
  for (const one of keys) await page.keyboard.press(one);
}

/** What the focus is on, as a screen reader would say it. */
async function focused(): Promise<string> {
  return (await page.locator(':focus').ariaSnapshot()).split(/\n/)[0]?.replace(/^- |:$/g, '') ?? '';
}

async function posted(from: string): Promise<(typeof judged)[number]> {
  const count = judged.length;
  await page.goto(from);
  const scope = from.endsWith('/sandbox') ? page.frameLocator('iframe') : page;
  await scope.locator('button').click();
  await page.waitForURL(`${rules.publicUrl}/signed-out`);
  assert.equal(judged.length, count + 1);
  return judged[count]!;
}

describe('a form of ours', { skip }, () => {
  it('is accepted although Chromium says Origin: null under no-referrer', async () => {
    await page.goto(`${rules.publicUrl}/sign-in`);
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Password').fill('correct horse');
    await page.getByRole('button').click();
    await page.waitForURL(`${rules.publicUrl}/signed-out`);
    assert.deepEqual(judged.at(-1), { crossSite: false, token: true, origin: 'null', cookie: true });
  });

  it('is filled and sent by the keyboard alone', async () => {
    const count = judged.length;
    await page.goto(`${rules.publicUrl}/sign-in`);
    assert.equal(await focused(), 'textbox "E-mail"');
    await page.keyboard.type('ada@example.com');
    await press(['Tab']);
    assert.equal(await focused(), 'textbox "Password"');
    await page.keyboard.type('correct horse');
    await press(['Enter']);
    await page.waitForURL(`${rules.publicUrl}/signed-out`);
    assert.equal(judged.length, count + 1);
  });
});

describe('a form of a stranger', { skip }, () => {
  it('on another site is refused, with a referrer or without, and carries no cookie', async () => {
    for (const path of ['', '/no-referrer']) {
      const { crossSite, token, cookie } = await posted(`http://127.0.0.1:${portOf(stranger)}${path}`);
      assert.deepEqual({ crossSite, token, cookie }, { crossSite: true, token: false, cookie: false });
    }
  });

  it('on another port of this host is refused, although the cookie comes along', async () => {
    for (const path of ['', '/no-referrer']) {
      const { crossSite, token, cookie } = await posted(`http://localhost:${portOf(stranger)}${path}`);
      assert.deepEqual({ crossSite, token, cookie }, { crossSite: true, token: false, cookie: true });
    }
  });

  it('in a sandboxed frame is refused', async () => {
    const { crossSite, token, origin } = await posted(`http://127.0.0.1:${portOf(stranger)}/sandbox`);
    assert.deepEqual({ crossSite, token, origin }, { crossSite: true, token: false, origin: 'null' });
  });
});

describe('the consent page', { skip }, () => {
  it('is walked by the keyboard in the order it is read, Deny before Allow', async () => {
    await page.goto(`${rules.publicUrl}/consent-loopback`);
    const order: string[] = [];
    for (let step = 0; step < 4; step++) {
      await press(['Tab']);
      order.push(await focused());
    }
    assert.deepEqual(order.slice(0, 1), ['link "Use another account"']);
    assert.match(order[1] ?? '', /Technical details/);
    assert.deepEqual(order.slice(2), ['button "Deny"', 'button "Allow"']);
  });

  it('shows where the focus is', async () => {
    await page.goto(`${rules.publicUrl}/consent-loopback`);
    await press(['Shift+Tab']);
    const outline = await page
      .getByRole('button', { name: 'Allow' })
      .evaluate((button) => button.ownerDocument.defaultView?.getComputedStyle(button).outlineWidth);
    assert.equal(outline, '3px');
  });

  it('is said whole by a screen reader', async () => {
    await page.goto(`${rules.publicUrl}/consent-loopback`);
    const tree = await page.locator('main').ariaSnapshot();
    for (const part of [
      'heading "Allow Code Helper to use Records for you?" [level=1]',
      'text: Unverified',
      'heading "It will be able to" [level=2]',
      'listitem: see and search your items',
      'term: Your account',
      'button "Deny"',
      'button "Allow"',
    ]) {
      assert.ok(tree.includes(part), `${part} in\n${tree}`);
    }
  });
});

describe('every page', { skip }, () => {
  for (const width of [320, 1280]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`at ${width} px in ${colorScheme} never scrolls sideways, and has targets of 44 px`, async () => {
        const context = await browser.newContext({
          javaScriptEnabled: false,
          colorScheme,
          viewport: { width, height: 640 },
        });
        const tab = await context.newPage();
        const complaints: string[] = [];
        tab.on('console', (message) => {
          if (!message.text().includes('a user gesture is required')) complaints.push(message.text());
        });
        for (const name of Object.keys(samples)) {
          await tab.goto(`${rules.publicUrl}/${name}`);
          assert.ok((await tab.locator('html').evaluate((root) => root.scrollWidth)) <= width, name);
          for (const target of await tab
            // A box or a circle is ticked by its whole line.
            .locator(
              'main :is(button, summary, input:not([type=hidden], [type=checkbox], [type=radio]), label:has(input), .button)',
            )
            .all()) {
            assert.ok(
              ((await target.boundingBox())?.height ?? 0) >= 44,
              `${name}: ${await target.textContent()}`,
            );
          }
        }
        assert.deepEqual(complaints, []);
        await context.close();
      });
    }
  }

  it('asks only this origin', async () => {
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    for (const name of Object.keys(samples).filter((name) => name !== 'return-to-app')) {
      await page.goto(`${rules.publicUrl}/${name}`);
    }
    page.removeAllListeners('request');
    assert.deepEqual([...asked], [rules.publicUrl]);
  });
});

describe('the page that returns to an app', { skip }, () => {
  it('opens the app without a script, and stays to be read', async () => {
    const tab = await browser.newPage({ javaScriptEnabled: false });
    const opening = tab.waitForEvent('requestfailed', (request) => request.url().startsWith('no-such-app:'));
    await tab.goto(`${rules.publicUrl}/app`);
    assert.equal((await opening).url(), 'no-such-app://cb?code=1');
    assert.equal(await tab.getByRole('heading').textContent(), 'Going back to App');
    assert.equal(await tab.getByRole('link').getAttribute('href'), 'no-such-app://cb?code=1');
    await tab.close();
  });
});
