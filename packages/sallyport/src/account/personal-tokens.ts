// Access tokens that the person makes for programs that cannot do OAuth, and their end.
import { makePersonalToken, type MadePersonalToken } from '@sallyport/authorization-server';
import { randomToken } from '@sallyport/crypto';
import {
  newTokenPage,
  pageResponse,
  redirectResponse,
  revokeTokenPage,
  tokenMadePage,
} from '@sallyport/pages';
import type { ProtectedResource, Refusal } from '@sallyport/protocol';
import { type Fields, type Handler, sentenceOf } from '@sallyport/sign-in';
import { PERSONAL_ACCESS_TOKENS, type PersonalAccessToken } from '@sallyport/storage';
import { accountDoor, formAt, type AccountParts, type OwnVisit } from './door.ts';
import {
  FORM_SECONDS,
  RECENT_SIGN_IN_SECONDS,
  TOKEN_DAYS,
  TOKEN_NAME_CHARACTERS,
  USUAL_TOKEN_DAYS,
} from './limits.ts';
import { backWith } from './notices.ts';
import { paths } from './paths.ts';
import { signedInWithin, toSignInAgain } from './recent.ts';
import { refusals, refuse } from './refusals.ts';
import { serverOf } from './servers.ts';

const DAY = 24 * 3600;

export function newTokenDoor(parts: AccountParts): Handler {
  const { people, look, log, resources, personalTokens } = parts;
  return accountDoor(parts, { path: paths.newToken, show, submit, refused });

  function show(visit: OwnVisit): Response {
    if (personalTokens === undefined) return toOverview(visit);
    return signedInWithin(visit, RECENT_SIGN_IN_SECONDS) ? ask(visit) : toSignIn(visit);
  }

  async function submit(visit: OwnVisit, fields: Fields): Promise<Response> {
    if (personalTokens === undefined) return toOverview(visit);
    if (!signedInWithin(visit, FORM_SECONDS)) return toSignIn(visit);
    const { arrival, signedIn } = visit;
    const { id: userId } = signedIn.user;
    const { resource, title } = readServer(visit, resources);
    const asked = {
      userId,
      name: readTokenName(fields.get('name') ?? ''),
      resource,
      scope: readChosen(fields, resource, resources),
      lifetimeSeconds: readDays(fields.get('days'), personalTokens.maxLifetimeDays) * DAY,
      // Of this sign-in alone, so that nobody who signs in later is shown again what the form made.
      form: `${signedIn.session.digest}:${fields.get('form') ?? ''}`,
      traceId: arrival.traceId,
      provider: signedIn.session.provider,
      subject: signedIn.session.subject,
    };
    const made = await makePersonalToken(asked, parts, arrival.now);
    if (made === 'too_many') throw refuse('token_too_many');
    if (typeof made === 'string') throw refuse('token_spent', { outcome: made });
    const { id: grantId, expiresAt, scope } = made.token;
    if (made.isNew)
      log('info', 'personal_token_made', {
        traceId: arrival.traceId,
        client_id: PERSONAL_ACCESS_TOKENS,
        userId,
        grantId,
        resource,
        scope,
        expiresAt,
      });
    return showMade(visit, made, { title, url: resource });
  }

  function showMade(
    { arrival, setCookies }: OwnVisit,
    { token, access_token }: MadePersonalToken,
    server: { readonly title: string; readonly url: string },
  ): Response {
    const { name, expiresAt } = token;
    const { traceId } = arrival;
    const page = tokenMadePage({
      look,
      traceId,
      access_token,
      name,
      server,
      expiresAt,
      accountHref: paths.overview,
    });
    return pageResponse(page, { setCookies, traceId });
  }

  function refused(visit: OwnVisit, refusal: Refusal, fields: Fields | undefined): Response {
    if (personalTokens === undefined) return toOverview(visit);
    // Whoever came without a form that was shown in time must not get one for it.
    const hadForm = isAboutContent(refusal);
    const mayAsk = signedInWithin(visit, hadForm ? FORM_SECONDS : RECENT_SIGN_IN_SECONDS);
    return mayAsk ? ask(visit, refusal, fields) : toSignIn(visit);
  }

  function ask(visit: OwnVisit, refusal?: Refusal, fields?: Fields): Response {
    const { arrival, setCookies, signedIn } = visit;
    const server = serverNamed(visit, resources);
    const page = newTokenPage({
      look,
      traceId: arrival.traceId,
      person: signedIn.user,
      problem: refusal && sentenceOf(refusal),
      cancelHref: paths.overview,
      ...(server === undefined
        ? { servers: resources.map(({ title, resource }) => ({ title, href: formPath(resource) })) }
        : { form: formFor(server, visit, refusal, fields) }),
    });
    const status = refusal?.row.status ?? 200;
    return pageResponse(page, { status, setCookies, traceId: arrival.traceId });
  }

  function formFor(server: ProtectedResource, visit: OwnVisit, refusal?: Refusal, fields?: Fields) {
    const offered = daysOffered(personalTokens?.maxLifetimeDays ?? 0);
    const days = offered.includes(Number(fields?.get('days')))
      ? Number(fields?.get('days'))
      : usualOf(offered);
    const isChosen = (name: string): boolean =>
      fields === undefined ? server.defaultScopes.includes(name) : fields.has(`scope:${name}`);
    return {
      ...formAt(paths.newToken, parts, visit),
      action: formPath(server.resource),
      fields: { form: randomToken(16) },
      server,
      name: fields?.get('name') ?? '',
      nameMax: TOKEN_NAME_CHARACTERS,
      problemField: refusal && fieldOf(refusal.reason),
      scopes: server.scopes.map((scope) => ({ ...scope, isChosen: isChosen(scope.name) })),
      days: offered.map((one) => ({ days: one, isChosen: one === days })),
    };
  }

  function toSignIn(visit: OwnVisit): Response {
    return toSignInAgain(people, visit);
  }
}

export function revokeTokenDoor(parts: AccountParts): Handler {
  const { storage, rules, look, log } = parts;
  return accountDoor(parts, {
    path: paths.revokeToken,
    show: (visit) => ask(visit),
    async submit(visit) {
      const token = await tokenNamed(visit);
      if (token === undefined) return toOverview(visit);
      const { id, userId, name } = token;
      const { now, traceId } = visit.arrival;
      await storage.removePersonalAccessToken({ id, userId, now });
      log('info', 'personal_token_revoked', { userId, grantId: id, traceId });
      return backWith('token_revoked', rules, visit, name);
    },
    refused: (visit, refusal) => ask(visit, refusal),
  });

  async function ask(visit: OwnVisit, refusal?: Refusal): Promise<Response> {
    const { arrival, query, setCookies } = visit;
    const token = await tokenNamed(visit);
    if (token === undefined) return toOverview(visit);
    const form = formAt(paths.revokeToken, parts, visit);
    const page = revokeTokenPage({
      look,
      traceId: arrival.traceId,
      ...form,
      action: `${form.action}?${query.toString()}`,
      name: token.name,
      server: serverOf(token.resource, parts),
      problem: refusal && sentenceOf(refusal),
      cancelHref: paths.overview,
    });
    const status = refusal?.row.status ?? 200;
    return pageResponse(page, { status, setCookies, traceId: arrival.traceId });
  }

  /** Only among the person's own: an id says nothing by itself. */
  async function tokenNamed({
    query,
    signedIn,
    arrival,
  }: OwnVisit): Promise<PersonalAccessToken | undefined> {
    const of = { userId: signedIn.user.id, now: arrival.now };
    return (await storage.listPersonalAccessTokens(of)).find(({ id }) => id === query.get('token'));
  }
}

/** Of what was filled in, which is judged only once the form is known to be the person's own. */
const isAboutContent = ({ reason }: Refusal): boolean => Object.hasOwn(refusals, reason);

const toOverview = ({ setCookies }: OwnVisit): Response => redirectResponse(paths.overview, { setCookies });

const formPath = (resource: string): string =>
  `${paths.newToken}?${new URLSearchParams({ server: resource }).toString()}`;

/** The one that the URL names, or the only one. */
function serverNamed(
  { query }: OwnVisit,
  resources: readonly ProtectedResource[],
): ProtectedResource | undefined {
  const named = query.get('server');
  if (named === null) return resources.length === 1 ? resources[0] : undefined;
  return resources.find(({ resource }) => resource === named);
}

function readServer(visit: OwnVisit, resources: readonly ProtectedResource[]): ProtectedResource {
  const server = serverNamed(visit, resources);
  if (server === undefined) throw refuse('token_server_unknown');
  return server;
}

/** One line, without characters that would make a page or a terminal read differently. */
function readTokenName(text: string): string {
  const name = text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (name === '' || Array.from(name).length > TOKEN_NAME_CHARACTERS) throw refuse('token_name_refused');
  return name;
}

function readChosen(
  fields: Fields,
  resource: string,
  resources: readonly ProtectedResource[],
): readonly string[] {
  const known = resources.find((one) => one.resource === resource)?.scopes ?? [];
  const chosen = known.map(({ name }) => name).filter((name) => fields.has(`scope:${name}`));
  if (chosen.length === 0 && known.length > 0) throw refuse('token_scope_missing');
  return chosen;
}

function readDays(text: string | undefined, maxDays: number): number {
  const days = daysOffered(maxDays).find((one) => String(one) === text);
  if (days === undefined) throw refuse('token_lifetime_refused');
  return days;
}

/** As far as the operator allows, with the operator's own limit as the last. */
const daysOffered = (maxDays: number): readonly number[] => [
  ...TOKEN_DAYS.filter((days) => days < maxDays),
  maxDays,
];

const usualOf = (offered: readonly number[]): number | undefined =>
  offered.findLast((days) => days <= USUAL_TOKEN_DAYS) ?? offered[0];

function fieldOf(reason: string): 'name' | 'scope' | 'days' | undefined {
  if (reason === 'token_name_refused') return 'name';
  if (reason === 'token_scope_missing') return 'scope';
  return reason === 'token_lifetime_refused' ? 'days' : undefined;
}
