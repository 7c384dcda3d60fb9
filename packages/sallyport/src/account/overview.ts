// The account at a glance, with the way to each change.
import { shownAs } from '@sallyport/authorization-server';
import { digest } from '@sallyport/crypto';
import {
  accountPage,
  pageResponse,
  type AllowedApp,
  type ShownSession,
  type ShownToken,
} from '@sallyport/pages';
import { impliedScopes, readRegisteredRedirectUri } from '@sallyport/protocol';
import { type Handler, sentenceOf } from '@sallyport/sign-in';
import type { ClientAccess, PersonalAccessToken, Session } from '@sallyport/storage';
import { accountDoor, formAt, type AccountForm, type AccountParts, type OwnVisit } from './door.ts';
import { noticeOf } from './notices.ts';
import { paths } from './paths.ts';
import { serverOf } from './servers.ts';
import { shownWays } from './ways.ts';

export function overviewDoor(parts: AccountParts): Handler {
  return accountDoor(parts, {
    path: paths.overview,
    show: (visit) => overview(parts, visit, { notice: noticeOf(parts.rules, visit) }),
    // No form is posted here: who posts sees the page.
    submit: (visit) => overview(parts, visit),
    refused: refusedToOverview(parts),
  });
}

/** For a form that is nothing but a button: the page that it is on, with what went wrong. */
export function refusedToOverview(parts: AccountParts): AccountForm['refused'] {
  return (visit, refusal) =>
    overview(parts, visit, { problem: sentenceOf(refusal), status: refusal.row.status });
}

async function overview(
  parts: AccountParts,
  visit: OwnVisit,
  said: { readonly notice?: string | undefined; readonly problem?: string; readonly status?: number } = {},
): Promise<Response> {
  const { storage, look, people, personalTokens } = parts;
  const { arrival, browser, setCookies, signedIn } = visit;
  const { user, session } = signedIn;
  const { now, traceId } = arrival;
  const access = await storage.listClientAccess(user.id, now);
  const others = (await storage.listSessions(user.id, now)).filter((one) => one.digest !== session.digest);
  const ways = await shownWays(parts, visit);
  const page = accountPage({
    look,
    traceId,
    now,
    person: user,
    notice: said.notice,
    problem: said.problem,
    apps: access.map((one) => appOf(one, parts)),
    removeAllHref: paths.removeAllAccess,
    ...(personalTokens !== undefined && {
      tokens: {
        all: (await storage.listPersonalAccessTokens({ userId: user.id, now })).map((one) =>
          shownToken(one, parts),
        ),
        newHref: paths.newToken,
      },
    }),
    sessions: [shownSession(session, true), ...others.map((one) => shownSession(one, false))],
    endSession: formAt(paths.endSession, parts, visit),
    endOtherSessions: formAt(paths.endOtherSessions, parts, visit),
    signOut: people.signOutForm(browser),
    ...(ways === undefined ? user.passwordHash !== undefined && { passwordHref: paths.password } : { ways }),
    deleteHref: paths.delete,
  });
  return pageResponse(page, { status: said.status ?? 200, setCookies, traceId });
}

function appOf(access: ClientAccess, parts: AccountParts): AllowedApp {
  const { client, resource, scope, since, lastUsedAt } = access;
  const { title, scopes } = serverOf(resource, parts);
  const { redirect_uris } = client.metadata;
  const redirects = redirect_uris
    .map((uri) => readRegisteredRedirectUri(uri, { privateUseSchemes: 'allow' }))
    .filter((redirect) => typeof redirect !== 'string');
  const query = new URLSearchParams({ client_id: client.client_id, resource });
  return {
    client: { ...shownAs(client), ...parts.recognize(client) },
    redirects: [
      ...new Map(redirects.map((redirect) => [`${redirect.kind} ${redirect.host}`, redirect])).values(),
    ],
    server: { title },
    scopes: [
      ...impliedScopes(scope, scopes),
      // What the server has no more is still to be seen.
      ...scope
        .filter((name) => !scopes.some((known) => known.name === name))
        .map((name) => ({ name, description: `“${name}”` })),
    ],
    since,
    lastUsedAt,
    removeHref: `${paths.removeAccess}?${query.toString()}`,
  };
}

function shownToken(token: PersonalAccessToken, parts: AccountParts): ShownToken {
  const { id, name, resource, scope, createdAt: since, expiresAt, lastUsedAt } = token;
  const { title, scopes } = serverOf(resource, parts);
  return {
    name,
    server: { title },
    scopes: scope.map(
      (one) => scopes.find((known) => known.name === one) ?? { name: one, description: `“${one}”` },
    ),
    since,
    expiresAt,
    lastUsedAt,
    revokeHref: `${paths.revokeToken}?${new URLSearchParams({ token: id }).toString()}`,
  };
}

/** What a session is called in a form: it leads nowhere but to the person's own list. */
export const handleOf = (session: Session): string => digest(session.digest);

function shownSession(session: Session, isThisBrowser: boolean): ShownSession {
  const { browser, network, createdAt: since, seenAt = since } = session;
  return { id: handleOf(session), isThisBrowser, browser, network, since, seenAt };
}
