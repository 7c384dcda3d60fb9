// The `Authorization` header: RFC 6750 §2.1 (Bearer) and RFC 6749 §2.3.1 (Basic).

const MAX_CHARACTERS = 16_384;

/** @returns the token, or undefined when the header is absent, of another scheme, or not `b64token` */
export function readBearer(header: string | null): string | undefined {
  if (header === null || header.length > MAX_CHARACTERS) return undefined;
  return /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header)?.[1];
}

/**
 * @returns the credentials; 'malformed' when it is Basic but cannot be read; undefined when it is not Basic.
 * Client id and secret may be form-encoded, as the RFC says, or raw, as many clients send them: ours need neither.
 */
export function readBasic(
  header: string | null,
): { readonly client_id: string; readonly client_secret: string } | 'malformed' | undefined {
  if (header === null || !/^basic( |$)/i.test(header)) return undefined;
  const encoded = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(header)?.[1];
  if (encoded === undefined || header.length > MAX_CHARACTERS) return 'malformed';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return 'malformed';
  const client_id = formDecoded(text.slice(0, colon));
  const client_secret = formDecoded(text.slice(colon + 1));
  return client_id === undefined || client_secret === undefined ? 'malformed' : { client_id, client_secret };
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
