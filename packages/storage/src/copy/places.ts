// From a URL to the transaction that a copy reads or fills.

import { StorageUnavailable } from '../contract.ts';
import type { Source, Target } from './place.ts';
import { postgresSource, postgresTarget } from './postgres.ts';
import { sqliteSource, sqliteTarget } from './sqlite.ts';

export function openSource(url: string): Promise<Source> {
  return isPostgres(url) ? postgresSource(url) : sqliteSource(sqlitePathOf(url));
}

export function openTarget(url: string): Promise<Target> {
  return isPostgres(url) ? postgresTarget(url) : sqliteTarget(sqlitePathOf(url));
}

function isPostgres(url: string): boolean {
  return /^postgres(ql)?:\/\//i.test(url);
}

function sqlitePathOf(url: string): string {
  const path = url.replace(/^sqlite:/, '');
  if (path !== ':memory:') return path;
  throw new StorageUnavailable(
    'A store in memory is gone with its process, so there is nothing to copy. Set storage.url (SALLYPORT_STORAGE_URL) to sqlite:<path> or postgres://….',
  );
}
