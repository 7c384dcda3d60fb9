// Clients: whom a person works for. Their tags go out as `accessTags`, which is what programs that know these records
// read; both names are taken.

import type { RecordsClient } from '@sallyport/storage';
import { operationsOf, ownMembers } from './kind.ts';
import { clients } from './schemas.ts';

export const clientOperations = operationsOf({
  noun: 'client',
  one: 'a client',
  about: { list: 'A client is somebody the person works for, not a program.' },
  schemas: clients,
  recordOf: (client: RecordsClient) => ({ ...ownMembers(client), accessTags: client.tags.map(ownMembers) }),
  add: (storage, own, { name, tags, accessTags }) =>
    storage.addRecordsClient({ ...own, name }, accessTags ?? tags),
  find: (storage, id) => storage.findRecordsClient(id),
  list: (storage, page) => storage.listRecordsClients(page),
  change: (storage, own, { name, tags, accessTags }) =>
    storage.changeRecordsClient({ ...own, name, tagIds: accessTags ?? tags }),
  remove: (storage, own) => storage.removeRecordsClient(own),
});
