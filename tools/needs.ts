// What some tests need from the machine. Where it is absent they are skipped with a message; on CI they fail, so
// that nobody mistakes "was not run" for "passes".

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The value of a test's `skip` option.
 * @param found what the machine has, or undefined
 * @param what its name and how to get it, shown in the message
 * @throws on CI (`CI=true`) when it is absent
 */
export function skipUnless(found: unknown, what: string): string | false {
  if (found !== undefined) return false;
  if (process.env['CI'] === 'true') throw new Error(`needed on CI and absent: ${what}`);
  return `absent on this machine: ${what}`;
}

/** Path of a Chromium that Playwright can drive: `CHROMIUM`, else the first on the PATH. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env['CHROMIUM'] ?? '', ...candidates].find(isExecutable);
}

/** `skip` of every test in a `*.browser.test.ts`. */
export function skipWithoutChromium(): string | false {
  return skipUnless(findChromium(), 'Chromium (install it, or name its path in CHROMIUM)');
}

function isExecutable(path: string): boolean {
  if (path === '') return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
