// `WWW-Authenticate` of a protected resource: RFC 6750 §3 with `resource_metadata` of RFC 9728 §5.1.
// ASCII only, a single Bearer challenge: what every client of the field reads.

export interface BearerChallenge {
  /** Absent when the request had no token at all (RFC 6750 §3.1). */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  readonly error_description?: string;
  readonly scope?: string;
  readonly resource_metadata?: string;
}

export function printChallenge(challenge: BearerChallenge): string {
  const parts = (['error', 'error_description', 'scope', 'resource_metadata'] as const).flatMap((name) => {
    const value = challenge[name];
    return value === undefined ? [] : [`${name}="${quotable(value)}"`];
  });
  return parts.length === 0 ? 'Bearer' : `Bearer ${parts.join(', ')}`;
}

const quotable = (value: string): string =>
  value.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&');

/** The longest honest one is a few hundred; reading costs the square of it. */
const MAX_CHARACTERS = 4096;

/** @returns the first Bearer challenge of the header, or undefined when there is none or it cannot be read */
export function readChallenge(header: string | null): BearerChallenge | undefined {
  if (header === null || header.length > MAX_CHARACTERS) return undefined;
  // The word inside somebody's quoted text is no challenge.
  const start = [...header.matchAll(/"(?:[^"\\]|\\.)*"|(?:^|[\s,])bearer(?: +|$)/gi)].find(
    ([word]) => !word.startsWith('"'),
  );
  if (start === undefined) return undefined;
  const read: Record<string, string> = {};
  const parameter = /\s*([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)/iy;
  parameter.lastIndex = start.index + start[0].length;
  for (let match = parameter.exec(header); match !== null; match = parameter.exec(header)) {
    const [, name = '', quoted, bare = ''] = match;
    read[name.toLowerCase()] ??= quoted?.replaceAll(/\\(.)/g, '$1') ?? bare;
  }
  const { error, error_description, scope, resource_metadata } = read;
  return {
    ...(isBearerError(error) && { error }),
    ...(error_description !== undefined && { error_description }),
    ...(scope !== undefined && { scope }),
    ...(resource_metadata !== undefined && { resource_metadata }),
  };
}

function isBearerError(text: string | undefined): text is NonNullable<BearerChallenge['error']> {
  return text === 'invalid_request' || text === 'invalid_token' || text === 'insufficient_scope';
}
