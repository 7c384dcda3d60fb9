// /oauth/authorize, and where it goes on after the browser was away to sign in or to decide (RFC 6749 §4.1.1).
import { digest, equalInConstantTime } from '@sallyport/crypto';
import { isCrossSite, isCsrfToken, openBrowser, readForm, redirectResponse } from '@sallyport/pages';
import { isRefusal, type Arrival, type Person, type Refusal } from '@sallyport/protocol';
import { MAX_FORM_BYTES } from '../limits.ts';
import type { Handler, Room } from '../options.ts';
import { refuse } from '../refusals.ts';
import { checkAuthorization } from './check.ts';
import { issueCode } from './code.ts';
import { askConsent, consentPurpose, hasConsent } from './consent.ts';
import { documentClients } from './document.ts';
import { pauseAuthorization, resumeAuthorization, resumePath, type Resumed } from './pause.ts';
import { readAuthorizationRequest } from './read.ts';
import { respondWithCode, respondWithError } from './respond.ts';
import type { CheckedAuthorization, GrantedAuthorization } from './steps.ts';
import { resolveClient, trustRedirect } from './trust.ts';

export function authorizeEndpoint(options: Room): {
  authorize: Handler;
  resume: Handler;
} {
  const { storage, rules, log, identify, signInPath, limited } = options;
  const findDocumentClient = documentClients(options);
  return { authorize, resume };

  /** The story. Above the `try`, a failure is a page; inside it, a redirect to the client. */
  async function authorize(request: Request, arrival: Arrival): Promise<Response> {
    const asked = await readAuthorizationRequest(request);
    const client = await resolveClient(asked, storage, findDocumentClient, arrival);
    const trusted = trustRedirect(asked, client, arrival);
    // A page, since the person can reload it and go on; the client would have to begin anew.
    await limited.authorization(arrival, client.client_id);
    try {
      const checked = checkAuthorization(trusted, options.resources);
      logAsked(checked);
      const person = await identify(request, arrival);
      if (person === undefined) return await pauseFor('sign_in_required', checked, request, arrival);
      if (!(await hasConsent(checked, person, options)))
        return await pauseFor('consent_required', checked, request, arrival);
      return await finish({ checked, person }, request, arrival);
    } catch (error) {
      if (isRefusal(error)) return failToClient(trusted, error, request);
      throw error;
    }
  }

  async function resume(request: Request, arrival: Arrival): Promise<Response> {
    const id = new URL(request.url).searchParams.get('id') ?? undefined;
    const resumed = await resumeAuthorization(id, options, arrival);
    const person = await identify(request, arrival);
    if (person === undefined) return redirectResponse(signInPath(resumePath(resumed.id)));
    return request.method === 'POST'
      ? decide(resumed, person, request, arrival)
      : goOn(resumed, person, request, arrival);
  }

  async function goOn(
    resumed: Resumed,
    person: Person,
    request: Request,
    arrival: Arrival,
  ): Promise<Response> {
    const { paused, checked, id } = resumed;
    if (paused.decision !== undefined) throw refuse('authorization_decided');
    // A link that was made for another browser is worth as much as the client's own request: it starts anew in this one.
    const browser = openBrowser(request, rules);
    if (!equalInConstantTime(paused.browser, digest(browser.id))) return pauseAnew(checked, request, arrival);
    if (await hasConsent(checked, person, options))
      return finish({ checked, person, pausedId: id }, request, arrival);
    return askConsent(resumed, person, browser, options);
  }

  async function decide(
    resumed: Resumed,
    person: Person,
    request: Request,
    arrival: Arrival,
  ): Promise<Response> {
    const { checked, paused, id } = resumed;
    if (isCrossSite(request, rules)) throw refuse('cross_site_decision');
    const form = await readForm(request, MAX_FORM_BYTES);
    const browser = openBrowser(request, rules);
    // The cookie of this browser has changed since, or it never was this browser: ask anew, decide nothing.
    if (!equalInConstantTime(paused.browser, digest(browser.id))) return pauseAnew(checked, request, arrival);
    if (!isCsrfToken(rules, browser.id, consentPurpose(resumed, person), form?.get('csrf') ?? ''))
      return askConsent(
        resumed,
        person,
        browser,
        options,
        'The page was out of date. Please decide once more.',
      );
    const decision = form?.get('decision');
    if (decision === 'allow') return finish({ checked, person, pausedId: id }, request, arrival);
    if (decision !== 'deny')
      return askConsent(resumed, person, browser, options, 'Please choose Allow or Deny.');
    const outcome = await storage.denyAuthorization({
      pausedId: digest(id),
      userId: person.id,
      now: arrival.now,
    });
    if (outcome === 'gone') throw refuse('authorization_expired');
    if (outcome === 'decided_otherwise') throw refuse('authorization_decided');
    return failToClient(checked, refuse('denied'), request);
  }

  function logAsked({ traceId, client: { client_id }, resource, scope }: CheckedAuthorization): void {
    log('info', 'authorization_asked', { traceId, client_id, resource: resource.resource, scope });
  }

  async function pauseFor(
    reason: 'sign_in_required' | 'consent_required',
    checked: CheckedAuthorization,
    request: Request,
    arrival: Arrival,
  ): Promise<Response> {
    if (checked.prompt.includes('none')) throw refuse(reason);
    const browser = openBrowser(request, rules);
    const here = resumePath(await pauseAuthorization(checked, browser.id, options, arrival.now));
    const setCookies = browser.setCookie === undefined ? [] : [browser.setCookie];
    return redirectResponse(reason === 'sign_in_required' ? signInPath(here) : here, { setCookies });
  }

  /** In a browser that the first pause was not for: as if the client had asked once more. */
  async function pauseAnew(
    checked: CheckedAuthorization,
    request: Request,
    arrival: Arrival,
  ): Promise<Response> {
    await limited.authorization(arrival, checked.client.client_id);
    return pauseFor('consent_required', checked, request, arrival);
  }

  async function finish(
    granted: GrantedAuthorization,
    request: Request,
    arrival: Arrival,
  ): Promise<Response> {
    const { checked, person } = granted;
    const code = await issueCode(granted, options, arrival.now);
    log('info', 'authorization_granted', {
      traceId: checked.traceId,
      client_id: checked.client.client_id,
      userId: person.id,
      resource: checked.resource.resource,
      scope: checked.scope,
    });
    return respondWithCode(checked, code, request, options);
  }

  function failToClient(
    to: Parameters<typeof respondWithError>[0],
    refusal: Refusal,
    request: Request,
  ): Response {
    log('info', 'authorization_refused', {
      traceId: to.traceId,
      client_id: to.client.client_id,
      reason: refusal.reason,
      ...refusal.facts,
    });
    return respondWithError(to, refusal, request, options);
  }
}
