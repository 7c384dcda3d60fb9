import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions } from '@node-rs/argon2';
import { hashPassword, verifyPassword } from '../src/index.ts';
import { limits } from '../src/limits.ts';
import { hashing, nobodysHash } from '../src/passwords.ts';
import { turnstile } from '../src/turnstile.ts';

describe('a password', () => {
  it('is kept as argon2id with the recommended cost, salted', async () => {
    const [one, two] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.notEqual(one, two);
    assert.equal(await verifyPassword(one, 'correct horse'), true);
    assert.equal(await verifyPassword(one, 'correct horsf'), false);
  });

  it('may be anything of 8 to 1024 characters', async () => {
    for (const good of [
      'aaaaaaaa',
      '        ',
      '\u{1f600}'.repeat(8),
      '\u{1f600}'.repeat(1024),
      'pass\u0000word',
    ])
      assert.equal(await verifyPassword(await hashPassword(good), good), true);
    // Seven characters, although fourteen code units.
    await assert.rejects(hashPassword('\u{1f600}'.repeat(7)), { reason: 'password_too_short' });
    await assert.rejects(hashPassword('x'.repeat(1025)), { reason: 'password_too_long' });
    await assert.rejects(hashPassword('x'.repeat(10_000_000)), { reason: 'password_too_long' });
  });

  it('is never cut: the last character counts', async () => {
    const hash = await hashPassword(`${'x'.repeat(1023)}y`);
    assert.equal(await verifyPassword(hash, `${'x'.repeat(1023)}z`), false);
    assert.equal(await verifyPassword(await hashPassword('pass\u0000word'), 'pass\u0000wort'), false);
  });

  it('is the same however the keyboard composes it', async () => {
    const hash = await hashPassword('caf\u00e9 caf\u00e9');
    assert.equal(await verifyPassword(hash, 'cafe\u0301 cafe\u0301'), true);
    assert.equal(await verifyPassword(hash, 'cafe cafe'), false);
  });

  it('matches nobody’s hash never, not even when it would', async () => {
    assert.equal(await verifyPassword(undefined, 'x'.repeat(20)), false);
  });

  it('is compared for nobody too, and a flood of that is refused before it costs memory', async () => {
    const flood = limits.simultaneousHashes + limits.waitingHashes;
    const answers = Array.from({ length: flood }, () => verifyPassword(undefined, 'correct horse'));
    assert.equal(hashing.isFull(), true);
    await assert.rejects(verifyPassword(undefined, 'correct horse'), { reason: 'busy' });
    await assert.rejects(hashPassword('correct horse'), { reason: 'busy' });
    assert.equal((await Promise.all(answers)).includes(true), false);
    assert.equal(hashing.isFull(), false);
  });

  it('of nobody costs what a real one costs', async () => {
    assert.deepEqual(parseOptions(nobodysHash), parseOptions(await hashPassword('correct horse')));
  });

  it('is judged off the main thread', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 0);
    await Promise.all(Array.from({ length: 8 }, () => hashPassword('correct horse')));
    clearInterval(timer);
    assert.ok(ticks > 0);
  });
});

describe('the turnstile', () => {
  it('lets so many in at once, the next when one leaves, and refuses beyond the line', async () => {
    const { pass, isFull } = turnstile(2, 1);
    let inside = 0;
    let most = 0;
    const leave: (() => void)[] = [];
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise<void>((resolve) => leave.push(resolve));
      inside -= 1;
    };
    const passed = [pass(work), pass(work), pass(work)];
    assert.equal(isFull(), true);
    await assert.rejects(pass(work), { reason: 'busy' });
    leave.shift()!();
    await passed[0];
    assert.equal(isFull(), false);
    const last = pass(work);
    const all = Promise.all([...passed, last]);
    for (let turn = 0; turn < 10; turn += 1) {
      leave.shift()?.();
      await new Promise(setImmediate);
    }
    await all;
    assert.equal(most, 2);
  });

  it('frees the place of work that fails', async () => {
    const { pass } = turnstile(1, 0);
    await assert.rejects(
      pass(() => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await pass(async () => 'yes'), 'yes');
  });
});
