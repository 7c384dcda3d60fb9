// Which forms are ours: the token inside, and what the browser says about where the form was.
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { BrowserRules } from './browser-rules.ts';

/**
 * The hidden `csrf` value of a form. Computed, not stored: the same browser and purpose always give the same token, so
 * several tabs, a double load and the Back button stay valid.
 * @param browserId from `openBrowser`
 * @param purpose the form's own word, for example `sign-in` or `consent:<pause>`; a token for one is useless for another
 */
export function csrfToken(rules: BrowserRules, browserId: string, purpose: string): string {
  return signed(rules.keys.current.key, browserId, purpose);
}

/** Compares in constant time; a form that was shown before the key was replaced still counts. @param presented the form's `csrf` value, or whatever came instead */
export function isCsrfToken(
  rules: BrowserRules,
  browserId: string,
  purpose: string,
  presented: string | null | undefined,
): boolean {
  const given = Buffer.from(presented ?? '');
  const equals = (expected: Buffer): boolean =>
    expected.length === given.length && timingSafeEqual(expected, given);
  return rules.keys.known.some(({ key }) => equals(Buffer.from(signed(key, browserId, purpose))));
}

function signed(key: KeyObject, browserId: string, purpose: string): string {
  return createHmac('sha256', key).update(`csrf\n${browserId}\n${purpose}`).digest('base64url');
}

/**
 * Whether a POST comes from a page that is not ours. The second line of defence: the first is the token, bound to a
 * `SameSite=Lax` cookie that a cross-site POST does not carry.
 *
 * `Origin: null` alone means nothing here. Our own pages are sent with `Referrer-Policy: no-referrer`, and under that
 * policy a browser writes `Origin: null` on every form POST, same-origin ones too (Fetch §3.2, "append a request
 * `Origin` header"; seen in Chromium 156, on a reload of the answer as well). It is also what a sandboxed frame of a
 * stranger sends. `Sec-Fetch-Site` tells the two apart (`same-origin` against `cross-site`), and a page cannot forge it.
 * Browsers leave it out on plain http other than loopback, and old ones everywhere: then the token decides alone.
 *
 * `same-site` is refused with `cross-site`: another port of localhost, and a sibling subdomain, are strangers.
 * `none` is the person's own doing (the address bar, a restored tab) and no page can cause it.
 */
export function isCrossSite(request: Request, rules: BrowserRules): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = request.headers.get('origin');
  return origin !== null && origin !== 'null' && origin !== new URL(rules.publicUrl).origin;
}
