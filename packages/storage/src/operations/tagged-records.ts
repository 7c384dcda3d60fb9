// Items and clients of the records toolset: own records with tags, written together or not at all.

import type { OwnRecord, RecordRefusal, RecordsPage, Storage, Tag, TagRefusal } from '../contract.ts';
import { Undone } from '../script.ts';
import type { Script } from '../script.ts';
import type { ownRecords, OwnRow } from './own-records.ts';
import type { tagLinks } from './tag-links.ts';

type Change = Parameters<Storage['changeRecordsClient']>[0];

/** @param recordOf what a row and its tags are in the contract's words */
export function taggedRecords<Row extends OwnRow, Kept>(
  records: ReturnType<typeof ownRecords<Row>>,
  links: ReturnType<typeof tagLinks>,
  recordOf: (row: Row, tags: readonly Tag[]) => Kept,
) {
  function* add(
    record: OwnRecord,
    tagIds: readonly string[],
    ...values: readonly string[]
  ): Script<Kept | 'user_gone' | TagRefusal | Undone<TagRefusal>> {
    const row = yield* records.add(record, ...values);
    if (row === undefined) return 'user_gone';
    const linked = yield* links.set(row.id, row.user_id, tagIds);
    return linked === 'set' ? recordOf(row, yield* links.of(row.id)) : new Undone(linked);
  }

  function* find(id: string): Script<Kept | undefined> {
    const row = yield* records.find(id);
    return row === undefined ? undefined : recordOf(row, yield* links.of(id));
  }

  function* list(page: RecordsPage): Script<readonly Kept[]> {
    const rows = yield* records.list(page);
    if (rows.length === 0) return [];
    const tagsOf = yield* links.ofPage(page);
    return rows.map((row) => recordOf(row, tagsOf(row.id)));
  }

  function* change(
    asked: Change,
    ...values: readonly (string | undefined)[]
  ): Script<Kept | RecordRefusal | TagRefusal | Undone<TagRefusal>> {
    const row = yield* records.change(asked, ...values);
    if (typeof row === 'string') return row;
    if (asked.tagIds !== undefined) {
      const linked = yield* links.set(asked.id, asked.userId, asked.tagIds);
      if (linked !== 'set') return new Undone(linked);
    }
    return recordOf(row, yield* links.of(asked.id));
  }

  return { add, find, list, change, remove: records.remove };
}
