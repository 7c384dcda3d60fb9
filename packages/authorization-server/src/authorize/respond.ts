// The last step: the browser goes back to the client, with the answer or the error, always with `iss` (RFC 9207 §2).
import { redirectResponse, pageResponse, returnToAppPage } from '@sallyport/pages';
import { printAuthorizationResponse, type Refusal } from '@sallyport/protocol';
import type { AuthorizationServerOptions } from '../options.ts';
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
  const { state } = to;
  const { error, sentence } = refusal.row;
  const response = {
    error,
    error_description: sentence,
    ...(state !== undefined && { state }),
    iss: options.issuer,
  };
  return goBack(to, response, request, options);
}

function goBack(
  { client, redirect, traceId }: Answerable,
  response: Parameters<typeof printAuthorizationResponse>[1],
  request: Request,
  { look }: AuthorizationServerOptions,
): Response {
  const href = printAuthorizationResponse(redirect.text, response);
  // A redirect to a private-use scheme opens the app but leaves the browser on the page before, whose buttons then mean
  // nothing any more. A browser (it says so itself) gets a page that opens the app and says that one can close it.
  if (redirect.kind !== 'app' || request.headers.get('sec-fetch-mode') !== 'navigate')
    return redirectResponse(href);
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
