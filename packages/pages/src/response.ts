// How a page, or the way on from one, leaves: the headers of design §9.
import type { Html } from './html.ts';

/**
 * No `form-action`: it would apply to every redirect after the form as well, cannot express `[::1]`, and would strand
 * people on the page. No `Cross-Origin-Opener-Policy` either: clients open these pages in a popup and wait at
 * `window.opener` for the end, which that header cuts for good.
 */
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** @param traceId also sent as the header `Sallyport-Trace` */
export function pageResponse(
  page: Html,
  options: { readonly status?: number; readonly setCookies?: readonly string[]; readonly traceId: string },
): Response {
  const headers = new Headers(PAGE_HEADERS);
  headers.set('Sallyport-Trace', options.traceId);
  for (const cookie of options.setCookies ?? []) headers.append('Set-Cookie', cookie);
  return new Response(String(page), { status: options.status ?? 200, headers });
}

/**
 * 303: the browser goes on with GET whatever brought it here, and a password is never posted onward (RFC 9700 §4.12).
 * @param location trusted by the caller; characters that a header cannot carry are percent-encoded
 */
export function redirectResponse(
  location: string,
  options: { readonly setCookies?: readonly string[] } = {},
): Response {
  const headers = new Headers({
    Location: location.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
  });
  for (const cookie of options.setCookies ?? []) headers.append('Set-Cookie', cookie);
  return new Response(null, { status: 303, headers });
}
