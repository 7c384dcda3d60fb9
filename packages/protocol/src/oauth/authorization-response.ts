// RFC 6749 §4.1.2 with `iss` of RFC 9207: what the browser carries back to the client.

export type AuthorizationResponse =
  | { readonly code: string; readonly state?: string; readonly iss: string }
  | {
      readonly error: string;
      readonly error_description?: string;
      readonly state?: string;
      readonly iss: string;
    };

/**
 * @param redirect_uri already trusted; its own query is kept (RFC 6749 §3.1.2), byte for byte
 * @returns the URL to send the browser to
 */
export function printAuthorizationResponse(redirect_uri: string, response: AuthorizationResponse): string {
  const parameters = new URLSearchParams(
    Object.entries(response).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const separator = !redirect_uri.includes('?') ? '?' : /[?&]$/.test(redirect_uri) ? '' : '&';
  return `${redirect_uri}${separator}${parameters.toString()}`;
}
