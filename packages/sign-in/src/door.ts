// The door of this room's pages: methods, the form as it came, and the one place where a refusal becomes an answer.
import { type BrowserRules, isCrossSite, isCsrfToken, openBrowser, readForm } from '@sallyport/pages';
import { type Arrival, type Facts, isRefusal, learn, type Refusal } from '@sallyport/protocol';
import { limits } from './limits.ts';
import { refuse } from './refusals.ts';
import { readReturnTo } from './return-to.ts';
import type { Room, WaitingLogin } from './room.ts';

export interface Visit {
  readonly request: Request;
  readonly arrival: Arrival;
  /** The request's query. */
  readonly query: URLSearchParams;
  /** The browser's own id, which its forms are bound to. */
  readonly browser: string;
  /** The `Set-Cookie` values that every answer to this visit carries. */
  readonly setCookies: readonly string[];
  /** Where the browser goes on: a path of this origin. */
  readonly returnTo: string;
  /** The app's login that waits there. */
  readonly login: WaitingLogin | undefined;
}

/** The submitted fields; each came at most once. */
export type Fields = ReadonlyMap<string, string>;

export interface FormPage {
  /** The log's event when a visit is refused. */
  readonly refusedEvent: string;
  /** What that event tells besides. */
  readonly facts?: Facts;
  show(visit: Visit): Promise<Response>;
  submit(visit: Visit, fields: Fields): Promise<Response>;
  /** `fields` when the form could be read, so that what was typed is not lost. */
  refused(visit: Visit, refusal: Refusal, fields: Fields | undefined): Response | Promise<Response>;
}

export type Handler = (request: Request, arrival: Arrival) => Promise<Response>;

/** What the doors of all pages need of the room. */
export type DoorParts = Pick<Room, 'rules' | 'log' | 'loginAt'>;

export function door(parts: DoorParts, page: FormPage): Handler {
  const { rules } = parts;
  return async (request, arrival) => {
    if (request.method === 'GET' || request.method === 'POST') return answer(request, arrival);
    // RFC 9110 §9.3.2: the headers of GET, without the content.
    if (request.method === 'HEAD') return new Response(null, await answer(request, arrival));
    const headers = { Allow: 'GET, HEAD, POST', 'Cache-Control': 'no-store' };
    return new Response(null, { status: 405, headers });
  };

  async function answer(request: Request, arrival: Arrival): Promise<Response> {
    let visit = await openVisit(request, arrival, parts);
    let fields: Fields | undefined;
    try {
      if (request.method !== 'POST') return await page.show(visit);
      fields = await readFields(request, rules);
      if (fields.has('return_to')) visit = await goingTo(fields.get('return_to'), visit, parts);
      return await page.submit(visit, fields);
    } catch (failure) {
      if (!isRefusal(failure)) throw failure;
      logRefusal(parts, page.refusedEvent, visit, failure, page.facts);
      const response = await page.refused(visit, failure, fields);
      const wait = failure.facts['retryAfterSeconds'];
      if (wait !== undefined) response.headers.set('Retry-After', String(wait));
      return response;
    }
  }
}

export function logRefusal(
  { log }: Pick<DoorParts, 'log'>,
  event: string,
  { arrival: { traceId, address }, login }: Visit,
  { reason, row, facts }: Refusal,
  more?: Facts,
): void {
  const { isFirst, ...told } = facts;
  const whence = { traceId, address, client_id: login?.client_id };
  // A provider that is in trouble, or does not accept how it is set up here, is the operator's to mend.
  const isProviders = more?.['provider'] !== undefined && row.status >= 500 && reason !== 'busy';
  log(isProviders ? 'warn' : 'info', event, { reason, ...more, ...whence, ...told });
  // Once for each limit that is reached: who is beyond one may try on by the thousand.
  if (isFirst === true) log('warn', 'rate_limit_reached', { ...whence, ...told });
}

export async function openVisit(request: Request, arrival: Arrival, parts: DoorParts): Promise<Visit> {
  const { id, setCookie } = openBrowser(request, parts.rules);
  const setCookies = setCookie === undefined ? [] : [setCookie];
  const query = new URL(request.url).searchParams;
  return goingTo(query.get('return_to'), { request, arrival, query, browser: id, setCookies }, parts);
}

/** Where to, and whose login that is: signing in is a step of it, so this visit is traced as that login from here on. */
export async function goingTo(
  asked: string | null | undefined,
  visit: Omit<Visit, 'returnTo' | 'login'>,
  { rules, loginAt }: DoorParts,
): Promise<Visit> {
  const returnTo = readReturnTo(asked, rules.publicUrl);
  const login = await loginAt?.(returnTo, visit.arrival.now);
  learn(visit.arrival, { traceId: login?.traceId, client_id: login?.client_id });
  return { ...visit, returnTo, login };
}

async function readFields(request: Request, rules: BrowserRules): Promise<Fields> {
  if (isCrossSite(request, rules)) throw refuse('cross_site');
  const form = await readForm(request, limits.formBytes);
  if (form === undefined) throw refuse('form_unreadable');
  const fields = new Map(form);
  // A field that came twice has two meanings.
  if (fields.size !== form.size) throw refuse('form_unreadable');
  return fields;
}

/** @throws {Refusal} `form_stale` unless this browser was given this form */
export function checkOwnForm(rules: BrowserRules, visit: Visit, purpose: string, fields: Fields): void {
  if (!isCsrfToken(rules, visit.browser, purpose, fields.get('csrf'))) throw refuse('form_stale');
}

/** The public sentence, with the time to wait where there is one. */
export function sentenceOf({ row, facts }: Refusal): string {
  const seconds = facts['retryAfterSeconds'];
  if (typeof seconds !== 'number') return row.sentence;
  const wait = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${row.sentence} Try again in ${wait[0]} ${wait[1]}${wait[0] === 1 ? '' : 's'}.`;
}
