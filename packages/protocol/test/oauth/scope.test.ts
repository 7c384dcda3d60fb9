// Which scopes are enough for which: by themselves, or in a broader one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  fewestScopes,
  hierarchyFault,
  impliedScopes,
  includesScopes,
  inWordsOf,
  readScopeWords,
  scopesMeant,
  type ScopeDefinition,
} from '@sallyport/protocol';

const scope = (name: string, ...includes: string[]): ScopeDefinition => ({
  name,
  description: name,
  includes,
});
const known = [scope('read'), scope('write', 'read'), scope('admin', 'write'), scope('export')];
const names = (definitions: readonly ScopeDefinition[]) => definitions.map(({ name }) => name);

describe('scopes that include others', () => {
  it('are enough for what they include, at any depth, and for nothing else', () => {
    assert.ok(includesScopes(['write'], ['read'], known));
    assert.ok(includesScopes(['admin'], ['read', 'write'], known));
    assert.ok(!includesScopes(['read'], ['write'], known));
    assert.ok(!includesScopes(['admin'], ['export'], known));
    assert.ok(!includesScopes(['admin', 'read'], ['read', 'export'], known));
  });
  it('need nothing for nothing, and count by themselves where the server does not know them', () => {
    assert.ok(includesScopes([], [], known));
    assert.ok(includesScopes(['a', 'b'], ['b'], []));
    assert.ok(!includesScopes(['a'], ['b'], known));
    assert.ok(!includesScopes(['write'], ['read'], []));
  });
  it('are each said once', () => {
    assert.deepEqual(names(impliedScopes(['write'], known)), ['read', 'write']);
    assert.deepEqual(names(impliedScopes(['write', 'read'], known)), ['read', 'write']);
    assert.deepEqual(names(impliedScopes(['unknown'], known)), []);
    assert.deepEqual(fewestScopes(['read', 'write', 'export'], known), ['write', 'export']);
    assert.deepEqual(fewestScopes(['unknown', 'read'], known), ['unknown', 'read']);
  });
});

describe('hierarchyFault', () => {
  it('finds what is not there, and circles of any length', () => {
    assert.equal(hierarchyFault(known), undefined);
    const missing = { fault: 'unknown', scope: 'a', included: 'b' };
    assert.deepEqual(hierarchyFault([scope('a', 'b')]), missing);
    assert.deepEqual(hierarchyFault([scope('a', 'a')]), { fault: 'cycle', scope: 'a' });
    const circle = [scope('top', 'a'), scope('a', 'b'), scope('b', 'c'), scope('c', 'a')];
    assert.deepEqual(hierarchyFault(circle), { fault: 'cycle', scope: 'a' });
  });
});

describe('words that clients ask with', () => {
  const server = {
    scopes: known,
    scopeAliases: { 'mcp:tools': ['read', 'write'], 'mcp:resource': ['read'] },
  };
  it('mean scopes; what means nothing is dropped, whatever an object calls its own', () => {
    const words = readScopeWords('mcp:tools offline_access export constructor __proto__ toString', server);
    assert.deepEqual(words, ['mcp:tools', 'export']);
    assert.deepEqual(scopesMeant(words, server), ['read', 'write', 'export']);
    assert.deepEqual(scopesMeant(['mcp:tools', 'mcp:resource', 'read'], server), ['read', 'write']);
    assert.deepEqual(readScopeWords('mcp:tools', { scopes: known }), []);
  });
  it('come back in the answer when they are wholly granted; the rest is said by its own name', () => {
    const told = (words: string[], granted: string[]) => inWordsOf(words, granted, server);
    assert.deepEqual(told(['mcp:tools'], ['read', 'write']), ['mcp:tools']);
    assert.deepEqual(told(['mcp:tools', 'read'], ['read', 'write']), ['mcp:tools', 'read']);
    assert.deepEqual(told(['mcp:tools'], ['read']), ['read']);
    assert.deepEqual(told(['mcp:resource'], ['read', 'write']), ['mcp:resource', 'write']);
    assert.deepEqual(told(['gone'], ['read']), ['read']);
    assert.deepEqual(told([], ['read']), ['read']);
  });
  it('never say more or less than what was granted', () => {
    const some = fc.subarray([...names(known), ...Object.keys(server.scopeAliases), 'gone']);
    fc.assert(
      fc.property(some, fc.subarray(names(known)), (words, granted) => {
        const told = inWordsOf(words, granted, server);
        assert.deepEqual(new Set(scopesMeant(told, server)), new Set(granted));
        assert.equal(new Set(told).size, told.length);
      }),
    );
  });
});

// Edges only from earlier to later letters, so that there is no circle.
const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
const hierarchy = fc
  .tuple(...letters.map((_, index) => fc.subarray(letters.slice(index + 1))))
  .map((included) => letters.map((name, index) => scope(name, ...included[index]!)));

/** Slowly: adds what is included until nothing is new. */
function closure(start: readonly string[], all: readonly ScopeDefinition[]): ReadonlySet<string> {
  const found = new Set(start);
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const { name, includes = [] } of all)
      if (found.has(name)) for (const included of includes) found.add(included);
  }
  return found;
}

describe('any hierarchy without circles', () => {
  it('decides as the slow reference does, and its fewest scopes amount to the same', () => {
    const some = fc.subarray(letters);
    fc.assert(
      fc.property(hierarchy, some, some, (all, granted, needed) => {
        assert.equal(hierarchyFault(all), undefined);
        const amountsTo = closure(granted, all);
        assert.equal(
          includesScopes(granted, needed, all),
          needed.every((name) => amountsTo.has(name)),
        );
        assert.deepEqual(new Set(names(impliedScopes(granted, all))), amountsTo);
        const fewest = fewestScopes(granted, all);
        assert.deepEqual(closure(fewest, all), amountsTo);
        for (const one of fewest)
          assert.ok(
            !includesScopes(
              fewest.filter((other) => other !== one),
              [one],
              all,
            ),
            one,
          );
      }),
    );
  });
});
