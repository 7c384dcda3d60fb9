// /oauth/authorize, and where it goes on after the browser was away to sign in or to decide (RFC 6749 §4.1.1).
import { digest, equalInConstantTime } from '@sallyport/crypto';
import { isCrossSite, isCsrfToken, openBrowser, readForm, redirectResponse } from '@sallyport/pages';
import { isRefusal, type Arrival, type Refusal, type SignedInPerson } from '@sallyport/protocol';
import { MAX_FORM_BYTES } from '../limits.ts';
import type { Handler, Room } from '../options.ts';
import { refuse } from '../refusals.ts';
import { askAccount, choicePurpose, chosenPath, hasChosen } from './account.ts';
import { checkAuthorization } from './check.ts';
import { issueCode } from './code.ts';
import { askConsent, consentPurpose } from './consent.ts';
import { documentClients } from './document.ts';
import { wantsFreshSignIn, whatIsMissing, type Missing } from './missing.ts';
import { pauseAuthorization, resumeAuthorization, resumePath } from './pause.ts';
import { readAuthorizationRequest } from './read.ts';
import { respondUnasked, respondWithCode, respondWithError } from './respond.ts';
import type { CheckedAuthorization, GrantedAuthorization, Step } from './steps.ts';
import { resolveClient, trustRedirect } from './trust.ts';
import { pageForUnadmitted } from './unadmitted.ts';

/** Who is asked what; nobody, as long as nobody is signed in. */
interface Asking {
  readonly checked: CheckedAuthorization;
  readonly person: SignedInPerson | undefined;
}

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
    const trusted = trustRedirect(asked, client, options.registration, arrival);
    // A page, since the person can reload it and go on; the client would have to begin anew.
    await limited.authorization(arrival, client.client_id);
    const unadmitted = pageForUnadmitted(trusted, options);
    if (unadmitted !== undefined) return unadmitted;
    try {
      const checked = checkAuthorization(trusted, options.resources);
      logAsked(checked);
      const person = await identify(request, arrival);
      const missing = await whatIsMissing(checked, person, undefined, options, arrival.now);
      if (person === undefined || missing !== undefined)
        return await pauseFor(missing ?? 'sign_in_required', { checked, person }, request, arrival);
      return await finish({ checked, person }, request, arrival);
    } catch (error) {
      if (isRefusal(error)) return failToClient(trusted, error, request, respondUnasked);
      throw error;
    }
  }

  async function resume(request: Request, arrival: Arrival): Promise<Response> {
    const url = new URL(request.url);
    const answers = request.method === 'POST';
    const resumed = await resumeAuthorization(url.searchParams.get('id') ?? undefined, options, arrival);
    const { paused, checked, id } = resumed;
    const unadmitted = pageForUnadmitted(checked, options);
    if (unadmitted !== undefined) return unadmitted;
    if (answers && isCrossSite(request, rules)) throw refuse('cross_site_decision');
    if (!answers && paused.decision !== undefined) throw refuse('authorization_decided');
    const person = await identify(request, arrival);
    const browser = openBrowser(request, rules);
    // A link that was made for another browser is worth as much as the client's own request: it starts anew in this one,
    // as it does where the cookie of this browser has changed since.
    if (!equalInConstantTime(paused.browser, digest(browser.id)))
      return pauseAnew({ checked, person }, request, arrival);
    const isChosen = person !== undefined && hasChosen(url, resumed, person, browser.id, rules);
    const since = { ...resumed, isChosen };
    const missing = await whatIsMissing(checked, person, since, options, arrival.now);
    if (person === undefined || missing === 'sign_in_required' || missing === 'fresh_sign_in_required')
      return redirectResponse(signInPath(resumePath(id), howToSignIn(missing, checked)));
    const step = { resumed, person, browser, action: url.pathname + url.search };
    if (missing === 'account_choice_required')
      return answers ? choose(step, request, arrival) : askAccount(step, options);
    if (answers) return decide(step, request, arrival);
    return missing === undefined
      ? finish({ checked, person, pausedId: id }, request, arrival)
      : askConsent(step, options);
  }

  /** The answer to which account. With consent from before it is the last word, so that a double click gets one code. */
  async function choose(step: Step, request: Request, arrival: Arrival): Promise<Response> {
    const { resumed, person, browser } = step;
    const { checked, id } = resumed;
    const form = await readForm(request, MAX_FORM_BYTES);
    if (!isCsrfToken(rules, browser.id, choicePurpose(resumed, person), form?.get('csrf') ?? ''))
      return askAccount(step, options, 'The page was out of date. Please choose once more.');
    const decision = form?.get('decision');
    if (decision === 'deny') return deny(step, request, arrival);
    if (decision !== 'continue') return askAccount(step, options, 'Please choose an account.');
    const since = { ...resumed, isChosen: true };
    if ((await whatIsMissing(checked, person, since, options, arrival.now)) === undefined)
      return finish({ checked, person, pausedId: id }, request, arrival);
    return redirectResponse(chosenPath(resumed, person, browser.id, rules));
  }

  async function decide(step: Step, request: Request, arrival: Arrival): Promise<Response> {
    const { resumed, person, browser } = step;
    const form = await readForm(request, MAX_FORM_BYTES);
    if (!isCsrfToken(rules, browser.id, consentPurpose(resumed, person), form?.get('csrf') ?? ''))
      return askConsent(step, options, 'The page was out of date. Please decide once more.');
    const decision = form?.get('decision');
    if (decision === 'allow')
      return finish({ checked: resumed.checked, person, pausedId: resumed.id }, request, arrival);
    if (decision !== 'deny') return askConsent(step, options, 'Please choose Allow or Deny.');
    return deny(step, request, arrival);
  }

  async function deny({ resumed, person }: Step, request: Request, arrival: Arrival): Promise<Response> {
    const outcome = await storage.denyAuthorization({
      pausedId: digest(resumed.id),
      userId: person.id,
      now: arrival.now,
    });
    if (outcome === 'gone') throw refuse('authorization_expired');
    if (outcome === 'decided_otherwise') throw refuse('authorization_decided');
    return failToClient(resumed.checked, refuse('denied'), request);
  }

  function logAsked({ traceId, client: { client_id }, resource, scope }: CheckedAuthorization): void {
    log('info', 'authorization_asked', { traceId, client_id, resource: resource.resource, scope });
  }

  async function pauseFor(
    missing: Missing,
    { checked, person }: Asking,
    request: Request,
    arrival: Arrival,
  ): Promise<Response> {
    if (checked.prompt.includes('none')) throw refuse(missing);
    const browser = openBrowser(request, rules);
    const found = { browserId: browser.id, signIn: person?.signIn };
    const here = resumePath(await pauseAuthorization(checked, found, options, arrival.now));
    const setCookies = browser.setCookie === undefined ? [] : [browser.setCookie];
    if (missing === 'sign_in_required' || missing === 'fresh_sign_in_required')
      return redirectResponse(signInPath(here, howToSignIn(missing, checked)), { setCookies });
    return redirectResponse(here, { setCookies });
  }

  function howToSignIn(missing: Missing | undefined, checked: CheckedAuthorization) {
    const again = missing === 'fresh_sign_in_required';
    return { again, fresh: !again && wantsFreshSignIn(checked) };
  }

  /** In a browser that the first pause was not for: as if the client had asked once more. */
  async function pauseAnew(asking: Asking, request: Request, arrival: Arrival): Promise<Response> {
    const { checked, person } = asking;
    await limited.authorization(arrival, checked.client.client_id);
    const missing = await whatIsMissing(checked, person, undefined, options, arrival.now);
    return pauseFor(missing ?? 'consent_required', asking, request, arrival);
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
    respond = respondWithError,
  ): Response {
    log('info', 'authorization_refused', {
      traceId: to.traceId,
      client_id: to.client.client_id,
      reason: refusal.reason,
      ...refusal.facts,
    });
    return respond(to, refusal, request, options);
  }
}
