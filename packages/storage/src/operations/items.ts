// What people keep in the records toolset.

import type { Item, Storage } from '../contract.ts';
import { all, one, run, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface ItemRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly content: string;
  readonly created_at: number;
  readonly updated_at: number;
}

const columns = 'id, user_id, name, content, created_at, updated_at';

const insertItem = statement(
  `INSERT INTO items (${columns}) SELECT $1, $2, $3, $4, $5, $6
    WHERE EXISTS (SELECT 1 FROM users WHERE id = $2)`,
);
const selectItem = statement<ItemRow>(`SELECT ${columns} FROM items WHERE id = $1`);
const selectItems = statement<ItemRow>(
  `SELECT ${columns} FROM items WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3`,
);

export function* addItem(item: Item): Script<'added' | 'user_gone'> {
  const { id, userId, name, content, createdAt, updatedAt } = item;
  const added = yield* run(insertItem, id, userId, name, content, createdAt, updatedAt);
  return added === 1 ? 'added' : 'user_gone';
}

export function* findItem(id: string): Script<Item | undefined> {
  const row = yield* one(selectItem, id);
  return row === undefined ? undefined : itemOf(row);
}

export function* listItems(page: Parameters<Storage['listItems']>[0]): Script<readonly Item[]> {
  return (yield* all(selectItems, page.userId, page.limit, page.offset)).map(itemOf);
}

const itemOf = (row: ItemRow): Item => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  content: row.content,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
