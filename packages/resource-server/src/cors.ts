// Clients run in web pages too: what they read may be read from anywhere (design rule 10). Who may call is another
// question, which `Origin` and the token answer.

/** What web pages may read of an answer besides what they may read of any. */
export const exposedHeaders = [
  'WWW-Authenticate',
  'Retry-After',
  'MCP-Protocol-Version',
  'Mcp-Session-Id',
  'Sallyport-Trace',
];

/** Headers of every answer. */
export const corsHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': exposedHeaders.join(', '),
};

/** @returns the answer itself, or a copy where its headers cannot be changed, as of one that was fetched */
export function anyOrigin(response: Response): Response {
  try {
    for (const [name, value] of Object.entries(corsHeaders)) response.headers.set(name, value);
    return response;
  } catch {
    return anyOrigin(new Response(response.body, response));
  }
}

/**
 * `*` does not stand for Authorization (Fetch, "CORS-preflight fetch"), so it is named.
 * @param status 200 for documents, as web servers answer that know nothing of preflights
 */
export function preflight(methods: string, status: 200 | 204 = 204): Response {
  const headers = {
    'access-control-allow-methods': methods,
    'access-control-allow-headers': `Authorization, Content-Type, Accept, Last-Event-ID, MCP-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name, *`,
    'access-control-max-age': '86400',
  };
  return anyOrigin(new Response(null, { status, headers }));
}
