// Takes a picture of every page, light and dark, on a phone and on a desktop, into screenshots/.
// Needs Chromium: the first on the PATH, or the one that CHROMIUM names.
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assetResponse, pageResponse } from '@sallyport/pages';
import { ownLook, samples } from '../packages/pages/test/samples.ts';
import { openChromium } from './chromium.ts';

const WIDTHS = [320, 360, 1280];
const SCHEMES = ['light', 'dark'] as const;
const folder = new URL('../screenshots/', import.meta.url).pathname;

const only = process.argv[2] ?? '';
const server = createServer((request, response) => {
  const page = samples[decodeURIComponent(request.url ?? '').slice(1)];
  const answer =
    assetResponse(request.url ?? '', ownLook) ??
    (page === undefined ? new Response(null, { status: 404 }) : pageResponse(page, { traceId: 'picture' }));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  void answer.text().then((text) => response.end(text));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const browser = await openChromium();
const faults: string[] = [];
await mkdir(folder, { recursive: true });
for (const colorScheme of SCHEMES) {
  for (const width of WIDTHS) {
    const context = await browser.newContext({
      colorScheme,
      javaScriptEnabled: false,
      viewport: { width, height: 720 },
    });
    const page = await context.newPage();
    page.on('console', (message) => {
      // Nobody has clicked here, so Chromium does not open the app that a page wants to return to.
      if (!message.text().includes('a user gesture is required'))
        faults.push(`${page.url()}: ${message.text()}`);
    });
    page.on('requestfailed', (request) => {
      if (request.url().startsWith(origin)) faults.push(`${page.url()}: ${request.url()} failed`);
    });
    for (const name of Object.keys(samples).filter((name) => name.startsWith(only))) {
      await page.goto(`${origin}/${name}`);
      const content = await page.locator('html').evaluate((root) => root.scrollWidth);
      if (content > width) faults.push(`${name} at ${width}: scrolls sideways (${content})`);
      await page.screenshot({ path: `${folder}${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
    await context.close();
  }
}
await browser.close();
server.close();
for (const fault of faults) console.error(fault);
console.log(`${Object.keys(samples).length} pages in ${folder}`);
process.exitCode = faults.length > 0 ? 1 : 0;
