// The public URL is the issuer: an exact string that clients compare byte for byte (RFC 8414 §3.3), so only one form is taken.

export interface Judgement {
  readonly what: string;
  readonly instead: string;
}

/** @returns what is wrong with it, or undefined */
export function judgePublicUrl(text: string): Judgement | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return {
      what: 'is not an http(s) URL',
      instead: 'Write, for example: publicUrl: https://mcp.example.com',
    };
  }
  if (url.username !== '' || url.password !== '') {
    return { what: 'contains a user name or a password', instead: `Write: publicUrl: ${url.origin}` };
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return {
      what: 'is a public address on plain http, where passwords and tokens could be read on the way',
      instead: `Write: publicUrl: https://${url.host} and put a proxy that ends TLS in front. Only localhost may be http.`,
    };
  }
  if (url.search !== '' || text.includes('?') || text.includes('#')) {
    return { what: 'has a query or a fragment', instead: `Write: publicUrl: ${url.origin}` };
  }
  if (url.pathname !== '/') {
    return {
      what: 'has a path; Sallyport must have a host name of its own',
      instead: `Write: publicUrl: ${url.origin} (the MCP URL is then ${url.origin}/mcp)`,
    };
  }
  if (text !== url.origin) {
    return {
      what: text === `${url.origin}/` ? 'ends with a slash' : 'is not written in its one exact form',
      instead: `Write exactly: publicUrl: ${url.origin} (clients compare it character by character)`,
    };
  }
  return undefined;
}

/** `localhost` and the loopback addresses (RFC 6761 §6.3, RFC 5735 §3); `hostname` as `URL` gives it. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
