// A new password.
import { changePasswordPage, csrfToken, isCsrfToken, pageResponse, redirectResponse } from '@sallyport/pages';
import type { Refusal } from '@sallyport/protocol';
import { type Handler, sentenceOf } from '@sallyport/sign-in';
import { accountDoor, formAt, type AccountParts, type OwnVisit } from './door.ts';
import { backWith } from './notices.ts';
import { paths } from './paths.ts';

export function passwordDoor(parts: AccountParts): Handler {
  const { people, rules, look, log } = parts;
  return accountDoor(parts, {
    path: paths.password,
    show: (visit) => ask(visit),
    async submit(visit, fields) {
      const { arrival, browser, signedIn } = visit;
      // A form that comes twice would be told that the present password, new since the first time, is wrong.
      if (!isCsrfToken(rules, browser, stateOf(visit), fields.get('state')))
        return backWith('password_changed_before', rules, visit);
      const passwords = {
        current: fields.get('current_password') ?? '',
        next: fields.get('new_password') ?? '',
      };
      const place = { address: arrival.address, browser };
      await people.ownAccount.changePassword(signedIn, passwords, place, arrival.now);
      log('info', 'password_changed', { userId: signedIn.user.id, traceId: arrival.traceId });
      return backWith('password_changed', rules, visit);
    },
    refused: (visit, refusal) => ask(visit, refusal),
  });

  function ask(visit: OwnVisit, refusal?: Refusal): Response {
    const { arrival, browser, setCookies, signedIn } = visit;
    const { user } = signedIn;
    if (user.passwordHash === undefined) return redirectResponse(paths.overview, { setCookies });
    const page = changePasswordPage({
      look,
      traceId: arrival.traceId,
      ...formAt(paths.password, parts, visit),
      fields: { state: csrfToken(rules, browser, stateOf(visit)) },
      email: user.email,
      ...(refusal && { problem: sentenceOf(refusal), problemField: fieldOf(refusal.reason) }),
      cancelHref: paths.overview,
    });
    const status = refusal?.row.status ?? 200;
    return pageResponse(page, { status, setCookies, traceId: arrival.traceId });
  }
}

/** Which password the form was shown to replace. */
const stateOf = ({ signedIn }: OwnVisit): string =>
  `${paths.password} replaces ${signedIn.user.passwordHash ?? 'none'}`;

function fieldOf(reason: string): 'current' | 'new' | undefined {
  if (reason === 'current_password_wrong') return 'current';
  return reason === 'password_too_short' || reason === 'password_too_long' ? 'new' : undefined;
}
