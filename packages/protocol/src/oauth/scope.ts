// RFC 6749 §3.3: scope is a list of tokens, in no order, separated by spaces. What a scope includes, and what else it is
// called, each server says of its own (`ProtectedResource`).
import type { ProtectedResource, ScopeDefinition } from '../caller.ts';

const token = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * @param text the `scope` parameter, absent or empty included
 * @returns the tokens that fit the grammar, each once, in the order given; what does not fit is dropped
 */
export function readScope(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(' ').filter((part) => token.test(part)))];
}

export function printScope(scope: readonly string[]): string {
  return scope.join(' ');
}

/** What a client may call the scopes of a server. */
export type ScopeNames = Pick<ProtectedResource, 'scopes' | 'scopeAliases'>;

/** The words of a request that mean something at this server; the others (`offline_access`, say) are dropped. */
export function readScopeWords(text: string | undefined, server: ScopeNames): readonly string[] {
  return readScope(text).filter((word) => meaningOf(word, server) !== undefined);
}

/** The scopes that words stand for, each once. */
export function scopesMeant(words: readonly string[], server: ScopeNames): readonly string[] {
  return [...new Set(words.flatMap((word) => meaningOf(word, server) ?? []))];
}

/**
 * What was granted, to be told to the client that asked with these words: each of them that is wholly granted, and then
 * whatever they do not say (RFC 6749 §5.1). Clients compare the answer with what they asked.
 */
export function inWordsOf(
  words: readonly string[],
  granted: readonly string[],
  server: ScopeNames,
): readonly string[] {
  const said = words.filter((word) => meaningOf(word, server)?.every((name) => granted.includes(name)));
  const meant = scopesMeant(said, server);
  return [...said, ...granted.filter((name) => !meant.includes(name))];
}

function meaningOf(word: string, { scopes, scopeAliases = {} }: ScopeNames): readonly string[] | undefined {
  if (scopes.some(({ name }) => name === word)) return [word];
  return Object.hasOwn(scopeAliases, word) ? scopeAliases[word] : undefined;
}

/**
 * Whether every scope that is needed is there, by itself or in a broader one (MCP 2026-07-28, authorization: hierarchies
 * count). The one place where that is decided.
 * @param known the scopes of the server that both are for
 */
export function includesScopes(
  granted: readonly string[],
  needed: readonly string[],
  known: readonly ScopeDefinition[],
): boolean {
  return needed.every(
    (name) => granted.includes(name) || broaderThan(name, known).some((broader) => granted.includes(broader)),
  );
}

/** Everything that these scopes amount to: themselves and what they include, each once, as the server lists them. */
export function impliedScopes(
  scope: readonly string[],
  known: readonly ScopeDefinition[],
): readonly ScopeDefinition[] {
  return known.filter(({ name }) => includesScopes(scope, [name], known));
}

/** The fewest of these scopes that amount to the same. */
export function fewestScopes(scope: readonly string[], known: readonly ScopeDefinition[]): readonly string[] {
  return scope.filter((name) => !broaderThan(name, known).some((broader) => scope.includes(broader)));
}

export type HierarchyFault =
  | { readonly fault: 'unknown'; readonly scope: string; readonly included: string }
  /** It includes itself, by itself or through others. */
  | { readonly fault: 'cycle'; readonly scope: string };

/** What is wrong with a server's list of scopes; to be asked before anything is decided by it. */
export function hierarchyFault(known: readonly ScopeDefinition[]): HierarchyFault | undefined {
  const byName = new Map(known.map((one) => [one.name, one]));
  for (const { name, includes = [] } of known) {
    const included = includes.find((one) => !byName.has(one));
    if (included !== undefined) return { fault: 'unknown', scope: name, included };
  }
  const cyclic = known.find(({ name }) => within(name, byName).has(name));
  return cyclic && { fault: 'cycle', scope: cyclic.name };
}

// A server's list never changes, and each of its calls asks.
const broader = new WeakMap<readonly ScopeDefinition[], ReadonlyMap<string, readonly string[]>>();

/** The other scopes that include this one. */
function broaderThan(name: string, known: readonly ScopeDefinition[]): readonly string[] {
  let found = broader.get(known);
  if (found === undefined) broader.set(known, (found = invert(known)));
  return found.get(name) ?? [];
}

function invert(known: readonly ScopeDefinition[]): ReadonlyMap<string, readonly string[]> {
  const byName = new Map(known.map((one) => [one.name, one]));
  const closures = known.map(({ name }) => ({ name, included: within(name, byName) }));
  return new Map(
    known.map(({ name }) => [
      name,
      closures.flatMap((one) => (one.name !== name && one.included.has(name) ? [one.name] : [])),
    ]),
  );
}

/** All that a scope includes, at any depth; itself only when it is in a circle. */
function within(name: string, byName: ReadonlyMap<string, ScopeDefinition>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const included of byName.get(next)?.includes ?? [])
      if (!found.has(included)) {
        found.add(included);
        open.push(included);
      }
  return found;
}
