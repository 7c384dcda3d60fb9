// Under which name was this server asked? Only its own is answered: another name means DNS rebinding, or a person who
// should be on the public URL, where the cookies are.

import { isLoopbackHost } from '../config/public-url.ts';

export interface Asked {
  readonly method: string;
  /** Absolute URL: its authority is the request's Host header (or the absolute form's, RFC 9112 §3.2.2). */
  readonly url: string;
  readonly accept: string | null;
  /** X-Forwarded-Host; only tells whether a redirect would come back here. */
  readonly forwardedHost: string | null;
}

export type HostVerdict =
  | { readonly verdict: 'serve' }
  | { readonly verdict: 'redirect'; readonly location: string }
  | { readonly verdict: 'refuse' };

const serve: HostVerdict = { verdict: 'serve' };
const refuse: HostVerdict = { verdict: 'refuse' };

/** Probes of an orchestrator use the address of the machine; these answers hold nothing of anybody. */
const anyNamePaths: ReadonlySet<string> = new Set(['/health', '/api/health', '/ready']);

/**
 * - the public URL's host: served;
 * - another loopback name with the same port: it is this machine, so clients are served, but a page is redirected, so
 *   that its cookies are all on one host;
 * - a loopback name while the public URL is elsewhere: served, because a proxy on this machine rewrote the name and a
 *   redirect would go around in circles; a stranger's page cannot send it;
 * - any other name: a page is redirected, everything else is refused.
 * @param publicUrl without a slash at the end
 */
export function judgeHost(asked: Asked, publicUrl: string): HostVerdict {
  const [own, path] = splitUrl(publicUrl, asked.url);
  if (own) return serve;
  const ours = new URL(publicUrl);
  const url = new URL(asked.url);
  // The socket knows no TLS, and proxies add ports of their own: with https the name alone decides.
  if (url.hostname === ours.hostname && (ours.protocol === 'https:' || portOf(url) === portOf(ours)))
    return serve;
  if (anyNamePaths.has(url.pathname)) return serve;
  const isPage = (asked.method === 'GET' || asked.method === 'HEAD') && acceptsHtml(asked.accept);
  const location = `${publicUrl}${path}`;
  if (isLoopbackHost(url.hostname)) {
    if (!isLoopbackHost(ours.hostname)) return serve;
    if (portOf(url) === portOf(ours)) return isPage ? { verdict: 'redirect', location } : serve;
  }
  if (!isPage) return refuse;
  // The browser is on the public URL already; the proxy changed the name and would change it again.
  return asked.forwardedHost?.toLowerCase() === ours.host ? refuse : { verdict: 'redirect', location };
}

/** The usual case without parsing: whether `url` has the authority of `publicUrl`; and its path with the query. */
function splitUrl(publicUrl: string, url: string): [own: boolean, path: string] {
  const start = url.indexOf('//') + 2;
  const end = url.indexOf('/', start);
  const path = end === -1 ? '/' : url.slice(end);
  const authority = end === -1 ? url.slice(start) : url.slice(start, end);
  return [authority === publicUrl.slice(publicUrl.indexOf('//') + 2), path];
}

function portOf(url: URL): string {
  return url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
}

/** Only a browser that opens a page names text/html; clients send JSON, event streams or anything. */
function acceptsHtml(accept: string | null): boolean {
  return accept !== null && /(?:^|,)\s*text\/html\s*(?:[;,]|$)/i.test(accept);
}
