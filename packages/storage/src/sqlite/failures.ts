// What the failures of SQLite and of the file system mean for the person who runs this, and what to do about each.

import { lockPatienceMilliseconds } from '../limits.ts';
import { StorageUnavailable } from '../contract.ts';

const setting = 'storage.url (SALLYPORT_STORAGE_URL)';
const busy = 5;

const readOnly = 'cannot be written. Give this user write permission to the file and to its folder';
const full =
  'is on a disk that is full. Free some space; whatever was answered before is kept, and nothing needs a restart';
const belowFile = `is below something that is not a folder. Name another place in ${setting}`;
const damaged =
  'is damaged. Stop every process that uses it, keep a copy, and put back a backup (or try `sqlite3 <file> .recover`)';

/** By SQLite's primary result code. */
const ofSqlite: Readonly<Record<number, string>> = {
  [busy]: `is locked by another process for more than ${lockPatienceMilliseconds / 1000} seconds. Find the process that holds it open and end it`,
  6: 'is locked within this process. Start it again',
  7: 'needs more memory than this process may have. Give it more',
  8: readOnly,
  10: 'is on a disk that reports errors. Check the disk, its quota and its limits',
  11: damaged,
  13: full,
  14: 'cannot be opened. Check that its folder exists and that this user may write to both folder and file',
  26: `is not a database. Move the file away, or name another one in ${setting}`,
};

/** By the file system's error, which comes before SQLite's. */
const ofFiles: Readonly<Record<string, string>> = {
  EACCES: readOnly,
  EPERM: readOnly,
  EROFS: `is on a disk that is mounted read-only. Put it on another one with ${setting}`,
  ENOENT: `is in a folder that cannot be made. Name another one in ${setting}`,
  EISDIR: `is a folder. Name a file in ${setting}`,
  ENOTDIR: belowFile,
  EEXIST: belowFile,
  ENOSPC: full,
  EDQUOT: full,
  ENAMETOOLONG: `has a name that is too long. Name a shorter one in ${setting}`,
};

/** Whether another connection holds the lock; the same call can succeed later. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === busy;
}

/**
 * @param where how messages call the database
 * @returns the error to hand on: `StorageUnavailable` when the store is to blame, else the error itself
 */
export function explain(error: unknown, where: string): unknown {
  const sentence = ofSqlite[primaryCode(error) ?? 0] ?? ofFiles[fileCode(error) ?? ''];
  if (sentence === undefined) return error;
  return new StorageUnavailable(`The database ${where} ${sentence}.`, { cause: error });
}

/** @param found what `quick_check` said */
export function damagedDatabase(where: string, found: string): StorageUnavailable {
  return new StorageUnavailable(`The database ${where} ${damaged}. Found: ${found.replaceAll('\n', ' ')}.`);
}

/** @returns SQLite's result code without its details */
export function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

function fileCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
