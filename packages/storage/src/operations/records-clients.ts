// The clients that people keep in the records toolset: whom they work for, not programs that registered.

import type { RecordsClient, Storage } from '../contract.ts';
import { ownRecordOf, ownRecords } from './own-records.ts';
import type { OwnRow } from './own-records.ts';
import { tagLinks } from './tag-links.ts';
import { taggedRecords } from './tagged-records.ts';

const clients = taggedRecords(
  ownRecords<OwnRow>('records_clients', ['name']),
  tagLinks('records_client_tags', 'client_id', 'records_clients'),
  (row, tags): RecordsClient => ({ ...ownRecordOf(row), tags }),
);

export const { find: findRecordsClient, list: listRecordsClients, remove: removeRecordsClient } = clients;

export function addRecordsClient(client: Omit<RecordsClient, 'tags'>, tagIds: readonly string[] = []) {
  return clients.add(client, tagIds, client.name);
}

export function changeRecordsClient(change: Parameters<Storage['changeRecordsClient']>[0]) {
  return clients.change(change, change.name);
}
