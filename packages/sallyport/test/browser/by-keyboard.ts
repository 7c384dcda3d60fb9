// A person who uses no mouse.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { focusOf } from './chromium.ts';

/** Presses Tab until the element has the focus: its role and name as a screen reader says them, or their beginning. */
export async function tabTo(page: Page, element: string): Promise<void> {
  for (let steps = 0; steps < 40; steps += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator(':focus').count()) === 0) continue;
    // Names with a colon come in quotes.
    if ((await focusOf(page)).replace(/^'/, '').startsWith(element)) return;
  }
  assert.fail(`Tab does not reach ${element} on ${page.url()}`);
}

/** @param heading of the page that this leads to */
export async function press(page: Page, element: string, heading: string | RegExp): Promise<void> {
  await tabTo(page, element);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: heading, exact: true }).waitFor();
}
