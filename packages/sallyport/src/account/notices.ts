// What was just done, said on the page that the browser is sent to afterwards. It travels in the URL, sealed for this
// browser: a link from elsewhere must not tell people that something happened.
import { csrfToken, isCsrfToken, redirectResponse, type BrowserRules } from '@sallyport/pages';
import type { Visit } from '@sallyport/sign-in';
import { paths } from './paths.ts';

const sentences = {
  access_removed: (app: string, server: string) => `${app} can no longer use ${server} for you.`,
  all_access_removed: () => 'No app may act for you any more.',
  token_revoked: (name: string) => `“${name}” no longer works.`,
  session_ended: () => 'That browser is signed out.',
  other_sessions_ended: () => 'Every other browser is signed out.',
  way_unlinked: (provider: string) => `${provider} no longer signs in to this account.`,
  password_set: () => 'You can sign in with your e-mail address and this password from now on.',
  password_changed: () => 'Your password is changed, and every other browser is signed out.',
  password_changed_before: () =>
    'Your password had been changed already when that form came. Nothing more was done.',
} as const;

type Done = keyof typeof sentences;

/** The way on after a form did its work. @param names what the sentence is about, as it is shown */
export function backWith(
  done: Done,
  rules: BrowserRules,
  { browser, setCookies }: Visit,
  ...names: readonly string[]
): Response {
  const query = new URLSearchParams({ done });
  for (const name of names) query.append('about', name);
  query.set('seal', csrfToken(rules, browser, purposeOf(query)));
  return redirectResponse(`${paths.overview}?${query.toString()}`, { setCookies });
}

/** @returns the sentence that this browser was sent here with */
export function noticeOf(rules: BrowserRules, { browser, query }: Visit): string | undefined {
  const said = new URLSearchParams(query);
  said.delete('seal');
  if (!isCsrfToken(rules, browser, purposeOf(said), query.get('seal'))) return undefined;
  const [app = '', server = ''] = said.getAll('about');
  return sentences[said.get('done') as Done](app, server);
}

const purposeOf = (query: URLSearchParams): string => `${paths.overview}?${query.toString()}`;
