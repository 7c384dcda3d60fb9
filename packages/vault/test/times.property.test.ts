// When tokens are refreshed, and until when they are used, whatever their length.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUsable, postponedSeconds, refreshAtOf } from '../src/times.ts';

const obtainedAt = 1_800_000_000;
const lives = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 10 ** 8 }));
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a refresh is in the second half of the life, and before its end', () => {
  fc.assert(
    fc.property(lives, fc.integer({ min: 30, max: 86_400 }), chance, (life, before, luck) => {
      const expiresAt = obtainedAt + life;
      const refreshAt = refreshAtOf({ obtainedAt, expiresAt }, before, luck);
      assert.ok(Number.isSafeInteger(refreshAt));
      assert.ok(refreshAt >= obtainedAt + life / 2 && refreshAt <= expiresAt, `${refreshAt - obtainedAt}`);
      // Of a life that is long enough: at least as long before the end as was asked for, and at most twice as long.
      if (life > before * 4)
        assert.ok(expiresAt - refreshAt >= before && expiresAt - refreshAt <= 2 * before + 1);
    }),
  );
});

test('what was obtained together is refreshed at different times', () => {
  const times = (life: number) =>
    new Set(
      Array.from({ length: 500 }, () => refreshAtOf({ obtainedAt, expiresAt: obtainedAt + life }, 300)),
    );
  assert.ok(times(3600).size > 150);
  assert.ok(times(60).size > 8);
});

test('a token is used from the first moment, and never once it is over', () => {
  fc.assert(
    fc.property(lives, (life) => {
      const expiresAt = obtainedAt + life;
      assert.equal(isUsable({ obtainedAt, expiresAt }, obtainedAt), true);
      assert.equal(isUsable({ obtainedAt, expiresAt }, expiresAt), false);
      // Whoever gets one has a tenth of its life for the call, or ten seconds.
      const last = Math.min(10, life / 10);
      assert.equal(isUsable({ obtainedAt, expiresAt }, Math.ceil(expiresAt - last)), false);
    }),
  );
});

test('a provider that has been away for long is asked more rarely, and as it asks to be', () => {
  const now = obtainedAt;
  const seconds = (expiresAt: number | undefined, retryAfterSeconds = 0, luck = 1) =>
    postponedSeconds({ expiresAt, retryAfterSeconds }, now, luck);
  assert.equal(seconds(now + 400), 30);
  assert.equal(seconds(undefined), 30);
  assert.equal(seconds(now - 300), 100);
  assert.equal(seconds(now - 10 ** 6), 300);
  assert.equal(seconds(now - 10 ** 6, 0, 0), 225);
  assert.equal(seconds(now, 77), 77);
  assert.equal(seconds(now, 10 ** 6), 3600);
});
