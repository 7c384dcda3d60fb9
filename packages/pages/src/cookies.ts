// The two cookies: who is signed in (`session`), and which browser this is (`browser`).
import { randomBytes } from 'node:crypto';
import { parse, serialize } from 'hono/utils/cookie';
import type { BrowserRules, CookieKind } from './browser-rules.ts';
import { BROWSER_ID_BYTES } from './limits.ts';

export function cookieName({ cookieNames }: BrowserRules, kind: CookieKind): string {
  return cookieNames[kind];
}

/** @returns the cookie's value, or undefined when absent or empty; never trusted further than that */
export function readCookie(request: Request, rules: BrowserRules, kind: CookieKind): string | undefined {
  const name = cookieName(rules, kind);
  return parse(request.headers.get('cookie') ?? '', name)[name] || undefined;
}

/**
 * One `Set-Cookie` value. `SameSite=Lax`, not `Strict`: a client sends the browser here from another site, and the
 * person who is signed in must arrive signed in. Without `maxAgeSeconds` it lives as long as the browser's session.
 * @throws Error when `maxAgeSeconds` is beyond 400 days (34,560,000), which browsers would cut
 */
export function setCookie(
  rules: BrowserRules,
  kind: CookieKind,
  value: string,
  options: { readonly maxAgeSeconds?: number } = {},
): string {
  return serialize(cookieName(rules, kind), value, {
    path: '/',
    httpOnly: true,
    secure: rules.secure,
    sameSite: 'Lax',
    ...(options.maxAgeSeconds === undefined ? {} : { maxAge: options.maxAgeSeconds }),
  });
}

/** A `Set-Cookie` value that ends the cookie. */
export function clearCookie(rules: BrowserRules, kind: CookieKind): string {
  return setCookie(rules, kind, '', { maxAgeSeconds: 0 });
}

/**
 * The browser's own random id: what CSRF tokens and paused authorizations are bound to before anybody signed in.
 * A value that this room cannot have made is replaced.
 * @returns the id, and the `Set-Cookie` value to send when it is new
 */
export function openBrowser(request: Request, rules: BrowserRules): { id: string; setCookie?: string } {
  const presented = readCookie(request, rules, 'browser');
  if (presented !== undefined && isBrowserId(presented)) return { id: presented };
  const id = randomBytes(BROWSER_ID_BYTES).toString('base64url');
  return { id, setCookie: setCookie(rules, 'browser', id) };
}

/** Decoding ignores what it does not know, so only the value that encodes back to itself is one of ours. */
function isBrowserId(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === BROWSER_ID_BYTES && bytes.toString('base64url') === text;
}
