// The only ways for an address to get into a page.
import { LINK_CHARACTERS } from './limits.ts';

/**
 * @returns the URL in its normal form when it is an absolute https URL without a user name or password, and of a length
 *   that people use; undefined for everything else (`javascript:`, `data:`, http, relative)
 */
export function httpsUrl(text: string): string | undefined {
  if (text.length > LINK_CHARACTERS || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  return url.href;
}

/** @returns `text` when it is a path of this origin; `//host` and `/\host` are addresses of other hosts. */
function ownPath(text: string): string | undefined {
  return /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(text) ? text : undefined;
}

/** A link's target: a path of this origin or an https URL. */
export function linkTarget(text: string): string | undefined {
  return ownPath(text) ?? httpsUrl(text);
}

/**
 * A form's target: a path of this origin, because what people type into it is for us alone.
 * @throws TypeError for anything else
 */
export function formTarget(text: string): string {
  const path = ownPath(text);
  if (path === undefined) throw new TypeError('A form of these pages is sent to a path of this origin.');
  return path;
}
