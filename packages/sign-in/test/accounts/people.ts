// People of the tests of accounts: one of each kind, with what matters to a test overridden.
import type { KnownIdentity, User } from '@sallyport/storage';
import type { AccountPolicy } from '../../src/accounts/policy.ts';
import type { Identity } from '../../src/providers/provider.ts';

export const now = 1_800_000_000;

export const anIdentity = (given: Partial<Identity> = {}): Identity => ({
  provider: 'example',
  issuer: 'https://id.example.com',
  subject: 'subject-1',
  email: 'ada@example.com',
  emailVerified: true,
  name: 'Ada',
  username: 'ada',
  ...given,
});

export const aUser = (given: Partial<User> = {}): User => ({
  id: 'user-1',
  email: 'ada@example.com',
  name: 'Ada',
  role: 'member',
  createdAt: now,
  updatedAt: now,
  ...given,
});

export const aKnown = (given: Partial<KnownIdentity> = {}): KnownIdentity => ({
  provider: 'example',
  issuer: 'https://id.example.com',
  subject: 'subject-1',
  userId: 'user-1',
  email: 'ada@example.com',
  emailVerified: true,
  createdAt: now,
  signedInAt: now,
  ...given,
});

export const aPolicy = (given: Partial<AccountPolicy> = {}): AccountPolicy => ({
  accounts: 'just-in-time',
  linkByVerifiedEmail: false,
  ...given,
});
