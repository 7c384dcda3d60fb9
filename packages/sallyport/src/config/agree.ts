// What one key's own rules cannot see: whether the keys agree with each other. Works on values that may be wrong in other ways.

import { isMap } from './layers.ts';
import { bounds, defaults } from './limits.ts';
import { printPath } from './problem.ts';
import type { Path, Place, Problem } from './problem.ts';
import { reservedWords } from './reserved-words.ts';

export function judgeAgreement(
  values: Readonly<Record<string, unknown>>,
  place: (path: Path) => Place,
  report: (problem: Problem) => void,
): void {
  const say = (path: Path, what: string, instead: string): void =>
    report({ key: printPath(path), place: place(path), what, instead });
  judgeServers(entries(values['servers']), say);
  judgeProviders(entries(values['signIn']), say);
  judgeLifetimes(values, say);
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

function judgeProviders(providers: readonly Entry[], say: Say): void {
  const seen = new Set<unknown>();
  for (const { index, entry } of providers) {
    const { provider } = entry;
    if (typeof provider === 'string' && seen.has(provider)) {
      say(['signIn', index, 'provider'], `is ${provider} a second time`, 'Write each provider once.');
    }
    seen.add(provider);
  }
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
