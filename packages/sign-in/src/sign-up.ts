// The sign-up page. Whoever has the setup link makes the first account; later ones are made here when sign-up is open.
// Its answer is the same for an e-mail that is free and for one that is taken (docs/decisions/sign-up-without-mail.md).
import { csrfToken, pageResponse, problemPage, redirectResponse, signUpPage } from '@sallyport/pages';
import { addressPrefix, type Refusal, widePrefix } from '@sallyport/protocol';
import { type NewAccount, prepareUser } from './accounts.ts';
import { checkOwnForm, door, type Fields, type Handler, sentenceOf, type Visit } from './door.ts';
import { tooMany } from './guesses.ts';
import { limits } from './limits.ts';
import { pathTo } from './paths.ts';
import { hashing } from './passwords.ts';
import { accountMark } from './providers/password.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { checkMayMakeFirst } from './setup.ts';
import { busy } from './turnstile.ts';
import { buttonOf, signInAnswer } from './ways.ts';

const purpose = 'sign-up';
const madeIfFree =
  'If that e-mail was new here, your account is ready: sign in with the password that you chose. ' +
  'If it had an account already, nothing has changed, and its old password counts.';

export function signUpDoor(room: Room): Handler {
  const { storage, rules, look, derivation, log, sessions, password } = room;
  const signUps = storage.openCounter({ name: 'sign-up', wider: widePrefix, ...limits.signUpsPerAddress });
  return door(room, { refusedEvent: 'sign_up_refused', show, submit, refused });

  async function show(visit: Visit): Promise<Response> {
    const { request, arrival, query, returnTo } = visit;
    const setup = query.get('setup') ?? undefined;
    const person = await sessions.identify(request, arrival.now);
    if (person !== undefined && setup === undefined && !query.has('switch'))
      return redirectResponse(returnTo);
    await checkMay(setup);
    return signUpForm(visit, { setup });
  }

  async function submit(visit: Visit, fields: Fields): Promise<Response> {
    const setup = fields.get('setup');
    await checkMay(setup);
    if (!room.hasPasswords) throw refuse('passwords_unused');
    checkOwnForm(rules, visit, purpose, fields);
    return setup === undefined ? makeMember(visit, fields) : makeOperator(visit, fields);
  }

  /** Who may make an account now: only the holder of the setup link, until there is one. */
  async function checkMay(setup: string | undefined): Promise<void> {
    await checkMayMakeFirst(room, setup);
    if (setup === undefined && !room.signUp) throw refuse('sign_up_closed');
  }

  async function makeOperator(visit: Visit, fields: Fields): Promise<Response> {
    const { request, arrival, setCookies, returnTo, login } = visit;
    const user = await prepareUser(accountOf(fields, 'operator'), arrival.now);
    if ((await storage.addFirstUser(user)) === 'not_first') throw refuse('setup_link_spent');
    log('info', 'signed_up', {
      userId: user.id,
      role: user.role,
      client_id: login?.client_id,
      traceId: arrival.traceId,
    });
    const session = await sessions.begin(request, user, arrival, { provider: password.id });
    return redirectResponse(returnTo, { setCookies: [...setCookies, session] });
  }

  async function makeMember(visit: Visit, fields: Fields): Promise<Response> {
    const { arrival, login } = visit;
    // Before anything is counted, as in the password provider.
    if (hashing.isFull()) throw busy();
    const excess = await signUps.count(addressPrefix(arrival.address));
    if (excess) throw tooMany('sign_up', excess);
    const earliestAnswer = new Promise((resolve) => setTimeout(resolve, limits.signUpAnswerMilliseconds));
    const user = await prepareUser(accountOf(fields, 'member'), arrival.now);
    const outcome = await storage.addUser(user);
    if (outcome === 'added')
      log('info', 'signed_up', {
        userId: user.id,
        role: user.role,
        client_id: login?.client_id,
        traceId: arrival.traceId,
      });
    else {
      const facts = { reason: 'email_taken', account: accountMark(derivation, user.email) };
      log('info', 'sign_up_refused', { ...facts, address: arrival.address, traceId: arrival.traceId });
    }
    await earliestAnswer;
    return signInAnswer(room, visit, { email: user.email, notice: madeIfFree });
  }

  function refused(visit: Visit, refusal: Refusal, fields: Fields | undefined): Response {
    const { arrival, setCookies, returnTo } = visit;
    const problemField = fieldOf(refusal.reason);
    if (fields !== undefined && !withoutForm.has(refusal.reason)) {
      const problem = sentenceOf(refusal);
      return signUpForm(
        visit,
        { setup: fields.get('setup'), fields, problem, problemField },
        refusal.row.status,
      );
    }
    const page = problemPage({
      look,
      traceId: arrival.traceId,
      title: refusal.reason === 'first_account_missing' ? 'Not set up yet' : 'No account was made',
      sentence: refusal.row.sentence,
      links: linksAfter(refusal.reason, returnTo),
    });
    return pageResponse(page, { status: refusal.row.status, setCookies, traceId: arrival.traceId });
  }

  function signUpForm(visit: Visit, form: SignUpForm, status = 200): Response {
    const { arrival, browser, setCookies, query, returnTo } = visit;
    const { fields, setup, ...problem } = form;
    const switchAccount = query.has('switch');
    const page = signUpPage({
      look,
      traceId: arrival.traceId,
      action: pathTo('signUp'),
      csrf: csrfToken(rules, browser, purpose),
      returnTo,
      first: setup !== undefined,
      hasPassword: room.hasPasswords,
      ...(setup !== undefined && {
        providers: room.upstream.map(({ provider }) => buttonOf(room, visit, provider, { setup })),
      }),
      setup,
      email: fields?.get('email'),
      name: fields?.get('name'),
      ...(setup === undefined && { signInHref: pathTo('signIn', { returnTo, switchAccount }) }),
      ...problem,
    });
    return pageResponse(page, { status, setCookies, traceId: arrival.traceId });
  }
}

interface SignUpForm {
  readonly setup: string | undefined;
  readonly fields?: Fields;
  readonly problem?: string;
  readonly problemField?: 'email' | 'password' | undefined;
}

/** Refusals that filling in the form once more would not change. */
const withoutForm: ReadonlySet<string> = new Set([
  'sign_up_closed',
  'first_account_missing',
  'setup_link_wrong',
  'setup_link_spent',
]);

function fieldOf(reason: string): 'email' | 'password' | undefined {
  if (reason === 'email_invalid') return 'email';
  return reason.startsWith('password_') ? 'password' : undefined;
}

function accountOf(fields: Fields, role: NewAccount['role']): NewAccount {
  return {
    email: fields.get('email') ?? '',
    password: fields.get('password') ?? '',
    name: fields.get('name'),
    role,
  };
}

/** Until somebody has an account, nobody can sign in. */
function linksAfter(reason: string, returnTo: string) {
  if (reason === 'setup_link_wrong') return [];
  if (reason === 'first_account_missing')
    return [{ label: 'Reload this page', href: pathTo('signUp', { returnTo }) }];
  return [{ label: 'Sign in', href: pathTo('signIn', { returnTo }) }];
}
