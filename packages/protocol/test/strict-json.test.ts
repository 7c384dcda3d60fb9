// JSON that means one thing to everybody.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readStrictJson } from '@sallyport/protocol';

describe('strict JSON', () => {
  it('is every value that JSON.stringify prints, with the same meaning', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        if (text.includes('__proto__')) return;
        assert.deepEqual(readStrictJson(text), { value: JSON.parse(text) });
      }),
    );
  });
  it('never throws, and takes nothing that JSON.parse does not', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"\\u0061"',
      '"b\\""',
      '1',
      'null',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 24 }), (parts) => {
        const text = parts.join('');
        const read = readStrictJson(text);
        if (typeof read !== 'string') assert.deepEqual(read.value, JSON.parse(text));
        else if (read === 'malformed') assert.throws(() => JSON.parse(text) as unknown);
      }),
      { numRuns: 2000 },
    );
  });
  const refused: readonly [string, string][] = [
    ['', 'malformed'],
    ['{"a":1', 'malformed'],
    ['<!doctype html>', 'malformed'],
    ['{"a":1,"a":2}', 'repeated_member'],
    ['{"a":1,"\\u0061":2}', 'repeated_member'],
    ['{"a":{"b":1,"c":[{"b":1,"b":1}]}}', 'repeated_member'],
    ['{"a":"}","a":1}', 'repeated_member'],
    ['{"__proto__":{"a":1}}', 'forbidden_member'],
    ['{"a":[{"\\u005f_proto__":1}]}', 'forbidden_member'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'too_deep'],
  ];
  for (const [text, fault] of refused)
    it(`is not ${text.slice(0, 40) || 'nothing'} (${fault})`, () =>
      assert.equal(readStrictJson(text), fault));
  it('has the same name in different objects, and as a value', () => {
    const text = '{"a":{"a":["a","a",{"a":"a"}]},"b":{"a":":"},"c":"\\\\\\"a\\":"}';
    assert.deepEqual(readStrictJson(text), { value: JSON.parse(text) });
  });
});
