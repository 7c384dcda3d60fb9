// The door of the person's own pages: who is not signed in goes to do that and comes back, and a form counts only for
// the person to whom it was shown, even where somebody else has signed in at the same browser since.
import type { Recognize } from '@sallyport/authorization-server';
import type { Keychain } from '@sallyport/crypto';
import { csrfToken, redirectResponse, type BrowserRules, type Look } from '@sallyport/pages';
import type { Log, ProtectedResource, Refusal } from '@sallyport/protocol';
import {
  checkOwnForm,
  door,
  type Fields,
  type Handler,
  type SignedIn,
  type SignIn,
  type Visit,
} from '@sallyport/sign-in';
import type { Storage } from '@sallyport/storage';

export interface AccountParts {
  readonly storage: Storage;
  readonly people: SignIn;
  /** Makes personal access tokens. */
  readonly derivation: Keychain;
  /** Absent: nobody may make any. */
  readonly personalTokens?: { readonly maxLifetimeDays: number };
  readonly rules: BrowserRules;
  readonly look: Look;
  readonly log: Log;
  readonly recognize: Recognize;
  /** All that tokens can be for. */
  readonly resources: readonly ProtectedResource[];
}

/** A visit of somebody who is signed in. */
export interface OwnVisit extends Visit {
  readonly signedIn: SignedIn;
}

export interface AccountForm {
  /** Where it is served and posted. */
  readonly path: string;
  show(visit: OwnVisit): Response | Promise<Response>;
  submit(visit: OwnVisit, fields: Fields): Promise<Response>;
  refused(visit: OwnVisit, refusal: Refusal, fields: Fields | undefined): Response | Promise<Response>;
  /** What a form is told whose sender is not signed in, unless that is to sign in. */
  submitSignedOut?(visit: Visit, fields: Fields): Promise<Response | undefined>;
}

export function accountDoor({ people, rules, log }: AccountParts, form: AccountForm): Handler {
  return door({ rules, log }, { refusedEvent: 'account_refused', show, submit, refused });

  async function show(visit: Visit): Promise<Response> {
    const own = await ownVisit(visit);
    return own === undefined ? toSignIn(visit) : form.show(own);
  }

  async function submit(visit: Visit, fields: Fields): Promise<Response> {
    const own = await ownVisit(visit);
    if (own === undefined) return (await form.submitSignedOut?.(visit, fields)) ?? toSignIn(visit);
    checkOwnForm(rules, visit, purposeOf(form.path, own.signedIn.user.id), fields);
    return form.submit(own, fields);
  }

  async function refused(visit: Visit, refusal: Refusal, fields: Fields | undefined): Promise<Response> {
    const own = await ownVisit(visit);
    return own === undefined ? toSignIn(visit) : form.refused(own, refusal, fields);
  }

  async function ownVisit(visit: Visit): Promise<OwnVisit | undefined> {
    const signedIn = await people.identifySession(visit.request, visit.arrival);
    return signedIn && { ...visit, signedIn };
  }

  function toSignIn({ request, setCookies }: Visit): Response {
    const { pathname, search } = new URL(request.url);
    return redirectResponse(people.signInPath(pathname + search), { setCookies });
  }
}

/** What a form's token is bound to, besides the browser. */
export const purposeOf = (path: string, userId: string): string => `${path}:${userId}`;

/** Where a form of these pages is posted, and its token. */
export function formAt(
  path: string,
  { rules }: AccountParts,
  { browser, signedIn }: OwnVisit,
): { readonly action: string; readonly csrf: string } {
  return { action: path, csrf: csrfToken(rules, browser, purposeOf(path, signedIn.user.id)) };
}
