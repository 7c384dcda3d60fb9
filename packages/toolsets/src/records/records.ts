// The operations on a person's own records. Tools translate to and from them, and so does anything else that offers
// the same records; who may see what is decided here and nowhere else.

import { orderedId } from '@sallyport/crypto';
import type { Item, Storage, User } from '@sallyport/storage';
import type { ItemPage, ItemRecord, Profile } from './schemas.ts';

export type RecordsStorage = Pick<Storage, 'findUser' | 'listItems' | 'findItem' | 'addItem'>;

export async function findProfile(storage: RecordsStorage, userId: string): Promise<Profile | undefined> {
  const user = await storage.findUser(userId);
  return user === undefined ? undefined : profileOf(user);
}

/** Newest first; a page past the end is empty. */
export async function listOwnItems(
  storage: RecordsStorage,
  asked: { readonly userId: string; readonly page: number; readonly limit: number },
): Promise<ItemPage> {
  const { userId, page, limit } = asked;
  const items = await storage.listItems({ userId, limit, offset: (page - 1) * limit });
  return { items: items.map(recordOf), page, perPage: limit, count: items.length };
}

export async function findOwnItem(
  storage: RecordsStorage,
  asked: { readonly userId: string; readonly id: string },
): Promise<ItemRecord | 'not_found' | 'not_owner'> {
  const item = await storage.findItem(asked.id);
  if (item === undefined) return 'not_found';
  return item.userId === asked.userId ? recordOf(item) : 'not_owner';
}

/** @param now epoch seconds */
export async function createItem(
  storage: RecordsStorage,
  asked: { readonly userId: string; readonly name: string; readonly content: string },
  now: number,
): Promise<ItemRecord | 'user_gone'> {
  // Ordered, so that items of one second have an order too; and not to be guessed, so that "does not belong to you" tells
  // nothing to somebody who tries ids.
  const item = { id: orderedId(), ...asked, createdAt: now, updatedAt: now };
  const added = await storage.addItem(item);
  return typeof added === 'string' ? 'user_gone' : recordOf(added);
}

function profileOf(user: User): Profile {
  const { id, email, name, createdAt, updatedAt } = user;
  return { id, email, name, created: timeOf(createdAt), updated: timeOf(updatedAt) };
}

function recordOf(item: Item): ItemRecord {
  const { id, name, content, userId, createdAt, updatedAt } = item;
  return { id, name, content, user: userId, created: timeOf(createdAt), updated: timeOf(updatedAt) };
}

/** RFC 3339, as JSON Schema's `date-time` wants it. */
function timeOf(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString();
}
