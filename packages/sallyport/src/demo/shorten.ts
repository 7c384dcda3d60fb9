// What may be shown of a secret: enough to recognise it in the next step, too little to use it.

const shownCharacters = 6;

/** Values of these names are secrets whatever they look like. */
const secretNames: ReadonlySet<string> = new Set([
  'access_token',
  'authorization',
  'code',
  'code_verifier',
  'csrf',
  'password',
  'refresh_token',
  'setup',
  'token',
]);

/** Tokens, digests and ids: long runs of base64url, several with dots between them for a JWT. */
const tokenLike = /[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]{4,})*/g;

/** Words of the wire are long too, but of one case and not hexadecimal. */
const isRandom = (text: string): boolean => /[a-z]/.test(text) && /[A-Z]/.test(text);
const isHexadecimal = (text: string): boolean => /^[0-9a-f-]+$/i.test(text);

/** @param name of the parameter, member or header that holds the value */
export function shortenValue(name: string, value: string): string {
  if (name === 'password') return '…';
  if (name === 'authorization') return value.replace(/\S+$/, (token) => cut(token));
  return secretNames.has(name) ? cut(value) : shortenText(value);
}

/** Text with every token-like part shortened. */
export function shortenText(text: string): string {
  return text.replaceAll(tokenLike, (run) => (isRandom(run) || isHexadecimal(run) ? cut(run) : run));
}

/** `name=value` of a cookie; what is after the first semicolon is no secret. */
export function shortenCookie(cookie: string): string {
  return cookie.replace(/^([^=;]+)=([^;]*)/, (_, name: string, value: string) => `${name}=${cut(value)}`);
}

/** All JWTs of a server begin alike; their signatures tell them apart. */
function cut(secret: string): string {
  if (secret.length < shownCharacters * 2) return '…';
  return secret.includes('.')
    ? `${secret.slice(0, 3)}…${secret.slice(-shownCharacters)}`
    : `${secret.slice(0, shownCharacters)}…`;
}
