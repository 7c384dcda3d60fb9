// Whose account somebody signs in to: every combination of what may be known has one answer, and it is in the table.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRefusal } from '@sallyport/protocol';
import * as fc from 'fast-check';
import { judge, type Situation } from '../../src/accounts/judge.ts';
import { aKnown, anIdentity, aPolicy, aUser } from './people.ts';

const hash = { passwordHash: '$argon2id$' };

/** Everything that the judgement depends on, one word for each value. */
const dimensions = {
  identity: ['verified', 'unverified', 'without address'],
  known: ['no', 'yes', 'of another issuer'],
  linking: ['no', 'to its own account', 'to another account', 'signed out meanwhile'],
  namesake: [
    'nobody',
    'invited',
    'with a password',
    'with a verified identity',
    'with an unverified identity',
  ],
  entry: ['open', 'allowed', 'denied'],
  accounts: ['just-in-time', 'invited'],
  linkByVerifiedEmail: ['no', 'yes'],
  setupLink: ['no', 'yes'],
  users: ['none', 'some'],
  operator: ['no', 'by rule'],
} as const;

type Combination = { readonly [Name in keyof typeof dimensions]: (typeof dimensions)[Name][number] };

/** First one that fits counts. */
const table: readonly (readonly [Partial<Record<keyof Combination, string>>, string])[] = [
  [{ known: 'of another issuer' }, 'identity_issuer_changed'],
  [{ entry: 'denied' }, 'person_denied'],
  [{ entry: 'allowed', identity: 'unverified' }, 'verified_email_missing'],
  [{ entry: 'allowed', identity: 'without address' }, 'verified_email_missing'],
  [{ linking: 'signed out meanwhile' }, 'link_session_changed'],
  [{ linking: 'to its own account', known: 'yes' }, 'sign_in user-1'],
  [{ linking: 'to another account', known: 'yes' }, 'identity_of_another_account'],
  [{ linking: 'to its own account' }, 'link user-1'],
  [{ linking: 'to another account' }, 'link user-2'],
  [{ known: 'yes' }, 'sign_in user-1'],
  [{ identity: 'verified', namesake: 'invited' }, 'link user-3 invited'],
  [{ identity: 'verified', namesake: 'with a verified identity', linkByVerifiedEmail: 'yes' }, 'link user-3'],
  [{ identity: 'verified', namesake: 'with a password' }, 'email_has_account'],
  [{ identity: 'verified', namesake: 'with a verified identity' }, 'email_has_account'],
  [{ identity: 'verified', namesake: 'with an unverified identity' }, 'email_has_account'],
  [{ setupLink: 'yes', users: 'some' }, 'setup_link_spent'],
  [{ setupLink: 'yes', identity: 'verified' }, 'create first ada@example.com'],
  [{ setupLink: 'yes' }, 'create first example:subject-1'],
  [{ accounts: 'invited' }, 'person_not_invited'],
  [{ users: 'none', operator: 'no' }, 'first_account_missing'],
  [{ identity: 'verified' }, 'create ada@example.com'],
  [{}, 'create example:subject-1'],
];

function* combinations(): Generator<Combination> {
  const names = Object.keys(dimensions) as (keyof Combination)[];
  const turn = function* (at: number, made: Record<string, string>): Generator<Combination> {
    const name = names[at];
    if (name === undefined) yield made as unknown as Combination;
    else for (const value of dimensions[name]) yield* turn(at + 1, { ...made, [name]: value });
  };
  yield* turn(0, {});
}

function situationOf(of: Combination): Situation {
  const identity = anIdentity({
    emailVerified: of.identity === 'verified',
    groups: of.operator === 'by rule' ? ['admins'] : [],
    ...(of.identity === 'without address' && { email: undefined }),
  });
  const user = aUser();
  const other = aUser({ id: 'user-2' });
  const third = aUser({ id: 'user-3' });
  const namesakes: Record<Combination['namesake'], Situation['namesake']> = {
    nobody: undefined,
    invited: { user: third, identities: [] },
    'with a password': { user: { ...third, ...hash }, identities: [] },
    'with a verified identity': { user: { ...third, ...hash }, identities: [aKnown({ userId: 'user-3' })] },
    'with an unverified identity': {
      user: third,
      identities: [aKnown({ userId: 'user-3', emailVerified: false })],
    },
  };
  const linkings: Record<Combination['linking'], Situation['linking']> = {
    no: undefined,
    'to its own account': { userId: 'user-1', signedIn: user },
    'to another account': { userId: 'user-2', signedIn: other },
    'signed out meanwhile': { userId: 'user-1', signedIn: undefined },
  };
  const issuer = of.known === 'of another issuer' ? 'https://other.example.com' : identity.issuer;
  return {
    identity,
    policy: aPolicy({
      accounts: of.accounts,
      linkByVerifiedEmail: of.linkByVerifiedEmail === 'yes',
      operators: { groups: ['admins'] },
      ...(of.entry === 'allowed' && { allow: { emails: ['ada@example.com'] } }),
      ...(of.entry === 'denied' && { deny: { groups: identity.groups?.length ? ['admins'] : [] } }),
      ...(of.entry === 'denied' && { allow: { groups: ['nobody'] } }),
    }),
    known: of.known === 'no' ? undefined : { identity: aKnown({ issuer }), user },
    linking: linkings[of.linking],
    namesake: of.known === 'no' ? namesakes[of.namesake] : undefined,
    hasSetupLink: of.setupLink === 'yes',
    hasUsers: of.users === 'some',
  };
}

function answerTo(situation: Situation): string {
  try {
    const judged = judge(situation);
    if (judged.do === 'create') return `create ${judged.isFirst ? 'first ' : ''}${judged.email}`;
    return `${judged.do} ${judged.user.id}${judged.do === 'link' && judged.isInvited ? ' invited' : ''}`;
  } catch (failure) {
    if (isRefusal(failure)) return failure.reason;
    throw failure;
  }
}

describe('whose account somebody signs in to', () => {
  it('is what the table says, for every combination', () => {
    const met = new Set<string>();
    let count = 0;
    for (const combination of combinations()) {
      const row = table.find(([when]) =>
        Object.entries(when).every(([name, value]) => combination[name as keyof Combination] === value),
      );
      assert.equal(answerTo(situationOf(combination)), row?.[1], JSON.stringify(combination));
      met.add(JSON.stringify(row));
      count += 1;
    }
    assert.equal(count, 3 * 3 * 4 * 5 * 3 * 2 * 2 * 2 * 2 * 2);
    assert.equal(met.size, table.length, 'a row that nothing meets says nothing');
  });

  it('is never the account of another person by an address that nobody has verified', () => {
    const anything = fc.record({
      emailVerified: fc.boolean(),
      theirs: fc.boolean(),
      password: fc.boolean(),
      linkByVerifiedEmail: fc.boolean(),
      accounts: fc.constantFrom('just-in-time' as const, 'invited' as const),
      spelling: fc.constantFrom('ada@example.com', ' ADA@Example.com', 'ada@EXAMPLE.COM', 'eve@example.com'),
      hasUsers: fc.boolean(),
      hasSetupLink: fc.boolean(),
    });
    fc.assert(
      fc.property(anything, (given) => {
        const answer = answerTo({
          identity: anIdentity({ email: given.spelling, emailVerified: given.emailVerified }),
          policy: aPolicy(given),
          namesake: {
            user: aUser({ id: 'victim', ...(given.password && hash) }),
            identities: [aKnown({ userId: 'victim', subject: 'subject-2', emailVerified: given.theirs })],
          },
          hasSetupLink: given.hasSetupLink,
          hasUsers: given.hasUsers,
        });
        const bothVerified = given.emailVerified && given.theirs && given.spelling !== 'eve@example.com';
        if (!bothVerified || !given.linkByVerifiedEmail) assert.doesNotMatch(answer, /victim/);
        if (!given.emailVerified) assert.doesNotMatch(answer, /@/, 'and it becomes no address of an account');
      }),
      { numRuns: 2000 },
    );
  });
});
