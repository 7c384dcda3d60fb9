// A whole server in this process: what is kept is opened, the rooms are joined, the door is opened; and all of it closed again.

import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@sallyport/protocol';
import { openStorage, startSweeper } from '@sallyport/storage';
import type { OnCommit, Storage } from '@sallyport/storage';
import { startRefreshing } from '@sallyport/vault';
import { assemble } from './assemble.ts';
import type { Assembled } from './assemble.ts';
import type { Config } from './config/index.ts';
import { hasDatabase, openSecrets, SecretsUnusable } from './config/index.ts';
import { isSqlite } from './config/secrets.ts';
import type { OpenedSecrets } from './config/secrets.ts';
import { openDoor } from './door/index.ts';
import { liveSecrets } from './keys/live-secrets.ts';
import { heardBy } from './hearing.ts';
import { loginRecorder } from './logins/recorder.ts';
import { openMetrics } from './metrics/index.ts';

/** Expired rows are forgotten this often. */
const sweepEverySeconds = 300;

export interface Surroundings {
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
}

export interface Server extends Pick<Assembled, 'servers' | 'setupPath'> {
  readonly storage: Storage;
  /**
   * Says at once, at `/ready`, that it is going; stops accepting after `delaySeconds`, finishes what is being answered
   * (half a second at most), and closes everything.
   */
  close(options?: { readonly delaySeconds?: number }): Promise<void>;
}

/**
 * @throws SecretsUnusable, KeyFileUnusable, StorageUnavailable, or the `listen` error of
 *   node:net; nothing is left open then
 */
export async function startServer(config: Config, { log: told, now }: Surroundings): Promise<Server> {
  const metrics = config.metrics.token === undefined ? undefined : openMetrics();
  const opened: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const closeIt of opened.splice(0).toReversed()) await closeIt();
  };
  try {
    const { storage, opened: found } = await openStore(config, {
      log: told,
      now,
      onCommit: metrics?.committed,
    });
    opened.push(() => storage.close());
    const recorder = loginRecorder({ storage, log: told, now });
    opened.push(() => recorder.close());
    const log = heardBy(told, [metrics?.hear, recorder.hear]);
    opened.push(startSweeper(storage, { everySeconds: sweepEverySeconds, log, now }));
    const secrets = liveSecrets(found, { log, now });
    opened.push(() => secrets.close());
    const house = await assemble(config, { storage, secrets, log, now, metrics }).catch(
      async (error: unknown) => {
        // Another instance was first with another secrets.json: ours would only be in the way of a copy of that one.
        if (error instanceof SecretsUnusable) await found.takeBack();
        throw error;
      },
    );
    opened.push(() => house.close());
    opened.push(startRefreshing(house.vault, { log, now }));
    const { publicUrl, trustedProxies, listen } = config;
    const { handle, answered } = house;
    const door = await openDoor({ publicUrl, trustedProxies, listen, handle, answered, log, now });
    opened.push(() => {
      // An event stream would hold the door open until it is cut.
      house.endStreams();
      return door.close();
    });
    return {
      servers: house.servers,
      setupPath: () => house.setupPath(),
      storage,
      async close({ delaySeconds = 0 } = {}) {
        house.announceStop();
        door.endConnections();
        if (delaySeconds > 0) await wait(delaySeconds * 1000);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export interface Store {
  readonly opened: OpenedSecrets;
  readonly storage: Storage;
}

interface Opening {
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
  readonly onCommit?: OnCommit | undefined;
}

/**
 * The secrets first, because a database without its keys is lost; but a database server has to be asked whether it has
 * been used, before secrets are made that would be worth nothing.
 * @throws SecretsUnusable, StorageUnavailable; nothing is left open then
 */
export async function openStore(config: Config, { log, now, onCommit }: Opening): Promise<Store> {
  const { url, poolSize, ephemeral } = config.storage;
  let storage: Storage | undefined;
  const options = {
    poolSize,
    log,
    ...(onCommit && { onCommit }),
    ...(ephemeral !== undefined && { ephemeral: { url: ephemeral, deployment: config.publicUrl } }),
  };
  const open = async () => (storage ??= await openStorage(url, options));
  const isInUse = async () =>
    isSqlite(url) ? hasDatabase(url) : (await (await open()).listSigningKeys()).length > 0;
  try {
    const opened = await openSecrets(config, { now: now(), isInUse });
    const { path, isReadableByOthers } = opened;
    if (isReadableByOthers) log('warn', 'secrets_readable_by_others', { path, next: `chmod 600 ${path}` });
    return { opened, storage: await open() };
  } catch (error) {
    await storage?.close();
    throw error;
  }
}
