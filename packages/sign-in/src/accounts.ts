// Making an account with a password, or for whoever proves to have an address: the same rules on the page and on the
// command line.
import { randomToken } from '@sallyport/crypto';
import { readEmail } from '@sallyport/protocol';
import type { Storage, User } from '@sallyport/storage';
import { readName } from './name.ts';
import { hashPassword } from './passwords.ts';
import { refuse } from './refusals.ts';

interface InvitedAccount {
  readonly email: string;
  /** How the person is called on pages; the part of the e-mail before the @ unless given. */
  readonly name?: string | undefined;
  readonly role: User['role'];
}

export interface NewAccount extends InvitedAccount {
  readonly password: string;
}

/**
 * Judges and hashes; keeps nothing yet.
 * @throws {Refusal} `email_invalid`, `password_too_short`, `password_too_long`, `busy`
 */
export async function prepareUser(account: NewAccount, now: number): Promise<User> {
  const email = readEmail(account.email);
  if (email === undefined) throw refuse('email_invalid');
  return {
    id: randomToken(16),
    email,
    name: readName(account.name, email),
    passwordHash: await hashPassword(account.password),
    role: account.role,
    createdAt: now,
    updatedAt: now,
  };
}

/**
 * For the operator, who may know which accounts exist.
 * @param now epoch seconds
 * @throws {Refusal} as `prepareUser`, or `email_taken`
 */
export async function addUserWithPassword(storage: Storage, account: NewAccount, now: number): Promise<User> {
  const user = await prepareUser(account, now);
  if ((await storage.addUser(user)) === 'email_taken') throw refuse('email_taken');
  return user;
}

/**
 * An account without any way to sign in: it waits for the first who comes from a provider that has verified this address.
 * @param now epoch seconds
 * @throws {Refusal} `email_invalid`, `email_taken`
 */
export async function invite(storage: Storage, account: InvitedAccount, now: number): Promise<User> {
  const email = readEmail(account.email);
  if (email === undefined) throw refuse('email_invalid');
  const { role } = account;
  const name = readName(account.name, email);
  const user: User = { id: randomToken(16), email, name, role, createdAt: now, updatedAt: now };
  if ((await storage.addUser(user)) === 'email_taken') throw refuse('email_taken');
  return user;
}
