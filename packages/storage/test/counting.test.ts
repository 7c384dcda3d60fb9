import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { StorageUnavailable } from '@sallyport/storage';
import { counterOn } from '../src/counting/limiter.ts';
import { memoryCounter } from '../src/counting/memory.ts';
import { counterTidyMilliseconds, widerCounterFactor } from '../src/limits.ts';
import { counterContract } from './contract/counters.ts';

const rule = { name: 'test', points: 3, seconds: 60 };

describe('counters in this process', () => {
  counterContract(async () => ({ openCounter: (asked) => memoryCounter(asked) }));

  it('begin again when their time is over, and not before', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    try {
      const counter = memoryCounter(rule);
      for (let index = 0; index < 3; index += 1) assert.equal(await counter.count('a'), undefined);
      mock.timers.tick(59_000);
      assert.deepEqual(await counter.count('a'), { waitSeconds: 1, isFirst: true });
      mock.timers.tick(1_000);
      assert.equal(await counter.count('a'), undefined);
    } finally {
      mock.timers.reset();
    }
  });
});

describe('more keys than are told apart', () => {
  const wider = (key: string) => key.slice(0, 1);
  const fill = async (counter: ReturnType<typeof memoryCounter>, keys: readonly string[]) => {
    for (const key of keys) await counter.count(key);
  };

  it('are counted together with what is around them', async () => {
    const counter = memoryCounter({ ...rule, wider }, 2);
    await fill(counter, ['a1', 'b1']);
    for (let index = 0; index < rule.points * widerCounterFactor; index += 1)
      assert.equal(await counter.count(`x${index}`), undefined);
    assert.ok(await counter.count('x-new'), 'a flood from one network was let through');
    assert.equal(await counter.count('y-new'), undefined, 'another network paid for it');
    assert.equal(await counter.count('a1'), undefined, 'who was there before paid for it');
  });

  it('take the place of the oldest where nothing is around them', async () => {
    const counter = memoryCounter(rule, 2);
    await counter.set('a', 4, 60);
    await fill(counter, ['b', 'c']);
    assert.equal(await counter.get('a'), undefined);
    assert.equal(await counter.get('b'), 1);
    assert.equal(await counter.get('c'), 1);
  });

  it('are told apart again when there is room', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    try {
      const counter = memoryCounter({ ...rule, wider }, 2);
      await fill(counter, ['a1', 'b1', 'x1']);
      assert.equal(await counter.get('x1'), undefined);
      mock.timers.tick(60_000 + counterTidyMilliseconds);
      await fill(counter, ['x1']);
      assert.equal(await counter.get('x1'), 1);
    } finally {
      mock.timers.reset();
    }
  });
});

describe('what a store answers', () => {
  const answering = (answer: () => Promise<RateLimiterRes>) =>
    counterOn(
      Object.assign(new RateLimiterMemory({ points: 3, duration: 60 }), { consume: answer, get: answer }),
      () => {
        return new StorageUnavailable('explained');
      },
    );

  it('is no pass when it is an error', async () => {
    const counter = answering(() => Promise.reject(new Error('connection lost')));
    await assert.rejects(counter.count('a'), { name: 'StorageUnavailable', message: 'explained' });
    await assert.rejects(counter.get('a'), { name: 'StorageUnavailable' });
  });

  it('is no pass when it is no number', async () => {
    const counter = answering(() => Promise.resolve(new RateLimiterRes(0, 0, Number.NaN)));
    await assert.rejects(counter.count('a'), { name: 'StorageUnavailable' });
    await assert.rejects(counter.get('a'), { name: 'StorageUnavailable' });
  });
});
