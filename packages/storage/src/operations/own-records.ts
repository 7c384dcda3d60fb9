// What items, clients and tags of the records toolset have in common: an owner who never changes, texts that do.

import type { OwnRecord, RecordRefusal, RecordsPage, Storage } from '../contract.ts';
import { all, one, run, statement } from '../script.ts';
import type { Script } from '../script.ts';

export interface OwnRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly created_at: number;
  readonly updated_at: number;
}

type Change = Omit<Parameters<Storage['changeTag']>[0], 'name'>;

/** @param texts the columns that may be changed, `name` first */
export function ownRecords<Row extends OwnRow>(
  table: string,
  texts: readonly [keyof Row & string, ...(keyof Row & string)[]],
) {
  const columns = ['id', 'user_id', 'created_at', 'updated_at', ...texts].join(', ');
  const parameters = texts.map((_, index) => `$${index + 5}`).join(', ');
  const changes = texts.map((column, index) => `${column} = COALESCE($${index + 4}, ${column})`).join(', ');

  const insert = statement(
    `INSERT INTO ${table} (${columns}) SELECT $1, $2, $3, $4, ${parameters}
      WHERE EXISTS (SELECT 1 FROM users WHERE id = $2)`,
  );
  const select = statement<Row>(`SELECT ${columns} FROM ${table} WHERE id = $1`);
  const selectPage = statement<Row>(
    `SELECT ${columns} FROM ${table} WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3`,
  );
  const update = statement(`UPDATE ${table} SET updated_at = $3, ${changes} WHERE id = $1 AND user_id = $2`);
  const remove = statement(`DELETE FROM ${table} WHERE id = $1 AND user_id = $2`);

  /** @param values of `texts`. @returns undefined when there is no such user */
  function* add(record: Omit<OwnRecord, 'name'>, ...values: readonly string[]): Script<Row | undefined> {
    const { id, userId, createdAt, updatedAt } = record;
    const added = yield* run(insert, id, userId, createdAt, updatedAt, ...values);
    return added === 1 ? yield* find(id) : undefined;
  }

  function* find(id: string): Script<Row | undefined> {
    return yield* one(select, id);
  }

  function* list({ userId, limit, offset }: RecordsPage): Script<readonly Row[]> {
    return yield* all(selectPage, userId, limit, offset);
  }

  /** @param values of `texts`; undefined stays as it is */
  function* change(
    { id, userId, now }: Change,
    ...values: readonly (string | undefined)[]
  ): Script<Row | RecordRefusal> {
    const changed = yield* run(update, id, userId, now, ...values.map((value) => value ?? null));
    const row = yield* find(id);
    if (row === undefined) return 'not_found';
    return changed === 1 ? row : 'not_owner';
  }

  function* removeOwn(removed: Parameters<Storage['removeTag']>[0]): Script<'removed' | RecordRefusal> {
    const { id, userId } = removed;
    if ((yield* run(remove, id, userId)) === 1) return 'removed';
    return (yield* find(id)) === undefined ? 'not_found' : 'not_owner';
  }

  return { add, find, list, change, remove: removeOwn };
}

export const ownRecordOf = (row: OwnRow): OwnRecord => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
