// The whole product in this process: real rooms, a real (in-memory or on-disk) database, no socket.
import { createSecrets, keychainsOf, readSecrets, type Secrets } from '@sallyport/crypto';
import type { Network } from '@sallyport/guarded-fetch';
import type { Arrival, Log } from '@sallyport/protocol';
import { addUserWithPassword } from '@sallyport/sign-in';
import { openStorage, type Storage, type StorageOptions } from '@sallyport/storage';
import { assemble, type Assembled } from '../../src/assemble.ts';
import { loadConfig, type Config } from '../../src/config/index.ts';
import { receiver } from '../../src/door/index.ts';
import { liveSecrets, type LiveSecrets } from '../../src/keys/live-secrets.ts';
import { heardBy } from '../../src/hearing.ts';
import { loginRecorder } from '../../src/logins/recorder.ts';
import { openMetrics } from '../../src/metrics/index.ts';
import type { Site } from './browser.ts';

export interface House {
  readonly config: Config;
  readonly storage: Storage;
  readonly secrets: Secrets;
  readonly assembled: Assembled;
  readonly origin: string;
  /** Epoch seconds; tests move it. */
  readonly clock: { now: number };
  /** Events that were logged. */
  readonly events: {
    readonly level: string;
    readonly event: string;
    readonly facts: Readonly<Record<string, unknown>>;
  }[];
  /** Asks the house as a client without cookies would. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The house as it is seen from this address. */
  from(address: string): Site;
  addPerson(email: string, password: string): Promise<void>;
  /** Writes the steps of logins now, not within a second. */
  noteLogins(): Promise<void>;
  close(): Promise<void>;
}

export interface HouseOptions {
  /** Environment variables of the configuration. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly storageUrl?: string;
  /** A Redis for what lives for minutes. */
  readonly ephemeral?: NonNullable<StorageOptions['ephemeral']>;
  readonly secrets?: Secrets;
  /** What the clock shows at first, in epoch seconds. */
  readonly now?: number;
  /** Where the secrets are read again when they changed. */
  readonly secretsFile?: string;
  readonly configure?: (config: Config) => Config;
  readonly rig?: (storage: Storage) => Storage;
  /** What the house fetches from; absent: this machine's own network. */
  readonly network?: Network;
  /** Hears every event too, as the program's own log would. */
  readonly log?: Log;
}

/** Secrets that no file changes. */
function fixedSecrets(secrets: Secrets, now: () => number): LiveSecrets {
  const nothing = () => {};
  return {
    ...keychainsOf({ read: () => secrets, now }),
    look: async () => {},
    onChange: () => nothing,
    close: nothing,
  };
}

const NOW = 1_800_000_000;

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const loaded = loadConfig({ environment: options.environment ?? {}, cwd: '/nonexistent' });
  const config = options.configure?.(loaded) ?? loaded;
  const metrics = config.metrics.token === undefined ? undefined : openMetrics();
  const opened = await openStorage(options.storageUrl ?? 'sqlite::memory:', {
    poolSize: config.storage.poolSize,
    ...(options.ephemeral && { ephemeral: options.ephemeral }),
    ...(metrics && { onCommit: metrics.committed }),
  });
  const storage = options.rig?.(opened) ?? opened;
  const secrets = options.secrets ?? readSecrets(createSecrets(0));
  const clock = { now: options.now ?? NOW };
  const events: House['events'] = [];
  const kept: Log = (level, event, facts = {}, kind) => {
    events.push({ level, event, facts });
    options.log?.(level, event, facts, kind);
  };
  const recorder = loginRecorder({ storage: opened, log: kept, now: () => clock.now });
  const log = heardBy(kept, [metrics?.hear, recorder.hear]);
  const now = () => clock.now;
  const live =
    options.secretsFile === undefined
      ? fixedSecrets(secrets, now)
      : liveSecrets({ secrets, path: options.secretsFile }, { log, now });
  const assembled = await assemble(config, {
    storage,
    secrets: live,
    log,
    now,
    metrics,
    network: options.network,
  });
  const handle = (request: Request, arrival: Arrival) => assembled.handle(request, arrival);
  const receive = receiver({
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    handle,
    answered: assembled.answered,
    log,
    now: () => clock.now,
  });
  const origin = config.publicUrl;
  const askFrom =
    (address: string): Site['ask'] =>
    (path, init) =>
      receive(new Request(new URL(path, origin), { redirect: 'manual', ...init }), address);
  return {
    config,
    storage,
    secrets,
    assembled,
    origin,
    clock,
    events,
    ask: askFrom('192.0.2.7'),
    from: (address) => ({ origin, ask: askFrom(address) }),
    noteLogins: () => recorder.close(),
    async addPerson(email, password) {
      await addUserWithPassword(opened, { email, password, role: 'member' }, clock.now);
    },
    async close() {
      await assembled.close();
      await recorder.close();
      live.close();
      await opened.close();
    },
  };
}
