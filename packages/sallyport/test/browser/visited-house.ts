// A house of a test's own, and somebody before its pages; both go when the test ends.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { PASSWORD } from '../house/client.ts';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { openVisitor, type Visitor } from './chromium.ts';

export interface VisitedHouse extends AsyncDisposable {
  readonly house: ListeningHouse;
  readonly visitor: Visitor;
  readonly page: Page;
}

/**
 * @param emails of those who have an account, with the password that all have
 * @param arrive what the visitor does first
 */
export async function openVisitedHouse(
  browser: Browser,
  emails: readonly string[],
  options: BrowserContextOptions,
  arrive: (page: Page, house: ListeningHouse) => Promise<void>,
): Promise<VisitedHouse> {
  await using opening = new AsyncDisposableStack();
  const house = await openListeningHouse();
  opening.defer(() => house.close());
  for (const email of emails) await house.addPerson(email, PASSWORD);
  const visitor = opening.use(await openVisitor(browser, house.origin, options));
  const { page } = visitor;
  await arrive(page, house);
  const opened = opening.move();
  return { house, visitor, page, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
