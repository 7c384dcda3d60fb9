// The first account, made as its operator would make it: by the link that the server prints on its terminal.

import { randomToken } from '@sallyport/crypto';
import { openBrowser } from '../browser.ts';
import type { Step } from '../play.ts';

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** @param setupUrl the link of the operator's terminal */
export const makeFirstAccount: Step<string, Account> = {
  headline: 'The operator makes the first account',
  means: 'The server prints this link when it starts; only who reads its terminal has it. It works once.',
  async play(scene, setupUrl) {
    const { origin } = new URL(setupUrl);
    const account = { email: 'operator@example.com', password: randomToken(12) };
    const browser = openBrowser(origin);
    const form = await browser.open(scene, setupUrl);
    if (form.kind === 'left') throw leftTooEarly(form.location);
    const made = await browser.submit(scene, form.page, { name: 'Operator', ...account });
    if (made.kind === 'left') throw leftTooEarly(made.location);
    const isThere = made.page.text.includes(account.email);
    scene.holds(
      'the browser is signed in to the new account',
      isThere,
      `a page for ${account.email}`,
      made.page.text,
    );
    return account;

    function leftTooEarly({ href }: URL) {
      return scene.failure('the browser stays at the server', origin, href);
    }
  },
};
