// From the configured URL to an open store.

import { resolve } from 'node:path';
import type { Log } from '@sallyport/protocol';
import { StorageUnavailable } from './contract.ts';
import type { OnCommit, Storage } from './contract.ts';
import type { DurableStorage } from './operations/index.ts';
import { openPostgres } from './postgres/open.ts';
import { connectRedis } from './redis/connection.ts';
import { withRedis } from './redis/index.ts';
import { inspect, mayEvict } from './redis/inspect.ts';
import { openSqlite } from './sqlite/open.ts';

/** Where paused authorizations and codes are kept; without it, beside everything else. */
export interface EphemeralStore {
  /** `redis://…` or `rediss://…` */
  readonly url: string;
  /** Whose records: what two deployments that share one Redis differ in. */
  readonly deployment: string;
}

export interface StorageOptions {
  /** What a relative path starts from; default the current directory. */
  readonly baseDirectory?: string;
  readonly ephemeral?: EphemeralStore;
  /** Hears of every transaction that writes. */
  readonly onCommit?: OnCommit;
  /** How many connections to PostgreSQL requests share. */
  readonly poolSize?: number;
  readonly log?: Log;
}

/**
 * Opens the store, makes it on first use, brings its schema up to date.
 * @param url `sqlite:<path>`, `sqlite::memory:` (everything is forgotten on close) or `postgres://…`
 * @throws StorageUnavailable whose message says what to do; it never contains the URL of a server
 */
export async function openStorage(url: string, options: StorageOptions = {}): Promise<Storage> {
  const durable = await openDurable(url, options);
  if (options.ephemeral === undefined) return durable;
  try {
    return await withEphemeral(durable, options.ephemeral, options.log ?? (() => undefined));
  } catch (error) {
    await durable.close();
    throw error;
  }
}

async function openDurable(
  url: string,
  { baseDirectory = '.', onCommit, poolSize }: StorageOptions,
): Promise<DurableStorage> {
  if (/^postgres(ql)?:\/\//i.test(url)) return openPostgres(url, { onCommit, poolSize });
  const path = /^sqlite:(?!\/\/)([^\0]+)$/s.exec(url)?.[1];
  if (path === undefined) {
    throw new StorageUnavailable(
      'storage.url (SALLYPORT_STORAGE_URL) is not understood. Write sqlite:<path>, for example sqlite:sallyport.db or sqlite:/var/lib/sallyport/sallyport.db, or postgres://user:password@host:5432/database.',
    );
  }
  return openSqlite(path === ':memory:' ? path : resolve(baseDirectory, path), onCommit);
}

async function withEphemeral(
  durable: DurableStorage,
  { url, deployment }: EphemeralStore,
  log: Log,
): Promise<Storage> {
  const connection = await connectRedis(url, log);
  try {
    const found = await inspect(connection);
    if (mayEvict(found)) {
      const { where, evictionPolicy } = found;
      log('warn', 'redis_may_evict', {
        where,
        evictionPolicy,
        next: 'Set maxmemory-policy to noeviction: with another, logins fail when its memory is full.',
      });
    }
    return withRedis(durable, connection, deployment);
  } catch (error) {
    connection.close();
    throw error;
  }
}
