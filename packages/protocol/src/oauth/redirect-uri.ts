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
  /**
   * Scheme, host and port (web), scheme and host (loopback), scheme and authority (app): what consent is bound to. The
   * whole URI for a GPT's callback, since GPTs of many makers share one host.
   */
  readonly origin: string;
}

/** A redirect URI as it may be registered: one URI, or the form of every GPT's callback. */
export interface RegisteredRedirectUri extends RedirectUri {
  /** No browser is ever sent to the text itself then; its origin ends before the GPT's id. */
  readonly isWildcard: boolean;
}

/** Why a redirect URI is not accepted; `forbidden_scheme` is never an honest mistake. */
export type RedirectFault =
  | 'malformed'
  | 'forbidden_scheme'
  | 'fragment'
  | 'credentials'
  | 'insecure_http'
  /** A `*` anywhere but in one of the two forms that have a meaning. */
  | 'wildcard'
  /** The operator lets no apps in that are called by a scheme of their own. */
  | 'private_use_scheme';

/** What the operator decides about redirect URIs. */
export interface RedirectPolicy {
  /** Whether a scheme such as `cursor://` may be returned to (RFC 8252 §7.1); the forbidden ones never may. */
  readonly privateUseSchemes: 'allow' | 'deny';
}

// Schemes that run code in, read files for, or are owned by the browser or the system: a code must never go there.
const forbidden = new Set(
  (
    'javascript data file vbscript blob about filesystem view-source ws wss ftp ftps mailto tel sms intent ' +
    'chrome chrome-extension moz-extension resource jar content android-app ms-appx mhtml wyciwyg ' +
    'ms-msdt ms-officecmd ms-settings search search-ms shell hcp'
  ).split(' '),
);
// Brackets belong to an IPv6 address only (§3.2.2).
const isWrittenAsUri =
  /^(?:[a-z][a-z0-9+.-]*:\/\/\[[0-9a-f:.]+\])?(?:[\w\-.~:/?#@!$&'()*+,;=]|%[0-9a-f]{2})*$/i;
const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::([0-9]{1,5}))?($|[/?].*$)/;

/** The two texts that stand for the callback of every GPT with actions, whose id changes with each edit of them. */
export const gptWildcards = [
  'https://chat.openai.com/aip/g-*/oauth/callback',
  'https://chatgpt.com/aip/g-*/oauth/callback',
] as const;
// What `*` stands for: the id of one GPT. Ids in use have 9 to 40 letters and digits.
const gptCallback =
  /^(https:\/\/(?:chat\.openai\.com|chatgpt\.com)\/aip\/g-)[A-Za-z0-9]{1,64}(\/oauth\/callback)$/;

/** Whether it is where one GPT's actions return to, or the wildcard for all of them. */
export function isGptCallback(text: string): boolean {
  return gptCallback.test(text) || isGptWildcard(text);
}

/** Whether it is one of `gptWildcards`, to the character. */
export function isGptWildcard(text: string): boolean {
  return gptWildcards.some((wildcard) => wildcard === text);
}

/**
 * For registration, where alone a wildcard may be written.
 * @returns the judged URI, or why it is refused
 */
export function readRegisteredRedirectUri(
  text: string,
  policy: RedirectPolicy,
): RegisteredRedirectUri | RedirectFault {
  if (isGptWildcard(text)) {
    const { host, origin } = new URL(text);
    return { text, kind: 'web', host, origin, isWildcard: true };
  }
  const read = readRedirectUri(text, policy);
  return typeof read === 'string' ? read : { ...read, isWildcard: false };
}

/**
 * For authorization: a place that a browser can be sent to.
 * @returns the judged URI, or why it is refused
 */
export function readRedirectUri(text: string, policy: RedirectPolicy): RedirectUri | RedirectFault {
  // RFC 3986 §2, which is printable ASCII without the characters that URL parsers disagree about.
  if (text.length > 2048 || !isWrittenAsUri.test(text)) return 'malformed';
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return 'malformed';
  if (forbidden.has(scheme)) return 'forbidden_scheme';
  if (text.includes('#')) return 'fragment';
  if (text.includes('*')) return 'wildcard';
  const url = URL.parse(text);
  if (url === null) return 'malformed';
  // Empty ones too, which the parser does not tell.
  if (/^[^/?]*\/\/[^/?]*@/.test(text)) return 'credentials';
  // With fewer or more slashes parsers disagree about where it goes: a browser resolves `https:host/path` against our page.
  if (scheme === 'https' && !/^https:\/\/[^/]/i.test(text)) return 'malformed';
  if (scheme === 'https')
    return { text, kind: 'web', host: url.host, origin: gptCallback.test(text) ? text : url.origin };
  if (scheme === 'http') {
    const host = loopback.exec(text)?.[1];
    if (host === undefined) return 'insecure_http';
    return { text, kind: 'loopback', host, origin: `http://${host}` };
  }
  if (policy.privateUseSchemes === 'deny') return 'private_use_scheme';
  return { text, kind: 'app', host: scheme, origin: `${scheme}://${url.host}` };
}

/**
 * Whether the redirect URI that was asked for is the registered one: by exact string, but any port on the same
 * loopback host (RFC 8252 §7.3; `localhost` too, which native clients use), and any GPT where all were registered.
 */
export function isRegisteredRedirectUri(registered: string, asked: string): boolean {
  // A wildcard is no place, so asking for one is asking for nothing that was registered.
  if (asked.includes('*')) return false;
  if (registered === asked) return true;
  if (isGptWildcard(registered)) return asked.replace(gptCallback, '$1*$2') === registered;
  const [, host, , rest] = loopback.exec(registered) ?? [];
  const [, askedHost, askedPort, askedRest] = loopback.exec(asked) ?? [];
  if (host === undefined || host !== askedHost || rest !== askedRest) return false;
  return askedPort === undefined || Number(askedPort) <= 65_535;
}
