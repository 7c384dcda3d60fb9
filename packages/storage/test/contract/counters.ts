// What a counter does, wherever it is kept.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Counter, CounterRule, Storage } from '@sallyport/storage';

const rule: CounterRule = { name: 'test', points: 3, seconds: 60 };

/** @param open a place where nothing is counted yet */
export function counterContract(open: (t: TestContext) => Promise<Pick<Storage, 'openCounter'>>): void {
  it('lets so many through, and says how long the rest must wait and which was the first', async (t) => {
    const counter = (await open(t)).openCounter(rule);
    for (let index = 0; index < 3; index += 1) assert.equal(await counter.count('a'), undefined);
    const first = await counter.count('a');
    assert.equal(first?.isFirst, true);
    assert.ok(first.waitSeconds > 50 && first.waitSeconds <= 60, String(first.waitSeconds));
    assert.equal((await counter.count('a'))?.isFirst, false);
    assert.equal(await counter.count('b'), undefined);
  });

  it('counts parallel calls one by one', async (t) => {
    const counter = (await open(t)).openCounter(rule);
    const excesses = await Promise.all(Array.from({ length: 20 }, () => counter.count('a')));
    assert.equal(excesses.filter((excess) => excess === undefined).length, 3);
    assert.equal(excesses.filter((excess) => excess?.isFirst).length, 1);
  });

  it('begins again when its time is over', async (t) => {
    const counter = (await open(t)).openCounter({ ...rule, points: 1, seconds: 3 });
    const began = performance.now();
    assert.equal(await counter.count('a'), undefined);
    const excess = await counter.count('a');
    assert.ok(excess !== undefined && excess.waitSeconds >= 1 && excess.waitSeconds <= 3);
    // No one of these calls makes it longer.
    for (const deadline = began + 20_000; (await counter.count('a')) !== undefined; await wait(20))
      assert.ok(performance.now() < deadline, 'it does not begin again');
    assert.ok(performance.now() - began >= 2_950);
  });

  it('takes weights, and the call that passes the limit is the first', async (t) => {
    const counter = (await open(t)).openCounter({ ...rule, points: 10 });
    assert.equal(await counter.count('a', 8), undefined);
    assert.equal((await counter.count('a', 8))?.isFirst, true);
    assert.equal((await counter.count('a', 8))?.isFirst, false);
  });

  it('takes back, sets, tells and forgets', async (t) => {
    const counter = (await open(t)).openCounter(rule);
    assert.equal(await counter.get('a'), undefined);
    assert.equal(await counter.add('a'), 1);
    assert.equal(await counter.add('a'), 2);
    await counter.takeBack('a');
    assert.equal(await counter.get('a'), 1);
    await counter.set('a', rule.points + 1, 20);
    const excess = await counter.count('a');
    assert.ok(excess !== undefined && excess.waitSeconds <= 20);
    assert.equal(excess.isFirst, false);
    await counter.forget('a');
    await counter.forget('a');
    assert.equal(await counter.get('a'), undefined);
    assert.equal(await counter.count('a'), undefined);
  });

  it('keeps rules of different names apart, and joins those of one', async (t) => {
    const { openCounter } = await open(t);
    const [one, other] = [openCounter(rule), openCounter({ ...rule, name: 'other' })];
    await one.set('a', 4, 60);
    assert.ok(await one.count('a'));
    assert.equal(await other.count('a'), undefined);
  });

  it('takes any text for a key', async (t) => {
    const counter = (await open(t)).openCounter({ ...rule, points: 1 });
    const long = 'x'.repeat(100_000);
    const keys = [
      '',
      ' ',
      '\0',
      'a\0b',
      "'; DROP TABLE x; --",
      '*',
      'a:b',
      '\u{1F512}',
      '\uD800',
      'é',
      'e\u0301',
    ];
    for (const key of [...keys, long, `${long}y`]) {
      assert.equal(await counter.count(key), undefined, JSON.stringify(key.slice(0, 20)));
      assert.ok(await counter.count(key));
    }
  });
}

/** @param open where nothing is counted yet: opens an instance there, as often as it is called */
export function sharedCounterContract(
  open: (t: TestContext) => Promise<() => Promise<Pick<Storage, 'openCounter'>>>,
): void {
  const pair = async (t: TestContext, changes: Partial<CounterRule> = {}) => {
    const openAgain = await open(t);
    const instances = [await openAgain(), await openAgain()] as const;
    return instances.map((instance) => instance.openCounter({ ...rule, ...changes })) as [Counter, Counter];
  };

  it('is one count for all instances', async (t) => {
    const [one, other] = await pair(t);
    assert.equal(await one.count('a'), undefined);
    assert.equal(await other.count('a'), undefined);
    assert.equal(await one.count('a'), undefined);
    assert.equal((await other.count('a'))?.isFirst, true);
    assert.equal((await one.count('a'))?.isFirst, false);
    await one.forget('a');
    assert.equal(await other.get('a'), undefined);
  });

  it('counts parallel calls of several instances one by one', async (t) => {
    const [one, other] = await pair(t, { points: 20 });
    const excesses = await Promise.all(
      Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? one : other).count('a')),
    );
    assert.equal(excesses.filter((excess) => excess === undefined).length, 20);
    assert.equal(excesses.filter((excess) => excess?.isFirst).length, 1);
  });

  it('in lots lets hardly more through, of all instances together', async (t) => {
    const points = 200;
    const [one, other] = await pair(t, { points, inLots: true });
    let passed = 0;
    for (let index = 0; index < 2 * points; index += 1)
      if ((await (index % 2 === 0 ? one : other).count('a')) === undefined) passed += 1;
    assert.ok(passed >= points && passed < points + 2 * (points / 20), String(passed));
    for (const counter of [one, other]) {
      const excess = await counter.count('a');
      assert.ok(excess !== undefined && excess.waitSeconds > 50 && excess.waitSeconds <= 60);
      assert.equal(excess.isFirst, false);
    }
    assert.equal(await one.count('b'), undefined);
  });

  it('in lots lets exactly as many through when there is one instance', async (t) => {
    const [one] = await pair(t, { points: 200, inLots: true });
    for (let index = 0; index < 200; index += 1) assert.equal(await one.count('a'), undefined);
    assert.equal((await one.count('a'))?.isFirst, true);
    assert.equal((await one.count('a'))?.isFirst, false);
  });
}
