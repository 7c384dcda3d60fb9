// The front page: what this is and how to connect to it.
import { homePage, openBrowser, pageResponse } from '@sallyport/pages';
import type { Arrival } from '@sallyport/protocol';
import { paths } from '../account/paths.ts';
import type { Rooms } from './index.ts';

export async function home(
  { look, rules, signUp, people, servers, storage, foreignIssuer }: Rooms,
  request: Request,
  arrival: Arrival,
) {
  const { traceId } = arrival;
  const shown = servers.map(({ guard }) => ({ title: guard.resource.title, url: guard.resource.resource }));
  if (foreignIssuer !== undefined)
    return pageResponse(homePage({ look, servers: shown, signInAt: foreignIssuer, traceId }), { traceId });
  const person = await people.identify(request, arrival);
  const browser = openBrowser(request, rules);
  const page = homePage({
    look,
    servers: shown,
    signInHref: people.signInPath('/'),
    ...(person === undefined
      ? { firstAccountMissing: !(await storage.hasUsers()), ...(signUp && { signUpHref: '/sign-up' }) }
      : { person, accountHref: paths.overview, signOut: people.signOutForm(browser.id) }),
    traceId,
  });
  return pageResponse(page, {
    setCookies: browser.setCookie === undefined ? [] : [browser.setCookie],
    traceId,
  });
}
