// Reading a request's body without trusting its length.

/**
 * Counts what really arrives: a chunked body has no Content-Length, and a stated one may lie.
 * @param maxBytes of the body; more is not read
 * @returns the bytes; `too_large`; or `broken` when the body broke off, cannot be decoded, or was read already
 */
export async function readBody(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array | 'too_large' | 'broken'> {
  if (!(Number(request.headers.get('content-length') ?? 0) <= maxBytes)) return 'too_large';
  if (request.bodyUsed) return 'broken';
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > maxBytes) return 'too_large';
      parts.push(part);
    }
  } catch {
    return 'broken';
  }
  return Buffer.concat(parts);
}
