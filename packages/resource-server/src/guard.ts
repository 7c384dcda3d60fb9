// One guarded MCP server, whoever issued the tokens: a `Request` becomes a `Caller`, or a challenge that every client of
// the field understands (RFC 6750, RFC 9728, MCP authorization 2025-11-25 and 2026-07-28).
import {
  fewestScopes,
  hierarchyFault,
  includesScopes,
  isRefusal,
  jsonResponse,
  learn,
  printChallenge,
  printScope,
  readBearer,
  type Refusal,
  wellKnownUrl,
  type Arrival,
  type Caller,
  type Learnt,
  type ProtectedResource,
  type ProtectedResourceMetadata,
} from '@sallyport/protocol';
import type { IssuersMetadata } from './delegated/metadata.ts';
import type { Judge } from './judge.ts';
import { FOREIGN_METADATA_MAX_AGE_SECONDS, METADATA_MAX_AGE_SECONDS } from './limits.ts';
import { isAllowedOrigin } from './origin.ts';
import { refuse } from './refusals.ts';
import { waitingPlaces } from './waiting-places.ts';
import { wellKnownPaths } from './well-known.ts';

/** What every guard has, whoever issues the tokens. */
export interface GuardOptions {
  readonly resource: ProtectedResource;
  /**
   * The scopes that clients are told of, where their issuer knows no others: among those of the resource, each enough for
   * what it includes. Default: all.
   */
  readonly advertisedScopes?: readonly string[];
  /** Origins of web pages that may call, besides the server's own and those on this computer. */
  readonly allowedOrigins?: readonly string[];
  /** Hears who was let through. @param now epoch seconds */
  readonly onAdmission?: (caller: Caller, now: number) => void;
  /**
   * Asked before a token that is none of the issuer's is refused; seconds make the answer a 429 with `Retry-After`, and
   * that long the issuer is asked about no further token from there that was not good before. It is never asked about a
   * token that is or was good, so that nobody is refused for what others send from their address.
   */
  readonly waitSeconds?: (arrival: Arrival | undefined) => Promise<number | undefined>;
  /** Hears why somebody was refused; never a token. */
  readonly onRefusal?: (refusal: Refusal, arrival?: Arrival) => void;
}

export interface ResourceServer {
  readonly resource: ProtectedResource;
  /** RFC 9728 document of this server. */
  metadata(): Response;
  /**
   * Answers what a client finds its way by: our RFC 9728 document at the path of the resource and at the root, and, where
   * tokens are somebody else's, the metadata of their issuer. Readable by web pages, preflights included.
   * @returns undefined when the request is for another path
   */
  wellKnown(request: Request, now: number): Promise<Response | undefined>;
  /** @param now epoch seconds @param arrival learns whose request it is, and is handed on to `onRefusal` */
  admit(request: Request, now: number, arrival?: Arrival): Promise<Caller | Response>;
  /** Whether the caller's scopes are enough for what needs all of these; a broader one counts for what it includes. */
  hasScopes(needed: readonly string[], caller: Caller): boolean;
  /** What a client can ask its issuer for when this is needed. */
  scopesToAskFor(needed: readonly string[]): readonly string[];
  /**
   * 403 that asks a client to step up (MCP authorization, "Scope challenge"): names what the operation needs and what
   * the token already has, for clients that replace their scopes as well as for those that add to them; without what
   * others among these include.
   */
  insufficientScope(needed: readonly string[], caller: Caller): Response;
  /**
   * Judges every token anew from now on. To be called when a key was taken away before the tokens that it signed were
   * over; nobody's token stops working that `keys` still has a key for.
   */
  forgetTokens(): void;
}

/** Who issues the tokens, and how they are judged. */
interface Issuing {
  readonly issuer: string;
  readonly judge: Judge;
  /** The trace of the login that a grant came from. */
  readonly traceOf?: ((grantId: string) => string | undefined) | undefined;
  /** Where the issuer is somebody else: its documents, for clients that look for them here. */
  readonly documents?: IssuersMetadata;
}

/** @throws TypeError when scopes include one that there is none of, or each other in a circle */
export function guardOf(options: GuardOptions, { issuer, judge, ...issuing }: Issuing): ResourceServer {
  const {
    resource,
    allowedOrigins = [],
    advertisedScopes = resource.scopes.map(({ name }) => name),
  } = options;
  const fault = hierarchyFault(resource.scopes);
  if (fault?.fault === 'unknown')
    throw new TypeError(`scopes: ${fault.scope} includes ${fault.included}, which is not among them`);
  if (fault !== undefined) throw new TypeError(`scopes: ${fault.scope} includes itself`);
  const own = new URL(resource.resource).origin;
  const resource_metadata = wellKnownUrl('oauth-protected-resource', resource.resource);
  const document: ProtectedResourceMetadata = {
    resource: resource.resource,
    authorization_servers: [issuer],
    scopes_supported: advertisedScopes,
    bearer_methods_supported: ['header'],
    resource_name: resource.title,
  };
  const places = waitingPlaces();
  const wellKnown = wellKnownPaths(resource, metadata, issuing.documents);
  const forgetTokens = (): void => judge.forget();
  return { resource, metadata, wellKnown, admit, hasScopes, scopesToAskFor, insufficientScope, forgetTokens };

  function metadata(): Response {
    const seconds =
      issuing.documents === undefined ? METADATA_MAX_AGE_SECONDS : FOREIGN_METADATA_MAX_AGE_SECONDS;
    const headers = { 'cache-control': `public, max-age=${seconds}` };
    return jsonResponse(document, { headers });
  }

  async function admit(request: Request, now: number, arrival?: Arrival): Promise<Caller | Response> {
    try {
      if (!isAllowedOrigin(request.headers.get('origin'), own, allowedOrigins))
        throw refuse('origin_forbidden');
      if (hasTokenInQuery(request.url)) throw refuse('token_in_query');
      const authorization = request.headers.get('authorization');
      if (authorization === null) throw refuse('token_missing');
      const token = readBearer(authorization);
      if (token === undefined) throw refuse('token_invalid', { header: 'not a bearer token' });
      const caller = await judge.judgeToken(token, now, arrival && (() => places.senderOf(arrival, now)));
      follow(arrival, caller.grantId, { userId: caller.sub, client_id: caller.client_id });
      options.onAdmission?.(caller, now);
      return caller;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const wait = await secondsToWait(error, now, arrival);
      if (wait !== undefined) return tellToWait(wait, arrival);
      return answer(error, resource.defaultScopes, arrival);
    }
  }

  async function secondsToWait({ reason, facts }: Refusal, now: number, arrival: Arrival | undefined) {
    // Nobody was asked, and nothing new is known of the place.
    if (reason === 'too_many_refused_tokens') return Number(facts['retryAfterSeconds']);
    if (reason !== 'token_invalid' || facts['isOver'] === true) return undefined;
    const wait = await options.waitSeconds?.(arrival);
    if (wait !== undefined && arrival !== undefined) places.note(arrival, wait, now);
    return wait;
  }

  function hasScopes(needed: readonly string[], caller: Caller): boolean {
    return includesScopes(caller.scope, needed, resource.scopes);
  }

  function insufficientScope(needed: readonly string[], caller: Caller): Response {
    const refusal = refuse('scope_insufficient', { grantId: caller.grantId, needed: printScope(needed) });
    const wanted = scopesToAskFor(needed);
    return answer(refusal, fewestScopes([...new Set([...caller.scope, ...wanted])], resource.scopes));
  }

  function scopesToAskFor(needed: readonly string[]): readonly string[] {
    const wanted = needed.map((name) => (advertisedScopes.includes(name) ? name : enoughFor(name)));
    return [...new Set(wanted)];
  }

  /** What a client can ask for in its place. */
  function enoughFor(name: string): string {
    return advertisedScopes.find((broader) => includesScopes([broader], [name], resource.scopes)) ?? name;
  }

  function tellToWait(retryAfterSeconds: number, arrival: Arrival | undefined): Response {
    const refusal = refuse('too_many_refused_tokens', { limit: 'refused_token', retryAfterSeconds });
    options.onRefusal?.(refusal, arrival);
    const { error, sentence, status } = refusal.row;
    const headers = { 'retry-after': String(retryAfterSeconds), ...traced(arrival) };
    return jsonResponse({ error, error_description: sentence }, { status, headers });
  }

  function follow(arrival: Arrival | undefined, grantId: string | undefined, who: Learnt = {}): void {
    const traceId = grantId === undefined ? undefined : issuing.traceOf?.(grantId);
    if (arrival !== undefined) learn(arrival, { ...who, grantId, traceId });
  }

  function answer(refusal: Refusal, scope: readonly string[], arrival?: Arrival): Response {
    const { grantId } = refusal.facts;
    if (typeof grantId === 'string') follow(arrival, grantId);
    options.onRefusal?.(refusal, arrival);
    const { error, sentence, status } = refusal.row;
    if (refusal.reason === 'origin_forbidden')
      return jsonResponse({ error, error_description: sentence }, { status });
    // RFC 6750 §3.1: a request without any credentials gets no error code, only the way in.
    const told =
      refusal.reason === 'token_missing' ? {} : { error: error as never, error_description: sentence };
    const wanted = scope.length === 0 ? {} : { scope: printScope(scope) };
    const challenge = printChallenge({ ...told, ...wanted, resource_metadata });
    // Some clients show people the body alone.
    const missing = refusal.reason === 'scope_insufficient' ? { scope: printScope(scope) } : {};
    return jsonResponse(
      { error, error_description: sentence, ...missing },
      {
        status,
        headers: { 'www-authenticate': challenge, ...traced(arrival) },
      },
    );
  }
}

function traced(arrival: Arrival | undefined): Record<string, string> {
  return arrival === undefined ? {} : { 'sallyport-trace': arrival.traceId };
}

// RFC 6750 §2.3 is not supported on purpose: URLs end up in logs and histories. The cheap test comes first.
function hasTokenInQuery(url: string): boolean {
  return url.includes('access_token') && new URL(url).searchParams.has('access_token');
}
