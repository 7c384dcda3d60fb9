// The ways to sign in to an account: linking another, and unlinking one. Whoever has a way in has the account, so both
// ask for a sign-in that is not long ago.
import {
  linkWayPage,
  pageResponse,
  redirectResponse,
  unlinkWayPage,
  type ShownWay,
  type ShownWays,
} from '@sallyport/pages';
import { isEmail, type Refusal } from '@sallyport/protocol';
import { type Handler, sentenceOf } from '@sallyport/sign-in';
import type { KnownIdentity } from '@sallyport/storage';
import { accountDoor, formAt, type AccountParts, type OwnVisit } from './door.ts';
import { FORM_SECONDS, RECENT_SIGN_IN_SECONDS } from './limits.ts';
import { backWith } from './notices.ts';
import { paths } from './paths.ts';
import { signedInWithin, toSignInAgain } from './recent.ts';
import { refuse } from './refusals.ts';

/** What the overview shows; undefined where a password is the only way that anybody has. */
export async function shownWays(
  { storage, people }: AccountParts,
  { signedIn: { user } }: OwnVisit,
): Promise<ShownWays | undefined> {
  const identities = await storage.listIdentities(user.id);
  const providers = people.ways.filter(({ id }) => id !== 'password');
  if (identities.length === 0 && providers.length === 0) return undefined;
  const isUsed = (id: string) => people.ways.some((way) => way.id === id);
  const hasPasswords = isUsed('password');
  const isSet = user.passwordHash !== undefined;
  const isLast = (identity: KnownIdentity) =>
    !(isSet && hasPasswords) && !identities.some((other) => other !== identity && isUsed(other.provider));
  return {
    all: identities.map((one) => ({
      ...shownWay(one, people.ways),
      ...(!isLast(one) && { unlinkHref: unlinkPath(one) }),
    })),
    // Nobody can type what stands in place of an address.
    ...(hasPasswords && isEmail(user.email) && { password: { isSet, href: paths.password } }),
    ...(providers.length > 0 && { linkHref: paths.link }),
  };
}

function shownWay(identity: KnownIdentity, ways: AccountParts['people']['ways']): ShownWay {
  const { provider, username, name, email, emailVerified, createdAt, signedInAt } = identity;
  const way = ways.find(({ id }) => id === provider);
  return {
    title: way?.title ?? provider,
    username: username ?? name,
    email,
    emailVerified,
    isInUse: way !== undefined,
    since: createdAt,
    lastUsedAt: signedInAt,
  };
}

export function linkDoor(parts: AccountParts): Handler {
  const { people, look } = parts;
  return accountDoor(parts, {
    path: paths.link,
    show(visit) {
      const { arrival, browser, setCookies } = visit;
      const buttons = people.linkButtons(browser, paths.overview);
      if (buttons.length === 0) return redirectResponse(paths.overview, { setCookies });
      if (!signedInWithin(visit, RECENT_SIGN_IN_SECONDS)) return toSignInAgain(people, visit);
      const { traceId } = arrival;
      const page = linkWayPage({ look, traceId, buttons, cancelHref: paths.overview });
      return pageResponse(page, { setCookies, traceId });
    },
    // Its buttons are posted to sign-in.
    submit: async ({ setCookies }) => redirectResponse(paths.link, { setCookies }),
    refused: ({ setCookies }) => redirectResponse(paths.link, { setCookies }),
  });
}

export function unlinkDoor(parts: AccountParts): Handler {
  const { storage, people, rules, look, log } = parts;
  return accountDoor(parts, {
    path: paths.unlink,
    show: (visit) =>
      signedInWithin(visit, RECENT_SIGN_IN_SECONDS) ? ask(visit) : toSignInAgain(people, visit),
    async submit(visit) {
      if (!signedInWithin(visit, FORM_SECONDS)) return toSignInAgain(people, visit);
      const { arrival, signedIn } = visit;
      const identity = await identityNamed(visit);
      if (identity === undefined) return toOverview(visit);
      const { userId, provider, subject } = identity;
      const outcome = await storage.unlinkIdentity({
        userId,
        provider,
        subject,
        ways: people.ways.map(({ id }) => id),
        keepSession: signedIn.session.digest,
        now: arrival.now,
      });
      if (outcome === 'last_way') throw refuse('last_way');
      log('info', 'identity_unlinked', { userId, provider, traceId: arrival.traceId });
      return backWith('way_unlinked', rules, visit, shownWay(identity, people.ways).title);
    },
    refused: (visit, refusal) => ask(visit, refusal),
  });

  async function ask(visit: OwnVisit, refusal?: Refusal): Promise<Response> {
    const { arrival, query, setCookies } = visit;
    const identity = await identityNamed(visit);
    if (identity === undefined) return toOverview(visit);
    const form = formAt(paths.unlink, parts, visit);
    const page = unlinkWayPage({
      look,
      traceId: arrival.traceId,
      ...form,
      action: `${form.action}?${query.toString()}`,
      way: shownWay(identity, people.ways),
      problem: refusal && sentenceOf(refusal),
      cancelHref: paths.overview,
    });
    const status = refusal?.row.status ?? 200;
    return pageResponse(page, { status, setCookies, traceId: arrival.traceId });
  }

  /** Only among the person's own. */
  async function identityNamed({ query, signedIn }: OwnVisit): Promise<KnownIdentity | undefined> {
    const own = await storage.listIdentities(signedIn.user.id);
    return own.find((one) => unlinkPath(one) === `${paths.unlink}?${query.toString()}`);
  }
}

const toOverview = ({ setCookies }: OwnVisit): Response => redirectResponse(paths.overview, { setCookies });

const unlinkPath = ({ provider, subject }: KnownIdentity): string =>
  `${paths.unlink}?${new URLSearchParams({ provider, subject }).toString()}`;
