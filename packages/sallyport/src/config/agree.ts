// What one key's own rules cannot see: whether the keys agree with each other. Works on values that may be wrong in other ways.

import { comparableResource, hierarchyFault } from '@sallyport/protocol';
import { judgeAuthorizationServer } from './authorization-server/judge.ts';
import { judgeClients } from './clients.ts';
import { isMap } from './layers.ts';
import { bounds, defaults } from './limits.ts';
import { nearest } from './nearest.ts';
import { printPath } from './problem.ts';
import type { Path, Place, Problem } from './problem.ts';
import { isLoopbackHost } from './public-url.ts';
import { reservedWords } from './reserved-words.ts';
import { judgeSignIn } from './sign-in/judge.ts';
import { toolsetScopes } from './toolset-scopes.ts';

export function judgeAgreement(
  values: Readonly<Record<string, unknown>>,
  place: (path: Path) => Place,
  report: (problem: Problem) => void,
): void {
  const say = (path: Path, what: string, instead: string): void =>
    report({ key: printPath(path), place: place(path), what, instead });
  judgeServers(entries(values['servers']), say);
  judgeResources(values, say);
  judgeAuthorizationServer(values, say);
  judgeSignIn(values, say);
  judgeLifetimes(values, say);
  judgeDocuments(values, say);
  judgeClients(values, say);
  judgeKnownClients(values, say);
  judgeRegistration(values, say);
}

type Say = (path: Path, what: string, instead: string) => void;
type Entry = { readonly index: number; readonly entry: Readonly<Record<string, unknown>> };

function judgeServers(servers: readonly Entry[], say: Say): void {
  const names = new Map<unknown, number>();
  const paths = new Map<unknown, number>();
  let first: number | undefined;
  for (const { index, entry } of servers) {
    const { name } = entry;
    if (typeof name === 'string') {
      const other = names.get(name);
      if (other !== undefined) {
        say(
          ['servers', index, 'name'],
          `is "${name}", as is servers[${other}].name`,
          'Give every server a name of its own.',
        );
      } else {
        names.set(name, index);
      }
    }
    judgeAliases(['servers', index, 'scopeAliases'], entry['scopeAliases'], namesOfToolset(entry), say);
    const path = entry['path'] ?? (typeof name === 'string' ? `/mcp/${name}` : undefined);
    if (typeof path === 'string') {
      const other = paths.get(path);
      if (other !== undefined && names.get(name) === index) {
        say(
          ['servers', index, 'path'],
          `is ${path}, where servers[${other}] answers already`,
          `Write: path: /mcp/${String(name)}`,
        );
      } else {
        paths.set(path, index);
      }
      if (
        path.startsWith('/mcp/') &&
        typeof name === 'string' &&
        path !== `/mcp/${name}` &&
        !reservedWords.includes(name)
      ) {
        say(['servers', index, 'path'], 'names another server than its own', `Write: path: /mcp/${name}`);
      }
    }
    if (entry['default'] === true) {
      if (first !== undefined) {
        say(
          ['servers', index, 'default'],
          `is true, as is servers[${first}].default`,
          'Let at most one server be the default.',
        );
      } else {
        first = index;
      }
    }
  }
}

/** Servers that run elsewhere: told apart by name and by URL, from each other and from those behind the gate. */
function judgeResources(values: Readonly<Record<string, unknown>>, say: Say): void {
  const names = new Map<unknown, string>();
  const urls = new Map<string, string>();
  const { publicUrl, servers } = values;
  const isAt = (path: unknown, where: string): void => {
    if (typeof publicUrl !== 'string' || typeof path !== 'string') return;
    urls.set(comparableResource(`${publicUrl}${path}`) ?? '', where);
  };
  if (servers === undefined) {
    names.set('records', 'the name of the server that is there by default');
    isAt('/mcp', 'the server answers that is there by default');
  }
  for (const { index, entry } of entries(servers)) {
    names.set(entry['name'], `servers[${index}].name`);
    isAt(entry['path'] ?? `/mcp/${String(entry['name'])}`, `servers[${index}] answers`);
  }
  for (const { index, entry } of entries(values['resources'])) {
    const at = `resources[${index}]`;
    const { name, resource, scopes, defaultScopes } = entry;
    const namesake = names.get(name);
    if (typeof name === 'string' && namesake !== undefined)
      say(['resources', index, 'name'], `is "${name}", as is ${namesake}`, 'Give it a name of its own.');
    else names.set(name, `${at}.name`);
    const url = typeof resource === 'string' ? comparableResource(resource) : undefined;
    const other = url === undefined ? undefined : urls.get(url);
    if (other !== undefined)
      say(['resources', index, 'resource'], `is where ${other}`, 'Name each server once.');
    else if (url !== undefined) urls.set(url, `${at} answers`);
    if (!isMap(scopes)) continue;
    judgeScopes(index, scopes, defaultScopes, say);
    judgeAliases(['resources', index, 'scopeAliases'], entry['scopeAliases'], Object.keys(scopes), say);
  }
}

function judgeScopes(
  index: number,
  scopes: Readonly<Record<string, unknown>>,
  defaultScopes: unknown,
  say: Say,
): void {
  const path = ['resources', index, 'scopes'];
  const names = Object.keys(scopes);
  if (names.length === 0) say(path, 'is empty', 'Write, for example: scopes: { read: read your notes }');
  for (const name of names) {
    if (name === 'offline_access')
      say([...path, name], 'is granted by the server itself', 'Remove the line.');
    else if (!isScopeName(name))
      say(
        [...path, name],
        'is no name of a scope',
        'Use letters, digits and marks without spaces, for example: read',
      );
  }
  judgeHierarchy(path, scopes, say);
  if (!Array.isArray(defaultScopes)) return;
  const unknown = defaultScopes
    .filter((name) => typeof name === 'string')
    .find((name) => !names.includes(name));
  if (unknown !== undefined)
    say(
      ['resources', index, 'defaultScopes'],
      `names "${unknown}", which is not among its scopes`,
      `Write, for example: defaultScopes: [${names[0] ?? 'read'}]`,
    );
}

function judgeHierarchy(path: Path, scopes: Readonly<Record<string, unknown>>, say: Say): void {
  const known = Object.entries(scopes).map(([name, said]) => {
    const includes = isMap(said) && Array.isArray(said['includes']) ? said['includes'] : [];
    return { name, description: '', includes: includes.filter((one) => typeof one === 'string') };
  });
  const found = hierarchyFault(known);
  if (found === undefined) return;
  const at = [...path, found.scope, 'includes'];
  if (found.fault === 'cycle')
    return say(at, 'leads back to this scope', 'Let only the broader scope include the other.');
  sayUnknownScope(at, found.included, Object.keys(scopes), say);
}

function sayUnknownScope(path: Path, written: string, names: readonly string[], say: Say): void {
  const meant = nearest(written, names);
  say(
    path,
    `names "${written}", which is not among its scopes`,
    meant === undefined ? `Known scopes here are: ${names.join(', ')}.` : `Did you mean \`${meant}\`?`,
  );
}

/** @param names of the server's scopes; undefined when it is not known which it has */
function judgeAliases(path: Path, aliases: unknown, names: readonly string[] | undefined, say: Say): void {
  if (!isMap(aliases) || names === undefined) return;
  for (const [alias, meant] of Object.entries(aliases)) {
    const at = [...path, alias];
    if (names.includes(alias)) say(at, 'is a scope of this server already', 'Remove the line.');
    else if (alias === 'offline_access') say(at, 'is granted by the server itself', 'Remove the line.');
    else if (!isScopeName(alias))
      say(
        at,
        'is no name of a scope',
        'Use letters, digits and marks without spaces, for example: mcp:tools',
      );
    const named: readonly unknown[] = Array.isArray(meant) ? meant : [];
    const unknown = named.find((name) => typeof name === 'string' && !names.includes(name));
    if (typeof unknown === 'string') sayUnknownScope(at, unknown, names, say);
  }
}

function namesOfToolset({ toolset }: Entry['entry']): readonly string[] | undefined {
  const isKnown = typeof toolset === 'string' && Object.hasOwn(toolsetScopes, toolset);
  return isKnown ? toolsetScopes[toolset]?.map(({ name }) => name) : undefined;
}

/** RFC 6749 §3.3 */
function isScopeName(name: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name) && name.length <= bounds.scopeNameCharacters;
}

/** What is for development must not be forgotten in a configuration that others can reach. */
function judgeDocuments({ publicUrl, registration }: Readonly<Record<string, unknown>>, say: Say): void {
  const documents = isMap(registration) ? registration['metadataDocuments'] : undefined;
  if (!isMap(documents) || documents['allowLoopbackForDevelopment'] !== true) return;
  const url = typeof publicUrl === 'string' ? URL.parse(publicUrl) : null;
  if (url === null || isLoopbackHost(url.hostname)) return;
  say(
    ['registration', 'metadataDocuments', 'allowLoopbackForDevelopment'],
    'is true while publicUrl is not this machine, so strangers could have it read what is served inside',
    'Remove the line.',
  );
}

/** A file that nobody signed is not believed, and a key without a file is a slip. */
function judgeKnownClients({ knownClients }: Readonly<Record<string, unknown>>, say: Say): void {
  if (!isMap(knownClients)) return;
  const { file, publicKey } = knownClients;
  if (file !== undefined && publicKey === undefined)
    say(
      ['knownClients', 'file'],
      'has no `publicKey` beside it, and a list is believed only for its signature',
      'Write beside it: publicKey: … (see `sallyport known-clients sign --help`)',
    );
  if (publicKey !== undefined && file === undefined)
    say(['knownClients', 'publicKey'], 'has no `file` beside it', 'Write: file: known-clients.jws');
}

/** A mode whose own rule was not written would let in nobody, or everybody. */
function judgeRegistration({ registration }: Readonly<Record<string, unknown>>, say: Say): void {
  if (!isMap(registration)) return;
  const { mode, accessToken } = registration;
  if (mode === 'closed' && accessToken !== undefined)
    say(
      ['registration', 'accessToken'],
      'lets clients register, while mode closed lets nobody',
      'Remove it, or write: mode: token',
    );
  if (mode !== 'metadata-documents') return;
  const documents = isMap(registration['metadataDocuments']) ? registration['metadataDocuments'] : {};
  if (documents['enabled'] === false)
    say(
      ['registration', 'metadataDocuments', 'enabled'],
      'is false, while mode metadata-documents lets in nobody else',
      'Remove the line, or write: mode: token, or mode: closed',
    );
  else if (documents['allowedHosts'] === undefined)
    say(
      ['registration', 'metadataDocuments', 'allowedHosts'],
      'is missing, and mode metadata-documents lets in the clients of these hosts only',
      'Write, for example: allowedHosts: [claude.ai, chatgpt.com]',
    );
}

function judgeLifetimes(values: Readonly<Record<string, unknown>>, say: Say): void {
  const tokens = isMap(values['tokens']) ? values['tokens'] : {};
  const refresh = isMap(tokens['refresh']) ? tokens['refresh'] : {};
  const access = isMap(tokens['access']) ? tokens['access'] : {};
  const isJwt = (access['format'] ?? 'jwt') === 'jwt';
  const tooLong = isJwt && !isWithin(access['lifetimeSeconds'] ?? 60, bounds.jwtLifetimeSeconds);
  if (tooLong && isWithin(access['lifetimeSeconds'], bounds.accessLifetimeSeconds)) {
    say(
      ['tokens', 'access', 'lifetimeSeconds'],
      'is longer than a day, and a JWT is believed elsewhere until it expires',
      `Write at most: lifetimeSeconds: ${bounds.jwtLifetimeSeconds.max}, or write: format: opaque`,
    );
  }
  const refreshLifetime = refresh['lifetimeSeconds'] ?? defaults.refreshLifetimeSeconds;
  const accessLifetime = access['lifetimeSeconds'] ?? defaults.accessLifetimeSeconds;
  if (!isWithin(refreshLifetime, bounds.refreshLifetimeSeconds)) return;
  if (isWithin(accessLifetime, bounds.accessLifetimeSeconds) && refreshLifetime < accessLifetime) {
    say(
      ['tokens', 'refresh', 'lifetimeSeconds'],
      'is shorter than the life of an access token, so nothing could ever be refreshed',
      `Write at least: lifetimeSeconds: ${accessLifetime}`,
    );
  }
}

/** A value out of bounds has been reported already. */
function isWithin(value: unknown, { min, max }: { min: number; max: number }): value is number {
  return typeof value === 'number' && value >= min && value <= max;
}

function entries(list: unknown): Entry[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => (isMap(entry) ? [{ index, entry }] : []));
}
