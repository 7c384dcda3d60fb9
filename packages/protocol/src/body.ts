// Reading a request's body without trusting its length more than HTTP does.

/**
 * @param maxBytes of the body; of one without an announced length, no more is read
 * @returns the bytes; `too_large`; or `broken` when the body broke off, cannot be decoded, or was read already
 */
export async function readBody(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array | 'too_large' | 'broken'> {
  const announced = request.headers.get('content-length');
  if (announced !== null && !(Number(announced) <= maxBytes)) return 'too_large';
  if (request.bodyUsed) return 'broken';
  try {
    // HTTP frames a body by its announced length (RFC 9112 §6.3), so reading it whole is bounded; and it costs a third.
    const body =
      announced === null ? await readInParts(request, maxBytes) : new Uint8Array(await request.arrayBuffer());
    return body === 'too_large' || body.length > maxBytes ? 'too_large' : body;
  } catch {
    return 'broken';
  }
}

async function readInParts(request: Request, maxBytes: number): Promise<Uint8Array | 'too_large'> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > maxBytes) return 'too_large';
    parts.push(part);
  }
  return Buffer.concat(parts);
}
