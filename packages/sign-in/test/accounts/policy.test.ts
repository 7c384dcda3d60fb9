// Who is let in, and who is an operator.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRefusal } from '@sallyport/protocol';
import * as fc from 'fast-check';
import {
  type AccountPolicy,
  checkMayEnter,
  isOperatorByRule,
  type PeopleRule,
} from '../../src/accounts/policy.ts';
import type { Identity } from '../../src/providers/provider.ts';
import { anIdentity, aPolicy } from './people.ts';

function entry(policy: Partial<AccountPolicy>, identity: Partial<Identity> = {}): string {
  try {
    checkMayEnter(anIdentity(identity), aPolicy(policy));
    return 'in';
  } catch (failure) {
    if (isRefusal(failure)) return failure.reason;
    throw failure;
  }
}

describe('who is let in', () => {
  it('is everybody where nothing is said', () => {
    assert.equal(entry({}), 'in');
    assert.equal(entry({ allow: {}, deny: {} }), 'in');
  });

  it('is told by the exact domain of an address', () => {
    const allow = { emailDomains: ['example.com'] };
    const addresses: readonly (readonly [string, string])[] = [
      ['ada@example.com', 'in'],
      ['ada@EXAMPLE.com', 'in'],
      ['ada@sub.example.com', 'person_denied'],
      ['ada@notexample.com', 'person_denied'],
      ['ada@example.com.evil.example', 'person_denied'],
      ['ada@example.co', 'person_denied'],
      // No addresses at all, whatever their end looks like.
      ['"ada@evil.example"@example.com', 'verified_email_missing'],
      ['ada@evil.example@example.com', 'verified_email_missing'],
      ['ada@example.com\n', 'in'],
      ['ada@evil.example,eve@example.com', 'verified_email_missing'],
      ['ada@example.com@', 'verified_email_missing'],
      ['ada@ex\u0430mple.com', 'person_denied'],
      ['ada@example\uff0ecom', 'verified_email_missing'],
      ['ada@\uff45xample.com', 'verified_email_missing'],
      ['example.com', 'verified_email_missing'],
      ['', 'verified_email_missing'],
    ];
    for (const [email, answer] of addresses) assert.equal(entry({ allow }, { email }), answer, email);
  });

  it('reads a domain in its own letters and in ASCII as the same', () => {
    const allow = { emailDomains: ['xn--exmple-cua.com'] };
    assert.equal(entry({ allow }, { email: 'ada@exämple.com' }), 'in');
    assert.equal(entry({ allow }, { email: 'ada@EXÄMPLE.com' }), 'in');
    assert.equal(entry({ allow }, { email: 'ada@xn--exmple-cua.com' }), 'in');
    assert.equal(entry({ allow }, { email: 'ada@exa\u0308mple.com' }), 'in');
    assert.equal(entry({ allow }, { email: 'ada@example.com' }), 'person_denied');
  });

  it('is never told by an address that the provider has not verified', () => {
    const unverified = { emailVerified: false };
    assert.equal(entry({ allow: { emailDomains: ['example.com'] } }, unverified), 'verified_email_missing');
    assert.equal(entry({ allow: { emails: ['ada@example.com'] } }, unverified), 'verified_email_missing');
    assert.equal(entry({ deny: { emailDomains: ['evil.example'] } }, unverified), 'verified_email_missing');
    assert.equal(entry({ deny: { groups: [] } }, { ...unverified, groups: [] }), 'in');
  });

  it('is who fits each kind that is named, where an address and a domain are one kind', () => {
    const allow = { emails: ['eve@other.example'], emailDomains: ['example.com'], organizations: ['acme'] };
    const acme = { organizations: ['acme', 'others'] };
    assert.equal(entry({ allow }, acme), 'in');
    assert.equal(entry({ allow }, { ...acme, email: 'eve@other.example' }), 'in');
    assert.equal(entry({ allow }, { ...acme, email: 'ada@other.example' }), 'person_denied');
    assert.equal(entry({ allow }, { organizations: ['others'] }), 'person_denied');
    assert.equal(entry({ allow }, { organizations: [] }), 'person_denied');
  });

  it('is nobody whom a rule of denial fits, whatever else is said', () => {
    const allow = { emails: ['ada@example.com'] };
    for (const deny of [
      { emails: ['ada@example.com'] },
      { emailDomains: ['example.com'] },
      { groups: ['contractors'] },
      { organizations: ['acme'], emails: ['nobody@example.com'] },
    ])
      assert.equal(
        entry({ allow, deny }, { groups: ['contractors'], organizations: ['acme'] }),
        'person_denied',
      );
  });

  it('is nobody of whom the provider does not say what a rule needs', () => {
    for (const key of ['organizations', 'groups'] as const) {
      assert.equal(entry({ allow: { [key]: ['acme'] } }), 'membership_unknown');
      assert.equal(entry({ deny: { [key]: ['acme'] } }), 'membership_unknown');
      assert.equal(entry({ deny: { [key]: ['acme'] } }, { [key]: [] }), 'in');
    }
    const both = { allow: { emailDomains: ['example.com'] }, deny: { groups: ['contractors'] } };
    assert.equal(entry(both), 'membership_unknown');
    assert.equal(entry(both, { email: undefined, groups: [] }), 'verified_email_missing');
  });

  it('tells organizations apart by case, but not where the provider does not', () => {
    const allow = { organizations: ['Acme'] };
    assert.equal(entry({ allow }, { organizations: ['acme'] }), 'person_denied');
    assert.equal(entry({ allow, organizationsIgnoreCase: true }, { organizations: ['aCME'] }), 'in');
    assert.equal(
      entry({ allow: { groups: ['Acme'] }, organizationsIgnoreCase: true }, { groups: ['acme'] }),
      'person_denied',
    );
  });

  it('only ever shrinks with a further denial, and with a further kind that is allowed', () => {
    const names = fc.subarray(['a', 'b', 'c']);
    const some = fc.option(names, { nil: undefined });
    const emails = fc.option(fc.subarray(['ada@example.com', 'eve@example.com']), { nil: undefined });
    const rule: fc.Arbitrary<PeopleRule> = fc.record({ organizations: some, groups: some, emails });
    const identity = fc.record({ organizations: some, groups: some, emailVerified: fc.boolean() });
    fc.assert(
      fc.property(rule, rule, rule, identity, (allow, deny, more, person) => {
        const before = entry({ allow, deny }, person);
        const denied = entry({ allow, deny: { ...more, ...defined(deny) } }, person);
        const narrowed = entry({ allow: { ...more, ...defined(allow) }, deny }, person);
        if (before !== 'in') assert.deepEqual([denied === 'in', narrowed === 'in'], [false, false]);
      }),
      { numRuns: 2000 },
    );
  });
});

const defined = (rule: PeopleRule): PeopleRule =>
  Object.fromEntries(Object.entries(rule).filter(([, names]) => names !== undefined));

describe('an operator', () => {
  const operators = { emails: ['ada@example.com'], organizations: ['owners'], groups: ['admins'] };
  const isOperator = (identity: Partial<Identity>, policy: Partial<AccountPolicy> = { operators }) =>
    isOperatorByRule(anIdentity(identity), aPolicy(policy));
  const nobody = { email: 'eve@example.com' };

  it('is who fits anything of the rule', () => {
    assert.equal(isOperator({}), true);
    assert.equal(isOperator({ ...nobody, organizations: ['owners'] }), true);
    assert.equal(isOperator({ ...nobody, groups: ['admins'] }), true);
    assert.equal(isOperator({ ...nobody, groups: ['owners'], organizations: ['admins'] }), false);
  });

  it('is nobody by an address that is not verified, by what is not said, or without a rule', () => {
    assert.equal(isOperator({ emailVerified: false }), false);
    assert.equal(isOperator(nobody), false);
    assert.equal(isOperator({}, {}), false);
    assert.equal(isOperator({}, { operators: {} }), false);
  });
});
