// Where each key is in its life: every state and every transition, by the clock alone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { supersededSigningKeySeconds } from '@sallyport/storage';
import { bounds } from '../../src/config/limits.ts';
import { keyWantedAtStart } from '../../src/keys/at-start.ts';
import { limits } from '../../src/keys/limits.ts';
import { secretStates, signingStates } from '../../src/keys/schedule.ts';

const now = 1_800_000_000;
const day = 86_400;

describe('signing keys', () => {
  const statesAt = (at: number, ...newestFirst: (readonly [string, number])[]) =>
    signingStates(
      newestFirst.map(([kid, signsFromAt]) => ({ kid, signsFromAt })),
      at,
    ).map(({ key, at: state }) => [key.kid, state]);

  test('there may be none', () => assert.deepEqual(statesAt(now), []));

  test('the only one signs, whatever the time', () => {
    for (const at of [0, now - 1, now, now + 1000 * day])
      assert.deepEqual(statesAt(at, ['a', now]), [['a', { state: 'current' }]]);
  });

  test('the next one waits, then signs, and the one before is accepted until its tokens are over', () => {
    const keys = [
      ['b', now + 600],
      ['a', now],
    ] as const;
    assert.deepEqual(statesAt(now + 599, ...keys), [
      ['b', { state: 'next', from: now + 600 }],
      ['a', { state: 'current' }],
    ]);
    assert.deepEqual(statesAt(now + 600, ...keys), [
      ['b', { state: 'current' }],
      ['a', { state: 'accepted', until: now + 600 + supersededSigningKeySeconds }],
    ]);
  });

  test('one that signs at once overtakes one that waits, which never signs', () => {
    const keys = [
      ['urgent', now + 5],
      ['waiting', now + 600],
      ['old', now],
    ] as const;
    const until = now + 5 + supersededSigningKeySeconds;
    for (const at of [now + 5, now + 600, now + 900]) {
      assert.deepEqual(statesAt(at, ...keys), [
        ['urgent', { state: 'current' }],
        ['waiting', { state: 'accepted', until }],
        ['old', { state: 'accepted', until }],
      ]);
    }
  });

  test('the oldest signs while the clock is before all of them', () => {
    assert.deepEqual(statesAt(0, ['b', now + 600], ['a', now]), [
      ['b', { state: 'next', from: now + 600 }],
      ['a', { state: 'current' }],
    ]);
  });

  test('are published longer than clients remember them, and kept longer than any JWT lives', () => {
    assert.ok(limits.publishSigningKeySeconds >= 2 * 300);
    assert.ok(supersededSigningKeySeconds > bounds.jwtLifetimeSeconds.max);
  });
});

describe('keys of secrets.json', () => {
  const statesAt = (at: number, ...newestLast: (readonly [string, number])[]) =>
    secretStates(
      newestLast.map(([id, usedFromAt]) => ({ id, usedFromAt })),
      at,
    ).map(({ key, at: state }) => [key.id, state]);

  test('are listed newest first: what waits, what is used, what is accepted until it is retired', () => {
    const keys = [
      ['a', 0],
      ['b', now],
      ['c', now + 60],
    ] as const;
    assert.deepEqual(statesAt(now + 59, ...keys), [
      ['c', { state: 'next', from: now + 60 }],
      ['b', { state: 'current' }],
      ['a', { state: 'accepted' }],
    ]);
    assert.deepEqual(statesAt(now + 60, ...keys), [
      ['c', { state: 'current' }],
      ['b', { state: 'accepted' }],
      ['a', { state: 'accepted' }],
    ]);
  });
});

describe('at the start a key is added', () => {
  const stored = (kid: string, alg: string) => ({ kid, alg });
  const after = { signsFromAt: now + limits.publishSigningKeySeconds };
  const rows: readonly (readonly [
    string,
    Parameters<typeof keyWantedAtStart>[0],
    Parameters<typeof keyWantedAtStart>[1],
    ReturnType<typeof keyWantedAtStart>,
  ])[] = [
    ['that signs at once when there is none', [], {}, { signsFromAt: now }],
    ['of the operator, at once when there is none', [], { kid: 'own' }, { signsFromAt: now }],
    ['not when there is one', [stored('a', 'ES256')], {}, undefined],
    ['not when there is one of another kind, and none is configured', [stored('a', 'RS256')], {}, undefined],
    ['not when the newest is of the kind', [stored('a', 'RS256')], { alg: 'RS256' }, undefined],
    ['when the newest is of another kind', [stored('a', 'ES256')], { alg: 'RS256' }, after],
    [
      'when only an older one is of the kind',
      [stored('b', 'ES256'), stored('a', 'RS256')],
      { alg: 'RS256' },
      after,
    ],
    ['of the operator when it is unknown', [stored('a', 'ES256')], { kid: 'own' }, after],
    [
      'not of the operator when it is known',
      [stored('own', 'RS256'), stored('a', 'ES256')],
      { kid: 'own' },
      undefined,
    ],
    [
      'not of the operator when another one came after it',
      [stored('b', 'ES256'), stored('own', 'RS256')],
      { kid: 'own' },
      undefined,
    ],
  ];
  for (const [what, keys, configured, expected] of rows)
    test(what, () => assert.deepEqual(keyWantedAtStart(keys, configured, now), expected));
});
