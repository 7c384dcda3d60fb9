// Where the browser goes after signing in: a path of this origin, whatever a link said (no open redirect).
import { limits } from './limits.ts';

/**
 * @returns path, query and fragment as the URL parser understands them; `/` for anything that is not a path of this origin
 */
export function readReturnTo(text: string | null | undefined, publicUrl: string): string {
  if (typeof text !== 'string' || text.length > limits.returnToMax) return '/';
  if (!isPlainPath(text)) return '/';
  const home = new URL(publicUrl);
  const url = URL.canParse(text, home.href) ? new URL(text, home.href) : undefined;
  if (url === undefined || url.origin !== home.origin) return '/';
  const path = url.pathname + url.search + url.hash;
  // Judged again: removing dot segments makes "//host" of "/.//host" and of "/%2e//host".
  return isPlainPath(path) && path.length <= limits.returnToMax ? path : '/';
}

// Browsers read a backslash as a slash and drop tabs and line breaks, so "/\host" and "/<tab>/host" leave the origin.
function isPlainPath(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return text.startsWith('/') && !text.startsWith('//') && !/[\\\u0000-\u001f\u007f]/.test(text);
}
