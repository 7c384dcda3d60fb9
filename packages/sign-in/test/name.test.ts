import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '../src/limits.ts';
import { readName } from '../src/name.ts';

describe('a name', () => {
  it('is one short line without invisible characters', () => {
    assert.equal(readName(' Ada \u202e\u0000\n Lovelace ', 'ada@example.com'), 'Ada Lovelace');
    assert.equal(Array.from(readName('\u{1f600}'.repeat(500), 'a@b')).length, limits.nameMax);
  });

  it('is the part before the @ when there is none', () => {
    for (const none of [undefined, '', ' \u200b ']) assert.equal(readName(none, 'ada@example.com'), 'ada');
  });
});
