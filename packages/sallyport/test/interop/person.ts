// A person whom some client sends to its authorization URL: signs in when asked, reads who asks for what, and allows.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { leftTo, openBrowserAt, pageOf, type Browser } from '../house/browser.ts';
import { EMAIL, PASSWORD, signInAt } from '../house/client.ts';
import type { ListeningHouse } from '../house/listening-house.ts';

export { EMAIL };

export interface Person {
  readonly browser: Browser;
  /**
   * @param url where the client sent the browser
   * @param expected what the consent page must say
   * @returns where the answer goes
   */
  allow(url: URL, ...expected: readonly RegExp[]): Promise<URL>;
  /** Allows, and lets the browser go where the answer goes, as a program that listens there expects. */
  allowAndReturn(url: URL, ...expected: readonly RegExp[]): Promise<void>;
}

/** @returns a person who has an account and is not signed in yet */
export async function personAt(house: ListeningHouse): Promise<Person> {
  await house.addPerson(EMAIL, PASSWORD);
  const browser = openBrowserAt(house);
  return { browser, allow, allowAndReturn };

  async function allow(url: URL, ...expected: readonly RegExp[]): Promise<URL> {
    assert.equal(url.origin, house.origin);
    const page = pageOf(await signInAt(browser, await browser.open(url.href)));
    for (const words of expected) assert.match(page.html, words);
    return leftTo(await browser.submit(page, { decision: 'allow' }));
  }

  async function allowAndReturn(url: URL, ...expected: readonly RegExp[]): Promise<void> {
    const answer = await reach(await allow(url, ...expected));
    assert.ok(answer.ok, `the client's listener answered ${answer.status}`);
    await answer.body?.cancel();
  }
}

const reachSeconds = 60;

/** People are slower than programs: some open the browser first and their listener afterwards. */
async function reach(url: URL): Promise<Response> {
  const signal = AbortSignal.timeout(reachSeconds * 1000);
  for (;;) {
    try {
      return await fetch(url, { signal });
    } catch (error) {
      if (signal.aborted) throw error;
      await setTimeout(20, undefined, { signal });
    }
  }
}
