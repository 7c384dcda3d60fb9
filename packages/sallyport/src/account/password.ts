// A new password, or the first one of an account that has none.
import { changePasswordPage, csrfToken, isCsrfToken, pageResponse, redirectResponse } from '@sallyport/pages';
import { isEmail, type Refusal } from '@sallyport/protocol';
import { type Fields, type Handler, sentenceOf } from '@sallyport/sign-in';
import { accountDoor, formAt, type AccountParts, type OwnVisit } from './door.ts';
import { FORM_SECONDS, RECENT_SIGN_IN_SECONDS } from './limits.ts';
import { backWith } from './notices.ts';
import { paths } from './paths.ts';
import { signedInWithin, toSignInAgain } from './recent.ts';

export function passwordDoor(parts: AccountParts): Handler {
  const { people, rules, look, log } = parts;
  const hasPasswords = people.ways.some(({ id }) => id === 'password');
  return accountDoor(parts, {
    path: paths.password,
    show(visit) {
      if (!mayHaveOne(visit)) return toOverview(visit);
      if (isFirst(visit) && !signedInWithin(visit, RECENT_SIGN_IN_SECONDS))
        return toSignInAgain(people, visit);
      return ask(visit);
    },
    async submit(visit, fields) {
      // A form that comes twice would be told that the present password, new since the first time, is wrong.
      if (!isCsrfToken(rules, visit.browser, stateOf(visit), fields.get('state')))
        return backWith('password_changed_before', rules, visit);
      return isFirst(visit) ? setFirst(visit, fields) : change(visit, fields);
    },
    refused: (visit, refusal) => (mayHaveOne(visit) ? ask(visit, refusal) : toOverview(visit)),
  });

  async function change(visit: OwnVisit, fields: Fields): Promise<Response> {
    const { arrival, browser, signedIn } = visit;
    const passwords = {
      current: fields.get('current_password') ?? '',
      next: fields.get('new_password') ?? '',
    };
    const place = { address: arrival.address, browser };
    await people.ownAccount.changePassword(signedIn, passwords, place, arrival.now);
    log('info', 'password_changed', { userId: signedIn.user.id, traceId: arrival.traceId });
    return backWith('password_changed', rules, visit);
  }

  async function setFirst(visit: OwnVisit, fields: Fields): Promise<Response> {
    if (!mayHaveOne(visit)) return toOverview(visit);
    if (!signedInWithin(visit, FORM_SECONDS)) return toSignInAgain(people, visit);
    const { arrival, signedIn } = visit;
    await people.ownAccount.setFirstPassword(signedIn, fields.get('new_password') ?? '', arrival.now);
    log('info', 'password_changed', { userId: signedIn.user.id, traceId: arrival.traceId });
    return backWith('password_set', rules, visit);
  }

  /** Where people sign in with passwords, and by an address: nobody can type what stands in place of one. */
  function mayHaveOne(visit: OwnVisit): boolean {
    return !isFirst(visit) || (hasPasswords && isEmail(visit.signedIn.user.email));
  }

  function ask(visit: OwnVisit, refusal?: Refusal): Response {
    const { arrival, browser, setCookies, signedIn } = visit;
    const { user } = signedIn;
    const page = changePasswordPage({
      look,
      traceId: arrival.traceId,
      ...formAt(paths.password, parts, visit),
      fields: { state: csrfToken(rules, browser, stateOf(visit)) },
      email: user.email,
      isFirst: isFirst(visit),
      ...(refusal && { problem: sentenceOf(refusal), problemField: fieldOf(refusal.reason) }),
      cancelHref: paths.overview,
    });
    const status = refusal?.row.status ?? 200;
    return pageResponse(page, { status, setCookies, traceId: arrival.traceId });
  }
}

const isFirst = ({ signedIn }: OwnVisit): boolean => signedIn.user.passwordHash === undefined;

const toOverview = ({ setCookies }: OwnVisit): Response => redirectResponse(paths.overview, { setCookies });

/** Which password the form was shown to replace. */
const stateOf = ({ signedIn }: OwnVisit): string =>
  `${paths.password} replaces ${signedIn.user.passwordHash ?? 'none'}`;

function fieldOf(reason: string): 'current' | 'new' | undefined {
  if (reason === 'current_password_wrong') return 'current';
  return reason === 'password_too_short' || reason === 'password_too_long' ? 'new' : undefined;
}
