// What somebody wrote for a guard, looked at before the first request: a slip here would be a 401 or a 503 for everybody,
// that says nothing of where it comes from. No message holds a secret.
import { isPrivateWay } from '../outgoing.ts';
import type { DelegatedOptions } from './index.ts';
import type { ForeignAuthorizationServer } from './issuer.ts';

/** @throws TypeError that says what to write; types do not stand in the way of JavaScript */
export function judgeOptions(options: DelegatedOptions): void {
  const { resource, authorizationServer, scopes, defaultScopes } = (options ??
    {}) as Partial<DelegatedOptions>;
  const url = typeof resource === 'object' ? resource.resource : resource;
  if (typeof url !== 'string')
    throw new TypeError("resource is missing: write resource: 'https://…/mcp', the URL that people paste");
  judgeUrl('resource', url);
  if (typeof authorizationServer !== 'object' || authorizationServer === null)
    throw new TypeError("authorizationServer is missing: write authorizationServer: { issuer: 'https://…' }");
  judgeServer(authorizationServer);
  judgeScopes(scopes, defaultScopes);
}

function judgeServer(server: ForeignAuthorizationServer): void {
  const { issuer, audience, tokens, introspection, maxTokenAgeSeconds: age } = server;
  if (typeof issuer !== 'string')
    throw new TypeError("issuer is missing: write authorizationServer: { issuer: 'https://…' }");
  judgeUrl('issuer', issuer);
  if (issuer.includes('/.well-known/'))
    throw new TypeError(`issuer is what the metadata calls issuer, not where the metadata is: ${issuer}`);
  if (audience !== undefined && [audience].flat().length === 0)
    throw new TypeError('audience is an empty list: no token could be for this server');
  if (age !== undefined && !(Number.isSafeInteger(age) && age > 0))
    throw new TypeError('maxTokenAgeSeconds is a whole number of seconds, 1 or more');
  if (tokens === false && introspection === undefined)
    throw new TypeError('tokens: false needs introspection: nobody could judge a token');
}

/** Without what RFC 8707 §2 and RFC 8414 §2 keep out of it, and nothing travels in the clear. */
function judgeUrl(name: string, url: string): void {
  if (!isPrivateWay(url)) throw new TypeError(`${name} must be https, or http on this computer: ${url}`);
  const { hash, search, username, password } = new URL(url);
  if (username !== '' || password !== '')
    throw new TypeError(`${name} must not hold a user name or password`);
  if (hash !== '' || search !== '') throw new TypeError(`${name} must end before any ? or #: ${url}`);
}

function judgeScopes(scopes: unknown = [], defaultScopes: unknown = []): void {
  if (!Array.isArray(scopes) || !Array.isArray(defaultScopes))
    throw new TypeError("scopes and defaultScopes are lists: write scopes: ['notes:read', 'notes:write']");
  const names = scopes.map((scope: unknown) =>
    typeof scope === 'string' ? scope : (scope as { readonly name: unknown }).name,
  );
  // RFC 6749 §3.3
  const odd = names.find((name) => typeof name !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name));
  if (odd !== undefined) throw new TypeError(`scopes: ${JSON.stringify(odd)} is no name of a scope`);
  const unknown: unknown = defaultScopes.find((name) => !names.includes(name as string));
  if (names.length > 0 && unknown !== undefined)
    throw new TypeError(`defaultScopes: ${JSON.stringify(unknown)} is not among scopes`);
}
