// The last step: the browser goes back to the client, with the answer or the error, always with `iss` (RFC 9207 §2).
import { pageResponse, redirectResponse, returnToAppPage, returnToSitePage } from '@sallyport/pages';
import { printAuthorizationResponse, type Refusal } from '@sallyport/protocol';
import { shownAs } from '../clients.ts';
import type { AuthorizationServerOptions } from '../options.ts';
import { isVouchedFor } from '../without-pkce.ts';
import type { CheckedAuthorization, TrustedAuthorization } from './steps.ts';

type Answerable = Pick<
  CheckedAuthorization | TrustedAuthorization,
  'client' | 'redirect' | 'state' | 'traceId'
>;

export function respondWithCode(
  to: Answerable,
  code: string,
  request: Request,
  options: AuthorizationServerOptions,
): Response {
  const { state } = to;
  return goBack(to, { code, ...(state !== undefined && { state }), iss: options.issuer }, request, options);
}

export function respondWithError(
  to: Answerable,
  refusal: Refusal,
  request: Request,
  options: AuthorizationServerOptions,
): Response {
  return goBack(to, errorOf(to, refusal, options), request, options);
}

function errorOf({ state }: Answerable, { row }: Refusal, { issuer }: AuthorizationServerOptions) {
  const { error, sentence } = row;
  return { error, error_description: sentence, ...(state !== undefined && { state }), iss: issuer };
}

/**
 * An error before any person was asked. A link to this server that anybody can make must not lead a browser on to wherever
 * they registered (RFC 9700 §4.11.2), so a person is told, and decides, where nobody vouches for the address.
 */
export function respondUnasked(
  to: Answerable,
  refusal: Refusal,
  request: Request,
  options: AuthorizationServerOptions,
): Response {
  if (!isNavigation(request) || isTrustedAddress(to, options)) {
    return respondWithError(to, refusal, request, options);
  }
  const { client, traceId } = to;
  const page = returnToSitePage({
    look: options.look,
    traceId,
    sentence: refusal.row.sentence,
    client: shownAs(client),
    href: printAuthorizationResponse(to.redirect.text, errorOf(to, refusal, options)),
  });
  return pageResponse(page, { status: 400, traceId });
}

/** No site at all, or one that the operator, an initial access token or the list of known clients stands for. */
function isTrustedAddress(
  { client, redirect }: Answerable,
  { recognize, registration }: AuthorizationServerOptions,
): boolean {
  if (redirect.kind !== 'web' || isVouchedFor(client) || client.approvedAt !== undefined) return true;
  const isListedHost =
    client.registeredBy === 'document' && registration.metadataDocuments?.allowedHosts !== undefined;
  return isListedHost || recognize?.(client, redirect.text).known !== undefined;
}

/** A browser says so itself; programs follow redirects. */
const isNavigation = (request: Request): boolean => request.headers.get('sec-fetch-mode') === 'navigate';

function goBack(
  { client, redirect, traceId }: Answerable,
  response: Parameters<typeof printAuthorizationResponse>[1],
  request: Request,
  { look }: AuthorizationServerOptions,
): Response {
  const href = printAuthorizationResponse(redirect.text, response);
  // A redirect to a private-use scheme opens the app but leaves the browser on the page before, whose buttons then mean
  // nothing any more. A browser (it says so itself) gets a page that opens the app and says that one can close it.
  if (redirect.kind !== 'app' || !isNavigation(request)) return redirectResponse(href);
  const name = client.metadata.client_name;
  const page = returnToAppPage({
    look,
    client: name === undefined ? {} : { name },
    href,
    scheme: redirect.host,
    traceId,
  });
  return pageResponse(page, { traceId });
}
