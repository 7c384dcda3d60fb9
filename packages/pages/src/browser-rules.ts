// What the pages must know about where they are served to keep one browser apart from another.
import type { KeyObject } from 'node:crypto';

export interface BrowserRules {
  /** The origin that people open; the only one whose forms are accepted. */
  readonly publicUrl: string;
  /** Whether that origin is https, and cookies can therefore be `Secure` and `__Host-`. */
  readonly secure: boolean;
  /** Signs the CSRF tokens; at least 32 bytes. */
  readonly key: KeyObject;
}

/** @throws TypeError when `publicUrl` is not an http or https URL */
export function browserRules(publicUrl: string, key: KeyObject): BrowserRules {
  const { protocol } = new URL(publicUrl);
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new TypeError('The public URL must begin with https:// or http://.');
  }
  return { publicUrl, secure: protocol === 'https:', key };
}
