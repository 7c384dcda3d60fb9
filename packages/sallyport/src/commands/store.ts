// For the commands that change what is kept, beside a running server or without one.

import type { Storage } from '@sallyport/storage';
import { createLog } from '../door/index.ts';
import type { Config } from '../config/index.ts';
import { openStore } from '../server.ts';
import type { Store } from '../server.ts';
import { configOf } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import type { Io } from './io.ts';

/**
 * Opens the storage of the chosen configuration, works, and closes it whatever happens.
 * @throws ConfigInvalid, SecretsUnusable, StorageUnavailable, and what `work` throws
 */
export async function onStorage<Result>(
  options: CommonOptions,
  io: Io,
  work: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  return onStore(options, io, ({ storage }) => work(storage));
}

/** As `onStorage`, for commands that need the keys of the deployment too. */
export async function onStore<Result>(
  options: CommonOptions,
  io: Io,
  work: (store: Store & { readonly config: Config }) => Promise<Result>,
): Promise<Result> {
  const config = configOf(options, io);
  // What commands look at and change is durable: they work while Redis is away, revocation first of all.
  const { ephemeral: _, ...durable } = config.storage;
  const log = createLog(config.log.level, io.stderr);
  const store = await openStore({ ...config, storage: durable }, { log, now: io.now });
  try {
    return await work({ ...store, config });
  } finally {
    await store.storage.close();
  }
}
