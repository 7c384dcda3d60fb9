// A browser that is away at a provider to sign in comes back once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Storage } from '@sallyport/storage';
import { anUpstreamSignIn, digestOf, now, tally, type Open } from './samples.ts';

const taking = (given: Partial<Parameters<Storage['takeUpstreamSignIn']>[0]> = {}) => {
  const { state, provider, browser } = anUpstreamSignIn();
  return { state, provider, browser, now, ...given };
};

export function upstreamSignInsContract(open: Open): void {
  test('what was kept is what is taken', async (t) => {
    const { storage } = await open(t);
    await storage.keepUpstreamSignIn(anUpstreamSignIn());
    const taken = await storage.takeUpstreamSignIn(taking({ now: now + 5 }));
    assert.deepEqual(taken, { outcome: 'taken', signIn: anUpstreamSignIn({ spentAt: now + 5 }) });
  });

  test('of 20 who come with it at once one takes it, and nobody afterwards', async (t) => {
    const { storage } = await open(t);
    await storage.keepUpstreamSignIn(anUpstreamSignIn());
    const outcomes = await tally(20, async () => (await storage.takeUpstreamSignIn(taking())).outcome);
    assert.deepEqual(outcomes, { taken: 1, spent: 19 });
    const late = await storage.takeUpstreamSignIn(taking({ now: now + 1 }));
    assert.deepEqual(late, { outcome: 'spent', signIn: anUpstreamSignIn({ spentAt: now }) });
  });

  test('another browser and another provider are told so, and spend nothing', async (t) => {
    const { storage } = await open(t);
    await storage.keepUpstreamSignIn(anUpstreamSignIn());
    const signIn = anUpstreamSignIn();
    const elsewhere = await storage.takeUpstreamSignIn(taking({ browser: digestOf('other') }));
    assert.deepEqual(elsewhere, { outcome: 'of_another_browser', signIn });
    const mixedUp = await storage.takeUpstreamSignIn(taking({ provider: 'google' }));
    assert.deepEqual(mixedUp, { outcome: 'of_another_provider', signIn });
    const both = await storage.takeUpstreamSignIn(taking({ provider: 'google', browser: digestOf('other') }));
    assert.equal(both.outcome, 'of_another_browser');
    assert.equal((await storage.takeUpstreamSignIn(taking())).outcome, 'taken');
  });

  test('it is there until it expires, and is then told from one that nobody knows, until swept', async (t) => {
    const { storage } = await open(t);
    const { expiresAt } = anUpstreamSignIn();
    await storage.keepUpstreamSignIn(anUpstreamSignIn());
    await storage.keepUpstreamSignIn(anUpstreamSignIn({ state: digestOf('long'), expiresAt: expiresAt + 1 }));
    assert.equal((await storage.takeUpstreamSignIn(taking({ now: expiresAt }))).outcome, 'expired');
    assert.deepEqual(await storage.takeUpstreamSignIn(taking({ state: digestOf('unknown') })), {
      outcome: 'unknown',
    });
    const sweepAt = (at: number) => storage.sweep({ now: at, unusedClientsBefore: 0, limit: 10 });
    assert.equal(await sweepAt(expiresAt - 1), 0);
    assert.equal(await sweepAt(expiresAt), 1);
    assert.equal((await storage.takeUpstreamSignIn(taking())).outcome, 'unknown');
    assert.equal((await storage.takeUpstreamSignIn(taking({ state: digestOf('long') }))).outcome, 'taken');
  });

  test('two with one state are never kept', async (t) => {
    const { storage } = await open(t);
    await storage.keepUpstreamSignIn(anUpstreamSignIn());
    await assert.rejects(storage.keepUpstreamSignIn(anUpstreamSignIn({ provider: 'google' })));
    assert.equal((await storage.takeUpstreamSignIn(taking())).outcome, 'taken');
  });
}
