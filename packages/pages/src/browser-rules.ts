// What the pages must know about where they are served to keep one browser apart from another.
import type { KeyObject } from 'node:crypto';

export type CookieKind = 'session' | 'browser';

export interface BrowserRules {
  /** The origin that people open; the only one whose forms are accepted. */
  readonly publicUrl: string;
  /** Whether that origin is https, and cookies can therefore be `Secure` and `__Host-`. */
  readonly secure: boolean;
  readonly cookieNames: Readonly<Record<CookieKind, string>>;
  readonly keys: FormKeys;
}

/** Sign the CSRF tokens; at least 32 bytes each. What it answers may change, since keys are replaced while the server runs. */
export interface FormKeys {
  /** Signs what is made now. */
  readonly current: { readonly key: KeyObject };
  /** All that are accepted, `current` among them. */
  readonly known: readonly { readonly key: KeyObject }[];
}

/** @throws TypeError when `publicUrl` is not an http or https URL */
export function browserRules(publicUrl: string, keys: FormKeys): BrowserRules {
  const { protocol, port } = new URL(publicUrl);
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new TypeError('The public URL must begin with https:// or http://.');
  }
  const secure = protocol === 'https:';
  const nameOf = (kind: CookieKind): string =>
    secure ? secureCookieName(kind) : plainCookieName(kind, port);
  return { publicUrl, secure, cookieNames: { session: nameOf('session'), browser: nameOf('browser') }, keys };
}

/** `__Host-` keeps sibling hosts from planting a cookie (RFC 6265bis §4.1.3.2). It needs https. */
const secureCookieName = (kind: CookieKind): string => `__Host-sallyport-${kind}`;

/** On http, cookies are shared by every port of a host: two Sallyports on one machine must not collide. */
const plainCookieName = (kind: CookieKind, port: string): string => `sallyport-${kind}-${port || '80'}`;
