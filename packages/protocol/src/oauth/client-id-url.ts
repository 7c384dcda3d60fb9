// A client_id that is a URL: where the client's metadata document is (draft-ietf-oauth-client-id-metadata-document §3).

/** Longer than any of the field's, short enough for an index and a line of the log. */
const MAX_CHARACTERS = 512;

/** Whether the client_id is meant to be a URL; of anything else no document can be fetched. */
export function isClientIdUrl(client_id: string): boolean {
  return /^https?:/i.test(client_id);
}

/**
 * §3: https, a path, no user name, no fragment, no dot segments. It is taken in the one spelling that every URL parser
 * would print (lower-case host, no default port, ASCII only), so that one document is one client.
 * @returns undefined when it is not one
 */
export function readClientIdUrl(client_id: string): URL | undefined {
  if (client_id.length > MAX_CHARACTERS) return undefined;
  const url = URL.parse(client_id);
  const isTaken =
    url?.protocol === 'https:' &&
    url.href === client_id &&
    url.username === '' &&
    url.password === '' &&
    !client_id.includes('#') &&
    url.pathname !== '/' &&
    !url.hostname.endsWith('.');
  return isTaken ? url : undefined;
}
