// The https web as this Chromium sees it: hosts under example.com and example.org that answer what a test says.
// Answered below the browser's own checks, redirects included, so what a policy forbids is forbidden here too.
import type { Page } from 'playwright-core';
import type { Answer } from './client-site.ts';

/** @returns the URLs that were asked for, in order */
export async function serveWeb(page: Page, answers: (url: URL) => Answer): Promise<readonly URL[]> {
  const asked: URL[] = [];
  const session = await page.context().newCDPSession(page);
  session.on('Fetch.requestPaused', ({ requestId, request }) => {
    const url = new URL(request.url);
    asked.push(url);
    const answer = answers(url);
    const fulfilled =
      'location' in answer
        ? { responseCode: 302, responseHeaders: [{ name: 'location', value: answer.location }] }
        : {
            responseCode: 200,
            responseHeaders: [{ name: 'content-type', value: 'text/html' }],
            body: Buffer.from(`<!doctype html><link rel="icon" href="data:,">${answer.html}`).toString(
              'base64',
            ),
          };
    // A tab that has gone meanwhile needs no answer.
    void session.send('Fetch.fulfillRequest', { requestId, ...fulfilled }).catch(() => undefined);
  });
  await session.send('Fetch.enable', {
    patterns: ['https://*.example.com/*', 'https://*.example.org/*'].map((urlPattern) => ({ urlPattern })),
  });
  return asked;
}
