// What a command opens before it can work: the secrets first, because a database without its keys is lost, then the storage.

import { openStorage } from '@sallyport/storage';
import type { Storage } from '@sallyport/storage';
import type { Log } from '@sallyport/protocol';
import { openSecrets } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import type { OpenedSecrets } from '../config/secrets.ts';

export interface Store {
  readonly secrets: OpenedSecrets['secrets'];
  readonly storage: Storage;
}

/** @throws SecretsUnusable, StorageUnavailable */
export async function openStore(config: Config, log: Log): Promise<Store> {
  const opened = await openSecrets(config);
  if (opened.isReadableByOthers) {
    log('warn', 'secrets_readable_by_others', { path: opened.path, next: `chmod 600 ${opened.path}` });
  }
  return { secrets: opened.secrets, storage: await openStorage(config.storage.url) };
}

/** Opens, works, and closes whatever happens. */
export async function withStore<Result>(
  config: Config,
  log: Log,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const store = await openStore(config, log);
  try {
    return await work(store);
  } finally {
    await store.storage.close();
  }
}
