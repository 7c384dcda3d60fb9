// The browser of the tests and the screenshots: a Chromium that the machine has.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { skipUnless } from './needs.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The path in `CHROMIUM`, else the first Chromium on the PATH. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

/** The `skip` of every test in a `*.browser.test.ts`. */
export function skipWithoutChromium(): string | false {
  return skipUnless(findChromium(), 'Chromium (install it, or name its path in CHROMIUM)');
}

/** @throws when there is none, or it does not start */
export function openChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error('There is no Chromium; install it, or name it in CHROMIUM.');
  return chromium.launch({
    executablePath,
    // Containers let nobody make a sandbox; nothing but our own pages is opened.
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
    ],
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
