// What SQLite's failures mean for the person who runs this, and what to do about each.

import { lockPatienceMilliseconds } from '../limits.ts';
import { StorageUnavailable } from '../contract.ts';

/** Primary result codes, as SQLite numbers them. */
const codes = {
  busy: 5,
  locked: 6,
  outOfMemory: 7,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

const advice: Readonly<Record<number, string>> = {
  [codes.busy]: `is locked by another process for more than ${lockPatienceMilliseconds / 1000} seconds. Find the process that holds it open and end it`,
  [codes.locked]: 'is locked within this process. Start it again',
  [codes.outOfMemory]: 'needs more memory than this process may have. Give it more',
  [codes.readOnly]: 'cannot be written. Give this user write permission to the file and to its folder',
  [codes.inputOutput]: 'is on a disk that reports errors. Check the disk, its quota and its limits',
  [codes.corrupt]:
    'is damaged. Stop every process that uses it, keep a copy, and put back a backup (or try `sqlite3 <file> .recover`)',
  [codes.full]:
    'is on a disk that is full. Free some space; whatever was answered before is kept, and nothing needs a restart',
  [codes.cannotOpen]:
    'cannot be opened. Check that its folder exists and that this user may write to both folder and file',
  [codes.notADatabase]:
    'is not a database. Move the file away, or name another one in storage.url (SALLYPORT_STORAGE_URL)',
};

/** @returns SQLite's primary result code, when this is an error of SQLite */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/** Whether another connection holds the lock; the same call can succeed later. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === codes.busy;
}

/** @returns the error to hand on: `StorageUnavailable` when the store is to blame, else the error itself */
export function explain(error: unknown, where: string): unknown {
  const code = primaryCode(error);
  const sentence = code === undefined ? undefined : advice[code];
  if (sentence === undefined) return error;
  return new StorageUnavailable(`The database ${where} ${sentence}.`, { cause: error });
}

/** The same for the file system's own refusals, which come before SQLite's. */
export function explainFile(error: unknown, where: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const sentences: Readonly<Record<string, string>> = {
    EACCES: advice[codes.readOnly] ?? '',
    EPERM: advice[codes.readOnly] ?? '',
    EROFS:
      'is on a disk that is mounted read-only. Put it on another one with storage.url (SALLYPORT_STORAGE_URL)',
    EISDIR: 'is a folder. Name a file in storage.url (SALLYPORT_STORAGE_URL)',
    ENOTDIR:
      'is below something that is not a folder. Name another place in storage.url (SALLYPORT_STORAGE_URL)',
    ENOSPC: advice[codes.full] ?? '',
    ENAMETOOLONG: 'has a name that is too long. Name a shorter one in storage.url (SALLYPORT_STORAGE_URL)',
  };
  const sentence = typeof code === 'string' ? sentences[code] : undefined;
  if (sentence === undefined) return error;
  return new StorageUnavailable(`The database ${where} ${sentence}.`, { cause: error });
}
