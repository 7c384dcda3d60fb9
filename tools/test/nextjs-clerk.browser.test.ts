// The widget of examples/nextjs-clerk in a Chromium, with a host around it as ChatGPT is one.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { widgetHtml } from '../../examples/nextjs-clerk/lib/widget.ts';
import { openChromium, skipWithoutChromium } from '../chromium.ts';

const output = { name: 'Ada', userId: 'user_2ada', timestamp: '2026-11-21T18:40:00.000Z' };

describe('the widget of examples/nextjs-clerk', { skip: skipWithoutChromium() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openChromium();
  });
  after(() => browser?.close());

  /** @param globals what the host has set before the page runs */
  async function open(globals: object, frame: { width?: number; colorScheme?: 'light' | 'dark' } = {}) {
    const { width = 640, colorScheme = 'light' } = frame;
    const context = await browser.newContext({ viewport: { width, height: 300 }, colorScheme });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => {
      if (request.url() !== 'http://widget.example/') faults.push(request.url());
    });
    await page.addInitScript(`window.openai = ${JSON.stringify(globals)}`);
    await page.route('http://widget.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: widgetHtml }),
    );
    await page.goto('http://widget.example/');
    return { page, faults };
  }
  const background = (page: Page) => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');

  it('shows for whom, as whom and when, and asks nobody for anything', async () => {
    const { page, faults } = await open({ locale: 'en-GB', toolOutput: output });
    assert.equal(await page.getByRole('heading').textContent(), 'Hello, Ada');
    assert.equal(await page.getByText('user_2ada').count(), 1);
    assert.match((await page.locator('time').textContent()) ?? '', /21 Nov 2026/);
    assert.deepEqual(faults, []);
  });

  it('shows what it is given as text', async () => {
    const name = '<img src="http://evil.example/x"><b>Ada</b>';
    const { page, faults } = await open({ toolOutput: { ...output, name } });
    assert.equal(await page.getByRole('heading').textContent(), `Hello, ${name}`);
    assert.deepEqual(faults, []);
  });

  it('waits for the answer, and shows it when it comes', async () => {
    const { page } = await open({ toolOutput: null });
    assert.ok(await page.getByText('Nothing to show yet.').isVisible());
    await page.evaluate(`window.openai = { toolOutput: ${JSON.stringify(output)} };
      window.dispatchEvent(new Event('openai:set_globals'))`);
    assert.ok(await page.getByRole('heading', { name: 'Hello, Ada' }).isVisible());
    assert.ok(await page.getByText('Nothing to show yet.').isHidden());
  });

  it('is as light or dark as its host, else as the person prefers', async () => {
    const seen = new Map<string, string>();
    for (const theme of ['light', 'dark', undefined] as const)
      for (const colorScheme of ['light', 'dark'] as const)
        seen.set(
          `${theme} in ${colorScheme}`,
          await background((await open({ theme, toolOutput: output }, { colorScheme })).page),
        );
    const [light, dark] = ['rgb(255, 255, 255)', 'rgb(33, 33, 38)'];
    assert.deepEqual(Object.fromEntries(seen), {
      'light in light': light,
      'light in dark': light,
      'dark in light': dark,
      'dark in dark': dark,
      'undefined in light': light,
      'undefined in dark': dark,
    });
  });

  it('fits a narrow frame, whatever the name', async () => {
    const name = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen';
    const { page } = await open({ toolOutput: { ...output, name } }, { width: 280 });
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 280);
  });
});
