// Which account: asked when the client wants that, or expects another one than the browser is signed in with. The answer
// travels in the URL, sealed for this browser, this pause and this person; nothing else could be told to go on.
import { chooseAccountPage, csrfToken, isCsrfToken, pageResponse, type BrowserRules } from '@sallyport/pages';
import type { Person } from '@sallyport/protocol';
import { shownAs } from '../clients.ts';
import type { AuthorizationServerOptions } from '../options.ts';
import { resumePath } from './pause.ts';
import type { Resumed, Step } from './steps.ts';

const CHOSEN = 'chosen';

/** What the form token of this page is bound to, besides the browser. */
export const choicePurpose = ({ id }: Resumed, person: Person): string => `choice:${id}:${person.id}`;

const chosenPurpose = ({ id }: Resumed, person: Person): string => `chosen:${id}:${person.id}`;

/** Path at which the authorization goes on as this person. */
export function chosenPath(resumed: Resumed, person: Person, browserId: string, rules: BrowserRules): string {
  const seal = csrfToken(rules, browserId, chosenPurpose(resumed, person));
  return `${resumePath(resumed.id)}&${new URLSearchParams({ [CHOSEN]: seal }).toString()}`;
}

export function hasChosen(
  url: URL,
  resumed: Resumed,
  person: Person,
  browserId: string,
  rules: BrowserRules,
): boolean {
  return isCsrfToken(rules, browserId, chosenPurpose(resumed, person), url.searchParams.get(CHOSEN));
}

export function askAccount(
  { resumed, person, browser, action }: Step,
  { rules, look, signInPath }: AuthorizationServerOptions,
  notice?: string,
): Response {
  const { client, loginHint, traceId } = resumed.checked;
  const page = chooseAccountPage({
    look,
    action,
    csrf: csrfToken(rules, browser.id, choicePurpose(resumed, person)),
    client: shownAs(client),
    person,
    ...(loginHint !== undefined && loginHint !== person.email && { expected: loginHint }),
    otherAccountHref: signInPath(resumePath(resumed.id), { switchAccount: true }),
    ...(notice !== undefined && { notice }),
    traceId,
  });
  const setCookies = browser.setCookie === undefined ? [] : [browser.setCookie];
  return pageResponse(page, { status: notice === undefined ? 200 : 403, setCookies, traceId });
}
