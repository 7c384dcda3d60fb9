// Under which name was this server asked? Only its own is answered: another name means DNS rebinding, or a person who
// should be on the public URL, where the cookies are.

import { isLoopbackHost } from '../config/public-url.ts';

/** What of a `Request` decides. Its URL's authority is the Host header (or the absolute form's, RFC 9112 §3.2.2). */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Pick<Headers, 'get'>;
}

export type HostVerdict =
  | { readonly verdict: 'serve' }
  | { readonly verdict: 'redirect'; readonly location: string }
  | { readonly verdict: 'refuse' };

const serve: HostVerdict = { verdict: 'serve' };
const refuse: HostVerdict = { verdict: 'refuse' };

/**
 * Probes of an orchestrator use the address of the machine, and so does a monitor, which has to ask every instance. These
 * answers hold nothing of anybody, or ask for a token that no browser has.
 */
const anyNamePaths: ReadonlySet<string> = new Set(['/live', '/health', '/api/health', '/ready', '/metrics']);

/**
 * - the public URL's host: served;
 * - another loopback name with the same port: it is this machine, so clients are served, but a page is redirected, so
 *   that its cookies are all on one host;
 * - a loopback name while the public URL is elsewhere: served, because a proxy on this machine rewrote the name and a
 *   redirect would go around in circles; a stranger's page cannot send it;
 * - any other name: a page is redirected, everything else is refused.
 * @param publicUrl without a slash at the end
 */
export function hostRule(publicUrl: string): (asked: Asked) => HostVerdict {
  const ours = new URL(publicUrl);
  const { host } = ours;
  return (asked) => {
    // The usual case costs no parsing.
    const [authority, path] = splitUrl(asked.url);
    if (authority === host) return serve;
    const url = new URL(asked.url);
    // The socket knows no TLS, and proxies add ports of their own: with https the name alone decides.
    const isSamePort = portOf(url) === portOf(ours);
    if (url.hostname === ours.hostname && (isSamePort || ours.protocol === 'https:')) return serve;
    if (anyNamePaths.has(url.pathname)) return serve;
    const isPage = opensPage(asked);
    const redirect: HostVerdict = { verdict: 'redirect', location: `${publicUrl}${path}` };
    if (isLoopbackHost(url.hostname)) {
      if (!isLoopbackHost(ours.hostname)) return serve;
      if (isSamePort) return isPage ? redirect : serve;
    }
    if (!isPage) return refuse;
    // The browser is on the public URL already; the proxy changed the name and would change it again. X-Forwarded-Host
    // is anybody's word, which is enough to choose between two ways of not serving.
    return asked.headers.get('x-forwarded-host')?.toLowerCase() === host ? refuse : redirect;
  };
}

/** The authority of an absolute URL, and its path with the query. */
function splitUrl(url: string): [authority: string, path: string] {
  const start = url.indexOf('//') + 2;
  const end = url.indexOf('/', start);
  return end === -1 ? [url.slice(start), '/'] : [url.slice(start, end), url.slice(end)];
}

function portOf(url: URL): string {
  return url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
}

/** Only a browser that opens a page names text/html; clients send JSON, event streams or anything. */
function opensPage({ method, headers }: Asked): boolean {
  const accept = headers.get('accept') ?? '';
  return (method === 'GET' || method === 'HEAD') && /(?:^|,)\s*text\/html\s*(?:[;,]|$)/i.test(accept);
}
