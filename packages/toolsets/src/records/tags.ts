// Tags: the words a person puts on items and clients.

import { operationsOf, ownMembers } from './kind.ts';
import { tagsOfPerson } from './schemas.ts';

export const tagOperations = operationsOf({
  noun: 'tag',
  one: 'a tag',
  about: { remove: 'It is taken off every item and client.' },
  schemas: tagsOfPerson,
  recordOf: ownMembers,
  add: (storage, own, { name }) => storage.addTag({ ...own, name }),
  find: (storage, id) => storage.findTag(id),
  list: (storage, page) => storage.listTags(page),
  change: (storage, own, { name }) => storage.changeTag({ ...own, name }),
  remove: (storage, own) => storage.removeTag(own),
});
