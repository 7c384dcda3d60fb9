// The sign-in page as an answer: every way that there is, or only one; after a refusal with what happened above them, so
// that the next try is one button away and goes on with the same login.
import {
  csrfToken,
  pageResponse,
  problemPage,
  signInPage,
  type ProviderButton,
  type WaitingApp,
} from '@sallyport/pages';
import type { Refusal } from '@sallyport/protocol';
import { sentenceOf, type Visit } from './door.ts';
import { pathTo } from './paths.ts';
import type { Identity, UpstreamProvider } from './providers/provider.ts';
import type { Room, WaitingLogin } from './room.ts';
import { leavePurpose } from './upstream/intent.ts';

export const passwordPurpose = 'sign-in';

export interface ShownWays {
  /** Leaves out all others. */
  readonly only?: UpstreamProvider | undefined;
  readonly email?: string | undefined;
  readonly notice?: string | undefined;
  readonly refusal?: Refusal | undefined;
  /** With which it was refused; absent: with a password. */
  readonly tried?: UpstreamProvider | undefined;
  /** Who came from there. */
  readonly identity?: Identity | undefined;
}

/** It is the account that was chosen there: the same button would only come back with it. */
const wrongAccount: ReadonlySet<string> = new Set([
  'person_denied',
  'person_not_invited',
  'verified_email_missing',
  'email_has_account',
  'upstream_account_unfit',
  'upstream_claim_differs',
  'upstream_other_person',
]);

export function signInAnswer(room: Room, visit: Visit, ways: ShownWays): Response {
  const { rules, look, signUp, hasPasswords } = room;
  const { browser, setCookies, arrival, query, returnTo, login } = visit;
  const { only, email, notice, refusal, tried, identity } = ways;
  const { traceId } = arrival;
  const isAgain = query.has('again');
  const switchAccount = query.has('switch') || isAgain;
  const isWrongAccount = refusal !== undefined && wrongAccount.has(refusal.reason);
  const buttonFor = (provider: UpstreamProvider) =>
    provider === tried
      ? buttonOf(room, visit, provider, { after: isWrongAccount ? 'wrong_account' : 'failure' })
      : buttonOf(room, visit, provider, {});
  const shown = only === undefined ? room.upstream.map(({ provider }) => provider) : [only];
  const page = signInPage({
    look,
    traceId,
    action: pathTo('signIn', { again: isAgain }),
    csrf: csrfToken(rules, browser, passwordPurpose),
    returnTo,
    hasPassword: hasPasswords && only === undefined,
    isPasswordFirst: room.isPasswordFirst,
    providers: shown.map(buttonFor),
    forClient: login?.clientName,
    forApp: appOf(login),
    isAgain,
    email,
    notice,
    ...(signUp && { signUpHref: pathTo('signUp', { returnTo, switchAccount }) }),
    ...(only !== undefined &&
      !isOnlyWay(room) && { otherWaysHref: pathTo('signIn', { returnTo, switchAccount, again: isAgain }) }),
    ...(refusal && { problem: sentenceOf(refusal) }),
    ...(refusal && tried && { problemTitle: titleOf(refusal, tried) }),
    ...(isWrongAccount && tried && identity && { cameAs: cameAs(identity, tried) }),
  });
  return pageResponse(page, { status: refusal?.row.status ?? 200, setCookies, traceId });
}

const isOnlyWay = ({ hasPasswords, upstream }: Room): boolean => !hasPasswords && upstream.length === 1;

interface ButtonKind {
  /** The proof from the operator's terminal: it makes the first account. */
  readonly setup?: string | undefined;
  readonly after?: ProviderButton['after'];
  /** It adds the provider to the account that is signed in. */
  readonly isLink?: boolean;
}

export function buttonOf(
  { rules }: Pick<Room, 'rules'>,
  { browser, query, returnTo }: Pick<Visit, 'browser' | 'query' | 'returnTo'>,
  { id, title }: UpstreamProvider,
  { setup, after, isLink = false }: ButtonKind,
): ProviderButton {
  const isAgain = query.has('again');
  const isSwitch = query.has('switch') || after === 'wrong_account';
  const isFresh = query.has('fresh');
  const intent = { returnTo, isAgain, isFresh, isSwitch, isLink, setup };
  const csrf = csrfToken(rules, browser, leavePurpose(id, intent));
  return {
    action: pathTo('signIn', { provider: id, switchAccount: isSwitch, again: isAgain, fresh: isFresh }),
    title,
    fields: { csrf, return_to: returnTo, setup, link: isLink ? '1' : undefined },
    after,
  };
}

/**
 * While nobody has an account the other ways lead nowhere: only the setup link does.
 * @param setup the proof that it carries, as presented
 * @returns undefined for a refusal that has nothing to do with that
 */
export function firstAccountAnswer(
  { look }: Pick<Room, 'look'>,
  { arrival, setCookies, returnTo }: Visit,
  refusal: Refusal,
  setup?: string,
): Response | undefined {
  const isMissing = refusal.reason === 'first_account_missing';
  if (!isMissing && setup === undefined) return undefined;
  const { traceId } = arrival;
  const again = isMissing
    ? { label: 'Reload this page', href: pathTo('signIn', { returnTo }) }
    : { label: 'Back, and try again', href: pathTo('signUp', { setup, returnTo }) };
  const page = problemPage({
    look,
    traceId,
    title: isMissing ? 'Not set up yet' : 'No account was made',
    sentence: sentenceOf(refusal),
    links: [again],
  });
  return pageResponse(page, { status: refusal.row.status, setCookies, traceId });
}

/** Whoever wanted to link another way is signed in already: they go back to where they wanted it. */
export function linkAnswer(
  { look }: Pick<Room, 'look'>,
  { arrival, setCookies, returnTo }: Visit,
  refusal: Refusal,
): Response {
  const { traceId } = arrival;
  const { row } = refusal;
  const page = problemPage({
    look,
    traceId,
    title: row.title ?? 'Nothing was linked',
    sentence: sentenceOf(refusal),
    links: [{ label: 'Back to your account', href: returnTo }],
  });
  return pageResponse(page, { status: row.status, setCookies, traceId });
}

function cameAs({ email, emailVerified, username, name, subject }: Identity, { title }: UpstreamProvider) {
  return {
    title,
    who: email ?? username ?? name ?? subject,
    isUnverified: email !== undefined && !emailVerified,
  };
}

const titleOf = ({ row }: Refusal, { title }: UpstreamProvider): string =>
  row.title ?? `Not signed in with ${title}`;

function appOf(login: WaitingLogin | undefined): WaitingApp | undefined {
  if (login?.client === undefined || login.redirect === undefined) return undefined;
  return { client: login.client, redirect: login.redirect };
}
