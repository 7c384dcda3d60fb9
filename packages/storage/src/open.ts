// From the configured URL to an open store.

import { resolve } from 'node:path';
import { StorageUnavailable } from './contract.ts';
import type { OnCommit, Storage } from './contract.ts';
import { openSqlite } from './sqlite/open.ts';

/**
 * Opens the store, makes it on first use, brings its schema up to date.
 * @param url `sqlite:<path>` or `sqlite::memory:` (everything is forgotten on close)
 * @param options.baseDirectory what a relative path starts from; default the current directory
 * @param options.onCommit hears of every transaction that writes
 * @throws StorageUnavailable whose message says what to do; it never contains the URL of a server
 */
export async function openStorage(
  url: string,
  options: { baseDirectory?: string; onCommit?: OnCommit } = {},
): Promise<Storage> {
  if (/^postgres(ql)?:/i.test(url)) {
    throw new StorageUnavailable(
      'PostgreSQL is not supported by this version. Set storage.url (SALLYPORT_STORAGE_URL) to sqlite:<path>, for example sqlite:sallyport.db.',
    );
  }
  const path = /^sqlite:(?!\/\/)([^\0]+)$/s.exec(url)?.[1];
  if (path === undefined) {
    throw new StorageUnavailable(
      'storage.url (SALLYPORT_STORAGE_URL) is not understood. Write sqlite:<path>, for example sqlite:sallyport.db or sqlite:/var/lib/sallyport/sallyport.db.',
    );
  }
  return openSqlite(
    path === ':memory:' ? path : resolve(options.baseDirectory ?? '.', path),
    options.onCommit,
  );
}
