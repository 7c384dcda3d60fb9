// Which scopes are enough for which: by themselves, or in a broader one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  fewestScopes,
  hierarchyFault,
  impliedScopes,
  includesScopes,
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
