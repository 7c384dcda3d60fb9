// One rule for redirect URIs, used when they are registered and again when they are asked for
// (RFC 6749 §3.1.2, RFC 8252 §7, OAuth 2.1 §2.3.1; design rule 6).

export type RedirectKind =
  /** https: a server on the web. */
  | 'web'
  /** http on 127.0.0.1, [::1] or localhost: a program on this computer, on whatever port it found free. */
  | 'loopback'
  /** A private-use scheme such as `cursor://`: the app that the computer opens for it. */
  | 'app';

export interface RedirectUri {
  readonly text: string;
  readonly kind: RedirectKind;
  /** What a person is shown: `claude.ai`, `localhost`, `cursor`. */
  readonly host: string;
  /** Scheme, host and port (web), scheme and host (loopback), scheme and authority (app): what consent is bound to. */
  readonly origin: string;
}

/** Why a redirect URI is not accepted; `forbidden_scheme` is never an honest mistake. */
export type RedirectFault = 'malformed' | 'forbidden_scheme' | 'fragment' | 'credentials' | 'insecure_http';

// Schemes that run code in, read files for, or are owned by the browser or the system: a code must never go there.
const forbidden = new Set(
  (
    'javascript data file vbscript blob about filesystem view-source ws wss ftp ftps mailto tel sms intent ' +
    'chrome chrome-extension moz-extension resource jar content android-app ms-appx mhtml wyciwyg ' +
    'ms-msdt ms-officecmd ms-settings search search-ms shell hcp'
  ).split(' '),
);
const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::([0-9]{1,5}))?($|[/?].*$)/;

/** @returns the judged URI, or why it is refused */
export function readRedirectUri(text: string): RedirectUri | RedirectFault {
  // Printable ASCII without the characters that URL parsers disagree about.
  if (text.length > 2048 || !/^[\x21-\x7e]+$/.test(text) || /[\\"<>^`{|}]/.test(text)) return 'malformed';
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return 'malformed';
  if (forbidden.has(scheme)) return 'forbidden_scheme';
  if (text.includes('#')) return 'fragment';
  const url = URL.parse(text);
  if (url === null) return 'malformed';
  if (url.username !== '' || url.password !== '') return 'credentials';
  // With fewer or more slashes parsers disagree about where it goes: a browser resolves `https:host/path` against our page.
  if (scheme === 'https' && !/^https:\/\/[^/]/i.test(text)) return 'malformed';
  if (scheme === 'https') return { text, kind: 'web', host: url.host, origin: url.origin };
  if (scheme === 'http') {
    const host = loopback.exec(text)?.[1];
    if (host === undefined) return 'insecure_http';
    return { text, kind: 'loopback', host, origin: `http://${host}` };
  }
  return { text, kind: 'app', host: scheme, origin: `${scheme}://${url.host}` };
}

/**
 * Whether the redirect URI that was asked for is the registered one: by exact string, but any port on the same
 * loopback host (RFC 8252 §7.3; `localhost` too, which native clients use).
 */
export function isRegisteredRedirectUri(registered: string, asked: string): boolean {
  if (registered === asked) return true;
  const [, host, , rest] = loopback.exec(registered) ?? [];
  const [, askedHost, askedPort, askedRest] = loopback.exec(asked) ?? [];
  if (host === undefined || host !== askedHost || rest !== askedRest) return false;
  return askedPort === undefined || Number(askedPort) <= 65_535;
}
