// A notice tells what changed in at most 7,999 bytes, and never less than what changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '@sallyport/storage';
import { changesIn, channelOf, noticesOf } from '../../src/postgres/notices.ts';

const grants = (...ids: readonly string[]): readonly Change[] => ids.map((grantId) => ({ grantId }));

/** What another process hears of it. */
function heard(changed: readonly Change[]): readonly Change[] {
  return noticesOf(changed, 'channel', 'here').flatMap(({ values: [channel, payload] }) => {
    assert.equal(channel, 'channel');
    assert.ok(typeof payload === 'string' && Buffer.byteLength(payload) <= 7_999);
    assert.deepEqual(changesIn(payload, 'here'), [], 'one’s own is told already');
    return changesIn(payload, 'there');
  });
}

test('names every grant, in as many notices as that takes', () => {
  assert.deepEqual(heard([]), []);
  assert.deepEqual(heard(grants('one')), grants('one'));
  const odd = ['"', '\\', '\0', "'; NOTIFY x; --", 'ü', '\u{1F6AA}', ''];
  assert.deepEqual(heard(grants(...odd)), grants(...odd));
  for (const length of [22, 100, 2_000]) {
    const ids = Array.from({ length: 500 }, (_, i) => `${i}`.padStart(length, '\u{1F6AA}'.repeat(length)));
    const cut = ids.map((id) =>
      Array.from(id)
        .slice(-length / 4)
        .join(''),
    );
    assert.deepEqual(heard(grants(...cut)), grants(...cut));
  }
});

test('says "anything" of more than can be named, and the keys beside it', () => {
  const many = grants(...Array.from({ length: 501 }, (_, i) => `${i}`));
  assert.deepEqual(heard(many), ['anything']);
  assert.deepEqual(heard([...many, 'keys', 'keys']), ['keys', 'anything']);
  assert.deepEqual(heard(['keys', ...grants('one')]), ['keys', ...grants('one')]);
});

test('is "anything" when it is not understood', () => {
  for (const payload of ['', 'null', '{}', '"x"', '7', '[', '["there","later"]', '["there",{"grant":1}]']) {
    assert.deepEqual(changesIn(payload, 'here'), ['anything'], payload);
  }
  assert.deepEqual(changesIn('["there",[7]]', 'here'), grants('7'));
});

test('goes over a channel of the schema, whose name PostgreSQL takes', () => {
  const channels = ['public', 'Public', 'x'.repeat(63), 'ü'].map(channelOf);
  assert.equal(new Set(channels).size, 4);
  for (const channel of channels) assert.match(channel, /^sallyport_[0-9a-f]{32}$/);
});
