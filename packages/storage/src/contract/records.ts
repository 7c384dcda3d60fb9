// The `records` toolset. Whose a found record is, the caller judges; a change or a removal of another's is refused here.
// A record and its tags are written together or not at all; a tag that is named twice is on it once.

/** What the records of the `records` toolset have in common. */
export interface OwnRecord {
  readonly id: string;
  /** Never changes. */
  readonly userId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** `records` toolset: a word that a person puts on items and clients. */
export type Tag = OwnRecord;

/** `records` toolset: a thing that a person keeps. */
export interface Item extends OwnRecord {
  readonly content: string;
  /** Of the same person, in the order they were put on it. */
  readonly tags: readonly Tag[];
}

/** `records` toolset: whom a person works for; not a `Client`, which is a program. */
export interface RecordsClient extends OwnRecord {
  readonly tags: readonly Tag[];
}

/** A part of a person's records, newest first. */
export interface RecordsPage {
  readonly userId: string;
  readonly limit: number;
  readonly offset: number;
}

/** Why a record was not changed or removed. */
export type RecordRefusal = 'not_found' | 'not_owner';

/** Why nothing was written: a tag does not exist, or is another person's. */
export type TagRefusal = 'tag_not_found' | 'tag_not_owner';

export interface RecordsStorage {
  addItem(item: Omit<Item, 'tags'>, tagIds?: readonly string[]): Promise<Item | 'user_gone' | TagRefusal>;
  findItem(id: string): Promise<Item | undefined>;
  listItems(page: RecordsPage): Promise<readonly Item[]>;
  /** What is undefined stays as it is; `tagIds` replaces all of them. */
  changeItem(change: {
    id: string;
    userId: string;
    name?: string | undefined;
    content?: string | undefined;
    tagIds?: readonly string[] | undefined;
    now: number;
  }): Promise<Item | RecordRefusal | TagRefusal>;
  removeItem(removed: { id: string; userId: string }): Promise<'removed' | RecordRefusal>;
  addRecordsClient(
    client: Omit<RecordsClient, 'tags'>,
    tagIds?: readonly string[],
  ): Promise<RecordsClient | 'user_gone' | TagRefusal>;
  findRecordsClient(id: string): Promise<RecordsClient | undefined>;
  listRecordsClients(page: RecordsPage): Promise<readonly RecordsClient[]>;
  /** As `changeItem`. */
  changeRecordsClient(change: {
    id: string;
    userId: string;
    name?: string | undefined;
    tagIds?: readonly string[] | undefined;
    now: number;
  }): Promise<RecordsClient | RecordRefusal | TagRefusal>;
  removeRecordsClient(removed: { id: string; userId: string }): Promise<'removed' | RecordRefusal>;
  addTag(tag: Tag): Promise<Tag | 'user_gone'>;
  findTag(id: string): Promise<Tag | undefined>;
  listTags(page: RecordsPage): Promise<readonly Tag[]>;
  changeTag(change: {
    id: string;
    userId: string;
    name?: string | undefined;
    now: number;
  }): Promise<Tag | RecordRefusal>;
  /** Takes it off every item and client. */
  removeTag(removed: { id: string; userId: string }): Promise<'removed' | RecordRefusal>;
}
