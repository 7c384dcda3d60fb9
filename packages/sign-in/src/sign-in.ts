// The sign-in page: who is it, and on to where they were going.
import { csrfToken, pageResponse, problemPage, redirectResponse, signInPage } from '@sallyport/pages';
import { learn, type Refusal } from '@sallyport/protocol';
import { checkOwnForm, door, type Fields, type Handler, sentenceOf, type Visit } from './door.ts';
import { pathTo } from './paths.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';

const purpose = 'sign-in';

export function signInDoor(room: Room): Handler {
  const { storage, rules, look, log, sessions, password } = room;
  return door(room, { refusedEvent: 'sign_in_failed', show, submit, refused });

  async function show(visit: Visit): Promise<Response> {
    const { request, arrival, query, returnTo, login } = visit;
    const person = await sessions.identify(request, arrival.now);
    const asksAnyway = query.has('switch') || query.has('again');
    if (person !== undefined && !asksAnyway) return redirectResponse(returnTo);
    await checkSomebodyHasAnAccount();
    const email = login?.email ?? (query.has('again') ? person?.user.email : undefined);
    return signInForm(room, visit, { email });
  }

  async function submit(visit: Visit, fields: Fields): Promise<Response> {
    const { request, arrival, browser, setCookies, returnTo } = visit;
    checkOwnForm(rules, visit, purpose, fields);
    await checkSomebodyHasAnAccount();
    const user = await password.finish({
      email: fields.get('email') ?? '',
      password: fields.get('password') ?? '',
      address: arrival.address,
      browser,
    });
    const session = await sessions.begin(request, user, arrival);
    learn(arrival, { userId: user.id });
    const { traceId, client_id } = arrival;
    log('info', 'signed_in', { userId: user.id, provider: password.id, client_id, traceId });
    return redirectResponse(returnTo, { setCookies: [...setCookies, session] });
  }

  async function refused(visit: Visit, refusal: Refusal, fields: Fields | undefined): Promise<Response> {
    const { arrival, setCookies, returnTo } = visit;
    const { status } = refusal.row;
    if (refusal.reason === 'first_account_missing') {
      const links = [{ label: 'Reload this page', href: pathTo('signIn', { returnTo }) }];
      const page = {
        look,
        traceId: arrival.traceId,
        title: 'Not set up yet',
        sentence: refusal.row.sentence,
        links,
      };
      return pageResponse(problemPage(page), { status, setCookies, traceId: arrival.traceId });
    }
    return signInForm(room, visit, {
      email: fields?.get('email'),
      problem: sentenceOf(refusal),
      status,
    });
  }

  async function checkSomebodyHasAnAccount(): Promise<void> {
    if (!(await storage.hasUsers())) throw refuse('first_account_missing');
  }
}

export interface SignInForm {
  readonly email?: string | undefined;
  readonly notice?: string | undefined;
  readonly problem?: string | undefined;
  /** 200 unless given. */
  readonly status?: number;
}

/** The form as an answer; sign-up ends with it too. */
export function signInForm({ rules, look, signUp }: Room, visit: Visit, form: SignInForm): Response {
  const { browser, setCookies, arrival, query, returnTo, login } = visit;
  const { status = 200, ...shown } = form;
  const isAgain = query.has('again');
  const switchAccount = query.has('switch') || isAgain;
  const page = signInPage({
    look,
    traceId: arrival.traceId,
    action: pathTo('signIn', { again: isAgain }),
    csrf: csrfToken(rules, browser, purpose),
    returnTo,
    forClient: login?.clientName,
    isAgain,
    ...(signUp && { signUpHref: pathTo('signUp', { returnTo, switchAccount }) }),
    ...shown,
  });
  return pageResponse(page, { status, setCookies, traceId: arrival.traceId });
}
