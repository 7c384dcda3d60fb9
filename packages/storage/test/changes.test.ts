// Caches hear of every write of another process, and of a store that does not answer; the watch costs nothing unheard.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchEveryMilliseconds } from '../src/limits.ts';
import { changes } from '../src/sqlite/changes.ts';

function watching() {
  const state = { version: 1, broken: false, looks: 0 };
  const watched = changes(() => {
    state.looks += 1;
    if (state.broken) throw new Error('the disk is gone');
    return state.version;
  });
  const heard: unknown[] = [];
  return { state, watched, heard, listener: (change: unknown) => void heard.push(change) };
}

test('each write of another process is heard once, within half a second', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  assert.ok(watchEveryMilliseconds <= 500);
  const { state, watched, heard, listener } = watching();
  watched.listen(listener);
  t.mock.timers.tick(watchEveryMilliseconds * 3);
  assert.deepEqual(heard, []);
  state.version = 2;
  t.mock.timers.tick(watchEveryMilliseconds);
  t.mock.timers.tick(watchEveryMilliseconds);
  assert.deepEqual(heard, ['anything']);
});

test('while the store does not answer, caches are told to forget again and again', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { state, watched, heard, listener } = watching();
  watched.listen(listener);
  state.broken = true;
  t.mock.timers.tick(watchEveryMilliseconds * 2);
  state.broken = false;
  t.mock.timers.tick(watchEveryMilliseconds);
  assert.deepEqual(heard, ['anything', 'anything', 'anything']);
  t.mock.timers.tick(watchEveryMilliseconds);
  assert.equal(heard.length, 3);
});

test('nobody looks while nobody listens, and a function registered twice hears twice', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { state, watched, heard, listener } = watching();
  t.mock.timers.tick(watchEveryMilliseconds * 2);
  assert.equal(state.looks, 0);
  const stops = [watched.listen(listener), watched.listen(listener)];
  watched.tell([{ grantId: 'grant-1' }]);
  assert.deepEqual(heard, [{ grantId: 'grant-1' }, { grantId: 'grant-1' }]);
  stops[0]?.();
  watched.tell([{ grantId: 'grant-2' }]);
  assert.deepEqual(heard.slice(2), [{ grantId: 'grant-2' }]);
  stops[1]?.();
  const { looks } = state;
  t.mock.timers.tick(watchEveryMilliseconds * 2);
  assert.equal(state.looks, looks);
});
