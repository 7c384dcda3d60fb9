// The end of a session: by POST only, since a picture on a stranger's page can make any browser send a GET.
import { csrfToken, pageResponse, problemPage, redirectResponse, signedOutPage } from '@sallyport/pages';
import type { Refusal } from '@sallyport/protocol';
import { checkOwnForm, door, type Fields, type Handler, type Visit } from './door.ts';
import { pathTo } from './paths.ts';
import type { Room } from './room.ts';

const purpose = 'sign-out';

export function signOutDoor(room: Room): Handler {
  const { rules, look, log, sessions } = room;
  return door(room, { refusedEvent: 'sign_out_refused', show, submit, refused });

  async function show({ request, arrival, setCookies }: Visit): Promise<Response> {
    const person = await sessions.identify(request, arrival.now);
    // The form is on the front page.
    if (person !== undefined) return redirectResponse('/', { setCookies });
    const page = signedOutPage({ look, traceId: arrival.traceId, signInHref: pathTo('signIn') });
    return pageResponse(page, { setCookies, traceId: arrival.traceId });
  }

  async function submit(visit: Visit, fields: Fields): Promise<Response> {
    const { request, arrival } = visit;
    checkOwnForm(rules, visit, purpose, fields);
    const signedIn = await sessions.identify(request, arrival.now);
    const cleared = await sessions.end(request);
    log('info', 'signed_out', { userId: signedIn?.user.id, traceId: arrival.traceId });
    return redirectResponse(pathTo('signOut'), { setCookies: [cleared] });
  }

  function refused({ arrival, setCookies }: Visit, refusal: Refusal): Response {
    const page = problemPage({
      look,
      traceId: arrival.traceId,
      title: 'You are still signed in',
      sentence: refusal.row.sentence,
      links: [{ label: 'To the front page, where you can sign out', href: '/' }],
    });
    return pageResponse(page, { status: refusal.row.status, setCookies, traceId: arrival.traceId });
  }
}

/** What the front page needs for its sign-out button. */
export function signOutFormOf(
  { rules }: Pick<Room, 'rules'>,
  browserId: string,
): { action: string; csrf: string } {
  return { action: pathTo('signOut'), csrf: csrfToken(rules, browserId, purpose) };
}
