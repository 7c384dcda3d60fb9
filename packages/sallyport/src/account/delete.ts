// The end of an account and of everything in it, once its owner has proven to be there.
import {
  accountDeletedPage,
  clearCookie,
  deleteAccountPage,
  pageResponse,
  problemPage,
  redirectResponse,
} from '@sallyport/pages';
import { isEmail, type Refusal } from '@sallyport/protocol';
import { checkOwnForm, type Fields, type Handler, sentenceOf, type Visit } from '@sallyport/sign-in';
import type { User } from '@sallyport/storage';
import { accountDoor, formAt, purposeOf, type AccountParts, type OwnVisit } from './door.ts';
import { FORM_SECONDS, RECENT_SIGN_IN_SECONDS } from './limits.ts';
import { paths } from './paths.ts';
import { signedInWithin, toSignInAgain } from './recent.ts';
import { refuse } from './refusals.ts';

export function deleteDoor(parts: AccountParts): Handler {
  const { storage, people, rules, look, log } = parts;
  return accountDoor(parts, { path: paths.delete, show, submit, refused, submitSignedOut });

  async function show(visit: OwnVisit): Promise<Response> {
    if (await storage.isLastOperator(visit.signedIn.user.id)) throw refuse('last_operator');
    if (mustSignInAgain(visit, RECENT_SIGN_IN_SECONDS)) return toSignInAgain(people, visit);
    return ask(visit);
  }

  async function submit(visit: OwnVisit, fields: Fields): Promise<Response> {
    const { arrival, browser, signedIn } = visit;
    const { user } = signedIn;
    if (mustSignInAgain(visit, FORM_SECONDS)) return toSignInAgain(people, visit);
    const confirmation = fields.get('confirmation') ?? '';
    if (user.passwordHash !== undefined)
      await people.ownAccount.checkPassword(user, confirmation, { address: arrival.address, browser });
    else checkTyped(user, confirmation);
    const outcome = await storage.removeUserUnlessNeeded(user.id);
    if (outcome === 'last_operator') throw refuse('last_operator');
    log('info', 'account_deleted', { userId: user.id, traceId: arrival.traceId });
    return deleted();
  }

  /** The second of two clicks comes after the account has gone, and with it the session. */
  async function submitSignedOut(visit: Visit, fields: Fields): Promise<Response | undefined> {
    const userId = fields.get('account') ?? '';
    checkOwnForm(rules, visit, purposeOf(paths.delete, userId), fields);
    return (await storage.findUser(userId)) === undefined ? deleted() : undefined;
  }

  function deleted(): Response {
    return redirectResponse(paths.deleted, { setCookies: [clearCookie(rules, 'session')] });
  }

  function refused(visit: OwnVisit, refusal: Refusal): Response | Promise<Response> {
    if (refusal.reason !== 'last_operator') return ask(visit, refusal);
    const { arrival, setCookies } = visit;
    const page = problemPage({
      look,
      traceId: arrival.traceId,
      title: 'Your account is still needed',
      sentence: refusal.row.sentence,
      links: [{ label: 'Back to your account', href: paths.overview }],
    });
    return pageResponse(page, { status: refusal.row.status, setCookies, traceId: arrival.traceId });
  }

  async function ask(visit: OwnVisit, refusal?: Refusal): Promise<Response> {
    const { arrival, setCookies, signedIn } = visit;
    const { user } = signedIn;
    const access = await storage.listClientAccess(user.id, arrival.now);
    const page = deleteAccountPage({
      look,
      traceId: arrival.traceId,
      ...formAt(paths.delete, parts, visit),
      fields: { account: user.id },
      person: user,
      confirmBy: confirmationOf(user),
      appCount: new Set(access.map(({ client }) => client.client_id)).size,
      ...(refusal && { problem: sentenceOf(refusal) }),
      cancelHref: paths.overview,
    });
    const status = refusal?.row.status ?? 200;
    return pageResponse(page, { status, setCookies, traceId: arrival.traceId });
  }
}

/** Who has no password proves at their provider that they are there. */
const mustSignInAgain = (visit: OwnVisit, seconds: number): boolean =>
  visit.signedIn.user.passwordHash === undefined && !signedInWithin(visit, seconds);

function confirmationOf({ email, passwordHash }: User): 'password' | 'email' | 'word' {
  if (passwordHash !== undefined) return 'password';
  return isEmail(email) ? 'email' : 'word';
}

function checkTyped(user: User, text: string): void {
  const typed = text.trim().toLowerCase();
  if (isEmail(user.email) && typed !== user.email) throw refuse('email_differs');
  if (!isEmail(user.email) && typed !== 'delete') throw refuse('word_differs');
}

/** Where the browser ends; whose session still stands is not told that it is gone. */
export function deletedPageOf({ people, look }: AccountParts): Handler {
  return async (request, arrival) => {
    if ((await people.identify(request, arrival)) !== undefined) return redirectResponse(paths.overview);
    const { traceId } = arrival;
    return pageResponse(accountDeletedPage({ look, traceId, homeHref: '/' }), { traceId });
  };
}
