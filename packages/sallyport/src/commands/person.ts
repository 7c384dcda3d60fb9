// An account as the operator names it.

import type { Storage, User } from '@sallyport/storage';
import { Failure } from './failure.ts';
import type { Io } from './io.ts';
import { printable } from './table.ts';

/** @param named its e-mail address in any case, or exactly what `users list` shows in place of one */
export async function findPerson(storage: Storage, named: string): Promise<User | undefined> {
  const typed = named.trim();
  // What a provider calls two people may differ by case alone.
  return (await storage.findUserByEmail(typed)) ?? storage.findUserByEmail(typed.toLowerCase());
}

export function unknownUser(named: string, io: Io): Failure {
  return new Failure(`There is no account ${printable(named)}.`, {
    next: [`See all: ${io.program} users list`],
  });
}
