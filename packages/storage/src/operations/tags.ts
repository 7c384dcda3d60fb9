// The words that people put on their items and clients. A removed tag leaves them by its cascade.

import type { RecordRefusal, RecordsPage, Storage, Tag } from '../contract.ts';
import type { Script } from '../script.ts';
import { ownRecordOf, ownRecords } from './own-records.ts';
import type { OwnRow } from './own-records.ts';

const tags = ownRecords<OwnRow>('tags', ['name']);

export function* addTag(tag: Tag): Script<Tag | 'user_gone'> {
  const row = yield* tags.add(tag, tag.name);
  return row === undefined ? 'user_gone' : ownRecordOf(row);
}

export function* findTag(id: string): Script<Tag | undefined> {
  const row = yield* tags.find(id);
  return row === undefined ? undefined : ownRecordOf(row);
}

export function* listTags(page: RecordsPage): Script<readonly Tag[]> {
  return (yield* tags.list(page)).map(ownRecordOf);
}

export function* changeTag(change: Parameters<Storage['changeTag']>[0]): Script<Tag | RecordRefusal> {
  const row = yield* tags.change(change, change.name);
  return typeof row === 'string' ? row : ownRecordOf(row);
}

export const removeTag = tags.remove;
