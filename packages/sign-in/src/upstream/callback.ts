// The door of a provider's callback. Only a GET goes through it and spends the state; which login goes on is known from
// the state alone, also on the page that says why it did not.
import { pageResponse, problemPage, redirectResponse } from '@sallyport/pages';
import { isRefusal, learn, type Refusal } from '@sallyport/protocol';
import { goingTo, logRefusal, openVisit, type Handler, type Visit } from '../door.ts';
import { limits } from '../limits.ts';
import type { Identity, UpstreamProvider } from '../providers/provider.ts';
import type { Room } from '../room.ts';
import { linkAnswer, signInAnswer } from '../ways.ts';
import type { KeptIntent } from './intent.ts';
import { takeState, type CameBack } from './state.ts';

/** A browser that is at a callback. */
export interface Coming extends Visit {
  /** As it came; good for something only when `back` was taken. */
  readonly state: string;
  readonly back: CameBack | undefined;
  /** Tells who the provider says that it is, as soon as that is known. */
  readonly met: (identity: Identity) => void;
}

export function callbackDoor(
  room: Room,
  provider: UpstreamProvider,
  comeBack: (coming: Coming) => Promise<Response>,
): Handler {
  const { storage, sessions, look } = room;
  return async (request, arrival) => {
    // Looking is not coming back: link checkers look (RFC 9110 §9.2.1).
    if (request.method === 'HEAD') return new Response(null, { headers: { 'Cache-Control': 'no-store' } });
    if (request.method !== 'GET')
      return new Response(null, {
        status: 405,
        headers: { Allow: 'GET, HEAD', 'Cache-Control': 'no-store' },
      });
    const opened = await openVisit(request, arrival, room);
    // What a link says of where to go is nothing here.
    let visit: Visit = { ...opened, query: new URLSearchParams(), returnTo: '/', login: undefined };
    let isSetup = false;
    let isLink = false;
    let identity: Identity | undefined;
    const met = (one: Identity): void => {
      identity = one;
    };
    try {
      const state = stateOf(opened.query);
      const { id } = provider;
      const back = await takeState(state, { provider: id, browser: visit.browser, now: arrival.now }, room);
      if (back !== undefined) {
        isSetup = back.intent.isSetup === true;
        isLink = back.intent.linkTo !== undefined;
        learn(arrival, { traceId: back.signIn.traceId });
        const query = queryOf(back.intent);
        visit = await goingTo(back.intent.returnTo, { ...visit, query }, room);
        if (back.outcome === 'spent' && (await hasSignedInSince(back, visit)))
          return redirectResponse(back.intent.returnTo, { setCookies: visit.setCookies });
      }
      return await comeBack({ ...visit, state: state ?? '', back, met });
    } catch (failure) {
      if (!isRefusal(failure)) throw failure;
      logRefusal(room, 'sign_in_failed', visit, failure, { provider: provider.id });
      if (isSetup && !(await storage.hasUsers())) return setUpFailed(visit, failure);
      if (isLink) return linkAnswer(room, visit, failure);
      return signInAnswer(room, visit, { refusal: failure, tried: provider, identity });
    }
  };

  /** Its proof was not kept: whoever has the link has it still. */
  function setUpFailed({ arrival: { traceId }, setCookies }: Visit, { row }: Refusal): Response {
    const page = problemPage({
      look,
      traceId,
      title: 'No account was made',
      sentence: row.sentence,
      nextStep: 'Open the link that Sallyport printed when it started once more.',
    });
    return pageResponse(page, { status: row.status, setCookies, traceId });
  }

  /** The page was loaded twice, and the first time it went well in this browser. */
  async function hasSignedInSince(
    { signIn, intent }: CameBack,
    { request, arrival }: Visit,
  ): Promise<boolean> {
    const person = await sessions.identify(request, arrival.now);
    // What was linked stays so, and whoever linked it signed in before.
    if (intent.linkTo !== undefined) return person?.user.id === intent.linkTo;
    const spentAt = signIn.spentAt ?? arrival.now;
    return person !== undefined && person.session.createdAt >= spentAt - limits.clocksApartSeconds;
  }
}

/** As on the page that the person left from, so that the next try asks for no less. */
function queryOf({ isFresh, againAs }: KeptIntent): URLSearchParams {
  if (againAs !== undefined) return new URLSearchParams('again=1');
  return new URLSearchParams(isFresh === true ? 'fresh=1' : '');
}

/** One that came twice has two meanings; the rest is judged once it is known whose answer it is. */
function stateOf(query: URLSearchParams): string | null {
  const [state = null, ...others] = query.getAll('state');
  return others.length === 0 ? state : null;
}
