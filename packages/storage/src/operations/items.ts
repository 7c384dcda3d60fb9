// The things that people keep in the records toolset.

import type { Item, Storage } from '../contract.ts';
import { ownRecordOf, ownRecords } from './own-records.ts';
import type { OwnRow } from './own-records.ts';
import { tagLinks } from './tag-links.ts';
import { taggedRecords } from './tagged-records.ts';

interface ItemRow extends OwnRow {
  readonly content: string;
}

const items = taggedRecords(
  ownRecords<ItemRow>('items', ['name', 'content']),
  tagLinks('item_tags', 'item_id', 'items'),
  (row, tags): Item => ({ ...ownRecordOf(row), content: row.content, tags }),
);

export const { find: findItem, list: listItems, remove: removeItem } = items;

export function addItem(item: Omit<Item, 'tags'>, tagIds: readonly string[] = []) {
  return items.add(item, tagIds, item.name, item.content);
}

export function changeItem(change: Parameters<Storage['changeItem']>[0]) {
  return items.change(change, change.name, change.content);
}
