// For the commands that change what is kept, beside a running server or without one.

import type { Storage } from '@sallyport/storage';
import { createLog } from '../door/index.ts';
import { openStore } from '../server.ts';
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
  const config = configOf(options, io);
  const { storage } = await openStore(config, createLog(config.log.level, io.stderr));
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}
