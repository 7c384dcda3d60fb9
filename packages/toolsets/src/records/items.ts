// Items: the things a person keeps.

import type { Item } from '@sallyport/storage';
import { operationsOf, ownMembers } from './kind.ts';
import { items } from './schemas.ts';

export const itemOperations = operationsOf({
  noun: 'item',
  one: 'an item',
  about: {},
  schemas: items,
  recordOf: (item: Item) => ({ ...ownMembers(item), content: item.content, tags: item.tags.map(ownMembers) }),
  add: (storage, own, { name, content, tags }) => storage.addItem({ ...own, name, content }, tags),
  find: (storage, id) => storage.findItem(id),
  list: (storage, page) => storage.listItems(page),
  change: (storage, own, { name, content, tags }) =>
    storage.changeItem({ ...own, name, content, tagIds: tags }),
  remove: (storage, own) => storage.removeItem(own),
});
