// Reads a submitted form: small, urlencoded, and whole, or nothing.
import { readBody } from '@sallyport/protocol';

/**
 * @param maxBytes of the body as sent; one byte more and the rest is not read
 * @returns the fields, or undefined when this is not an `application/x-www-form-urlencoded` body, is too large, is cut
 *   off, or has a broken percent-encoding or UTF-8. Repeated names are kept: ask with `getAll` where one is expected.
 */
export async function readForm(request: Request, maxBytes: number): Promise<URLSearchParams | undefined> {
  if (!isUrlEncoded(request.headers.get('content-type') ?? '')) return undefined;
  const body = await readBody(request, maxBytes);
  const text = typeof body === 'string' ? undefined : decodeUtf8(body);
  return text !== undefined && isWhole(text) ? new URLSearchParams(text) : undefined;
}

/** Parameters are ignored, but for a charset other than UTF-8, which would make one body mean two things. */
function isUrlEncoded(contentType: string): boolean {
  const [type, ...parameters] = contentType.toLowerCase().split(';');
  if (type?.trim() !== 'application/x-www-form-urlencoded') return false;
  return parameters.every((parameter) => !/^\s*charset\s*=(?!\s*"?utf-?8"?\s*$)/.test(parameter));
}

/** `URLSearchParams` would repair both silently; a value that is not what was sent must not be judged. */
function isWhole(text: string): boolean {
  if (/%(?![0-9a-f]{2})/i.test(text)) return false;
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
