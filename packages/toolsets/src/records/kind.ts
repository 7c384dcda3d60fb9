// The five operations that every kind of record has: list, get, create, update, delete.

import { orderedId } from '@sallyport/crypto';
import type { JsonObject } from '@sallyport/protocol';
import type { OwnRecord, RecordRefusal, RecordsPage, TagRefusal } from '@sallyport/storage';
import type { z } from 'zod';
import { denied, operation, timeOf } from './operation.ts';
import type { Denied, Operation, RecordsStorage } from './operation.ts';
import { askedOne, askedPage, deleted } from './schemas.ts';

/** What differs between items, clients and tags. */
export interface Kind<Kept extends OwnRecord, Create extends z.ZodObject, Update extends z.ZodObject> {
  readonly noun: 'item' | 'client' | 'tag';
  /** The noun with its article. */
  readonly one: string;
  /** What a model should know besides. */
  readonly about: { readonly list?: string; readonly remove?: string };
  readonly schemas: {
    readonly record: z.ZodObject;
    readonly page: z.ZodObject;
    readonly create: Create;
    readonly update: Update;
  };
  readonly recordOf: (kept: Kept) => JsonObject;
  readonly add: (
    storage: RecordsStorage,
    own: Omit<OwnRecord, 'name'>,
    asked: z.output<Create>,
  ) => Promise<Kept | 'user_gone' | TagRefusal>;
  readonly find: (storage: RecordsStorage, id: string) => Promise<Kept | undefined>;
  readonly list: (storage: RecordsStorage, page: RecordsPage) => Promise<readonly Kept[]>;
  readonly change: (
    storage: RecordsStorage,
    own: { id: string; userId: string; now: number },
    asked: z.output<Update>,
  ) => Promise<Kept | RecordRefusal | TagRefusal>;
  readonly remove: (
    storage: RecordsStorage,
    own: { id: string; userId: string },
  ) => Promise<'removed' | RecordRefusal>;
}

export function operationsOf<
  Kept extends OwnRecord,
  Create extends z.ZodObject,
  Update extends z.ZodObject<{ id: z.ZodString }>,
>(kind: Kind<Kept, Create, Update>): readonly Operation[] {
  const { noun, one, about, schemas, recordOf } = kind;
  const plural = `${noun}s`;

  const list = operation({
    name: `get_user_${plural}`,
    title: `Your ${plural}`,
    description: sentences(
      `Lists the ${plural} of the signed-in person, newest first, one page at a time. A page with fewer ${plural} than \`perPage\` is the last.`,
      about.list,
    ),
    effect: 'read',
    input: askedPage,
    output: schemas.page,
    async run({ page, limit }, { storage, userId }) {
      const kept = await kind.list(storage, { userId, limit, offset: (page - 1) * limit });
      return { [plural]: kept.map(recordOf), page, perPage: limit, count: kept.length };
    },
  });

  const get = operation({
    name: `get_user_${noun}`,
    title: `One of your ${plural}`,
    description: `Answers one ${noun} of the signed-in person by its id.`,
    effect: 'read',
    input: askedOne,
    output: schemas.record,
    async run({ id }, { storage, userId }) {
      const kept = await kind.find(storage, id);
      if (kept === undefined) return denied('not_found', noun);
      return kept.userId === userId ? recordOf(kept) : denied('not_owner', noun);
    },
  });

  const create = operation({
    name: `create_user_${noun}`,
    title: `Create ${one}`,
    description: `Creates ${one} that belongs to the signed-in person and answers it with its new id.`,
    effect: 'create',
    input: schemas.create,
    output: schemas.record,
    async run(asked, { storage, userId, now }) {
      // Ordered, so that records of one second have an order too; and not to be guessed, so that "does not belong to
      // you" tells nothing to somebody who tries ids.
      const own = { id: orderedId(), userId, createdAt: now, updatedAt: now };
      return answer(await kind.add(storage, own, asked));
    },
  });

  const update = operation({
    name: `update_user_${noun}`,
    title: `Change ${one}`,
    description: `Changes ${one} of the signed-in person and answers it. What is given is replaced; the rest stays as it is.`,
    effect: 'update',
    input: schemas.update,
    output: schemas.record,
    async run(asked, { storage, userId, now }) {
      return answer(await kind.change(storage, { id: asked.id, userId, now }, asked));
    },
  });

  const remove = operation({
    name: `delete_user_${noun}`,
    title: `Delete ${one}`,
    description: sentences(`Deletes ${one} of the signed-in person for good.`, about.remove),
    effect: 'delete',
    input: askedOne,
    output: deleted,
    async run({ id }, { storage, userId }) {
      const removed = await kind.remove(storage, { id, userId });
      return removed === 'removed' ? { id, deleted: true } : denied(removed, noun);
    },
  });

  return [list, get, create, update, remove];

  function answer(kept: Kept | RecordRefusal | TagRefusal | 'user_gone'): JsonObject | Denied {
    return typeof kept === 'string' ? denied(kept, noun) : recordOf(kept);
  }
}

function sentences(...some: readonly (string | undefined)[]): string {
  return some.filter((sentence) => sentence !== undefined).join(' ');
}

/** What all kinds show of themselves. */
export function ownMembers({ id, name, userId, createdAt, updatedAt }: OwnRecord) {
  return { id, name, user: userId, created: timeOf(createdAt), updated: timeOf(updatedAt) };
}
