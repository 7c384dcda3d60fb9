// Where metadata lives: the well-known name is inserted between host and path (RFC 8414 §3.1, RFC 9728 §3.1).

export type WellKnownName =
  | 'oauth-authorization-server'
  | 'openid-configuration'
  | 'oauth-protected-resource';

/** @returns the metadata URL of an issuer or resource identifier, its path inserted and a trailing slash dropped */
export function wellKnownUrl(name: WellKnownName, identifier: string): string {
  const url = new URL(identifier);
  return `${url.origin}/.well-known/${name}${url.pathname.replace(/\/$/, '')}${url.search}`;
}
