// Reads a submitted form: small, urlencoded, and whole, or nothing.

/**
 * @param maxBytes of the body as sent; one byte more and the rest is not read
 * @returns the fields, or undefined when this is not an `application/x-www-form-urlencoded` body, is too large, is cut
 *   off, or has a broken percent-encoding or UTF-8. Repeated names are kept: ask with `getAll` where one is expected.
 */
export async function readForm(request: Request, maxBytes: number): Promise<URLSearchParams | undefined> {
  if (!isUrlEncoded(request.headers.get('content-type') ?? '')) return undefined;
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return undefined;
  const bytes = await readAtMost(request, maxBytes);
  const text = bytes && decodeUtf8(bytes);
  return text !== undefined && isWhole(text) ? new URLSearchParams(text) : undefined;
}

/** Parameters are ignored, but for a charset other than UTF-8, which would make one body mean two things. */
function isUrlEncoded(contentType: string): boolean {
  const [type, ...parameters] = contentType.toLowerCase().split(';');
  if (type?.trim() !== 'application/x-www-form-urlencoded') return false;
  return parameters.every((parameter) => !/^\s*charset\s*=(?!\s*"?utf-?8"?\s*$)/.test(parameter));
}

/** Counts what really arrives: a chunked body has no Content-Length, and a stated one may lie. */
async function readAtMost(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  if (request.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of request.body as ReadableStream<Uint8Array>) {
      length += part.byteLength;
      if (length > maxBytes) return undefined;
      parts.push(part);
    }
  } catch {
    // The body was cut off, or somebody has read it already: not a form we can answer.
    return undefined;
  }
  return Buffer.concat(parts);
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

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
