// What a store must do with the steps of logins.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoginEvent } from '@sallyport/storage';
import { loginEventSeconds, maxEventsOfLogin, maxLoginEvents } from '../../src/limits.ts';
import { aLoginEvent, aUser, now, withPersonAndClient } from './samples.ts';
import type { Open } from './samples.ts';

/** Ids that sort by their number. */
const numbered = (n: number, given: Partial<LoginEvent> = {}): LoginEvent =>
  aLoginEvent({ id: `event-${String(n).padStart(6, '0')}`, ...given });

export function loginEventsContract(open: Open): void {
  test('are told as they were kept, oldest first, by login', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    const events = [
      numbered(1),
      numbered(2, { traceId: 'other' }),
      numbered(3, { event: 'sign_in_failed', reason: 'credentials_wrong' }),
      numbered(4, { event: 'signed_in', userId: 'user-1', at: now + 1 }),
    ];
    await storage.keepLoginEvents(events);
    assert.deepEqual(await storage.findLoginEvents('trace-1'), [events[0], events[2], events[3]]);
    assert.deepEqual(await storage.findLoginEvents('unknown'), []);
    assert.deepEqual(await storage.listLoginEvents(10), events);
    assert.deepEqual(await storage.listLoginEvents(1), [events[0], events[2], events[3]]);
  });

  test('of unknown clients are not kept; of unknown people without them', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.keepLoginEvents([
      numbered(1, { clientId: 'whatever a stranger wrote' }),
      numbered(2, { userId: 'unknown' }),
    ]);
    assert.deepEqual(await storage.listLoginEvents(10), [numbered(2)]);
  });

  test('of somebody who signed in for no app are kept', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    const events = [
      numbered(1, { clientId: '', event: 'upstream_left', reason: 'github' }),
      numbered(2, { clientId: '', event: 'signed_in', userId: 'user-1' }),
    ];
    await storage.keepLoginEvents(events);
    assert.deepEqual(await storage.findLoginEvents('trace-1'), events);
  });

  test('of a client whose document could not be used, only that is kept', async (t) => {
    const { storage } = await open(t);
    const clientId = 'https://app.example.com/client.json';
    const refused = numbered(2, { clientId, event: 'refused', reason: 'document_malformed' });
    await storage.keepLoginEvents([
      numbered(1, { clientId, event: 'asked' }),
      refused,
      { ...refused, id: 'event-3', clientId: 'http://app.example.com/client.json' },
    ]);
    assert.deepEqual(await storage.listLoginEvents(10), [refused]);
  });

  test('lose the person who is removed, and stay when the client is', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.addUser(aUser({ id: 'user-2' }));
    await storage.keepLoginEvents([numbered(1, { userId: 'user-1' }), numbered(2, { userId: 'user-2' })]);
    await storage.removeUser('user-1');
    await storage.removeClient('client-1');
    assert.deepEqual(await storage.findLoginEvents('trace-1'), [
      numbered(1),
      numbered(2, { userId: 'user-2' }),
    ]);
  });

  test('tell the first call of a tool only, and only of a login whose token they know', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    const called = (n: number) => numbered(n, { event: 'tool_called' });
    await storage.keepLoginEvents([called(1)]);
    await storage.keepLoginEvents([numbered(2, { event: 'token_issued' }), called(3), called(4)]);
    await storage.keepLoginEvents([called(5)]);
    const kept = await storage.findLoginEvents('trace-1');
    assert.deepEqual(
      kept.map(({ id }) => id),
      ['event-000002', 'event-000003'],
    );
  });

  test('are so many of one login and no more', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.keepLoginEvents(Array.from({ length: maxEventsOfLogin + 20 }, (_, n) => numbered(n)));
    assert.equal((await storage.findLoginEvents('trace-1')).length, maxEventsOfLogin);
  });

  test('are swept when they are a week old, and the oldest when there are too many', async (t) => {
    const { storage } = await open(t);
    await withPersonAndClient(storage);
    await storage.keepLoginEvents([numbered(1), numbered(2, { at: now + 1 })]);
    const sweepAt = (at: number) => storage.sweep({ now: at, unusedClientsBefore: 0, limit: 100 });
    assert.equal(await sweepAt(now + loginEventSeconds), 0);
    assert.equal(await sweepAt(now + loginEventSeconds + 1), 1);
    assert.deepEqual(await storage.findLoginEvents('trace-1'), [numbered(2, { at: now + 1 })]);

    const many = Array.from({ length: maxLoginEvents + 9 }, (_, n) =>
      numbered(n + 10, { traceId: `t-${n}` }),
    );
    // As many at a time as a server keeps of what it has heard.
    for (let kept = 0; kept < many.length; kept += 1000)
      await storage.keepLoginEvents(many.slice(kept, kept + 1000));
    assert.equal(await storage.sweep({ now, unusedClientsBefore: 0, limit: 7 }), 7);
    assert.equal(await sweepAt(now), 3);
    assert.equal(await sweepAt(now), 0);
    assert.deepEqual(await storage.findLoginEvents('t-8'), []);
    assert.equal((await storage.findLoginEvents('t-9')).length, 1);
  });
}
