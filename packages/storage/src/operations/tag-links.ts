// Which tags an item or a client has, in their order. Only tags of the same person can be put on it.

import type { RecordsPage, Tag, TagRefusal } from '../contract.ts';
import { all, run, statement } from '../script.ts';
import type { Script } from '../script.ts';
import { ownRecordOf } from './own-records.ts';
import type { OwnRow } from './own-records.ts';
import { findTag } from './tags.ts';

interface LinkedRow extends OwnRow {
  readonly owner: string;
  readonly position: number;
}

/**
 * @param table the links
 * @param owner its column for whose tags they are
 * @param owners the table of these
 */
export function tagLinks(table: string, owner: string, owners: string) {
  const linked = `SELECT ${owner} AS owner, position, tags.id, tags.user_id, tags.name, tags.created_at, tags.updated_at
      FROM ${table} JOIN tags ON tags.id = ${table}.tag_id`;

  const insert = statement(
    `INSERT INTO ${table} (${owner}, position, tag_id) SELECT $1, $2, id FROM tags WHERE id = $3 AND user_id = $4`,
  );
  const clear = statement(`DELETE FROM ${table} WHERE ${owner} = $1`);
  const selectOfOne = statement<LinkedRow>(`${linked} WHERE ${owner} = $1`);
  const selectOfPage = statement<LinkedRow>(
    `${linked} WHERE ${owner} IN (SELECT id FROM ${owners} WHERE user_id = $1
      ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3)`,
  );

  /** Replaces all of them; what was refused must be undone by the caller. */
  function* set(id: string, userId: string, tagIds: readonly string[]): Script<'set' | TagRefusal> {
    yield* run(clear, id);
    for (const [position, tagId] of [...new Set(tagIds)].entries()) {
      if ((yield* run(insert, id, position, tagId, userId)) === 1) continue;
      return (yield* findTag(tagId)) === undefined ? 'tag_not_found' : 'tag_not_owner';
    }
    return 'set';
  }

  function* of(id: string): Script<readonly Tag[]> {
    return inOrder(yield* all(selectOfOne, id));
  }

  /** @returns the tags of one that is on this page; none when it has none */
  function* ofPage({ userId, limit, offset }: RecordsPage): Script<(id: string) => readonly Tag[]> {
    const rows = Map.groupBy(yield* all(selectOfPage, userId, limit, offset), (row) => row.owner);
    return (id) => inOrder(rows.get(id) ?? []);
  }

  return { set, of, ofPage };
}

const inOrder = (rows: readonly LinkedRow[]): readonly Tag[] =>
  rows.toSorted((one, other) => one.position - other.position).map(ownRecordOf);
