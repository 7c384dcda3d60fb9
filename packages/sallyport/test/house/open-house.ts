// The whole product in this process: real rooms, a real (in-memory or on-disk) database, no socket.
import { createSecrets, readSecrets, type Secrets } from '@sallyport/crypto';
import type { Arrival, Log } from '@sallyport/protocol';
import { addUserWithPassword } from '@sallyport/sign-in';
import { openStorage, type Storage } from '@sallyport/storage';
import { assemble, type Assembled } from '../../src/assemble.ts';
import { loadConfig, type Config } from '../../src/config/index.ts';
import { receiver } from '../../src/door/index.ts';
import { heardBy } from '../../src/hearing.ts';
import { loginRecorder } from '../../src/logins/recorder.ts';
import { openMetrics } from '../../src/metrics/index.ts';

export interface House {
  readonly config: Config;
  readonly storage: Storage;
  readonly secrets: Secrets;
  readonly assembled: Assembled;
  readonly origin: string;
  /** Epoch seconds; tests move it. */
  readonly clock: { now: number };
  /** Events that were logged. */
  readonly events: { readonly event: string; readonly facts: Readonly<Record<string, unknown>> }[];
  /** Asks the house as a client without cookies would. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  addPerson(email: string, password: string): Promise<void>;
  /** Writes the steps of logins now, not within a second. */
  noteLogins(): Promise<void>;
  close(): Promise<void>;
}

export interface HouseOptions {
  /** Environment variables of the configuration. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly storageUrl?: string;
  readonly secrets?: Secrets;
  readonly configure?: (config: Config) => Config;
  readonly rig?: (storage: Storage) => Storage;
  /** Hears every event too, as the program's own log would. */
  readonly log?: Log;
}

const NOW = 1_800_000_000;

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const loaded = loadConfig({ environment: options.environment ?? {}, cwd: '/nonexistent' });
  const config = options.configure?.(loaded) ?? loaded;
  const metrics = config.metrics.token === undefined ? undefined : openMetrics();
  const onCommit = metrics && { onCommit: metrics.committed };
  const opened = await openStorage(options.storageUrl ?? 'sqlite::memory:', onCommit);
  const storage = options.rig?.(opened) ?? opened;
  const secrets = options.secrets ?? readSecrets(createSecrets());
  const clock = { now: NOW };
  const events: House['events'] = [];
  const kept: Log = (level, event, facts = {}) => {
    events.push({ event, facts });
    options.log?.(level, event, facts);
  };
  const recorder = loginRecorder({ storage: opened, log: kept, now: () => clock.now });
  const log = heardBy(kept, [metrics?.hear, recorder.hear]);
  const assembled = await assemble(config, { storage, secrets, log, now: () => clock.now, metrics });
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
  return {
    config,
    storage,
    secrets,
    assembled,
    origin,
    clock,
    events,
    ask: (path, init) =>
      receive(new Request(new URL(path, origin), { redirect: 'manual', ...init }), '192.0.2.7'),
    noteLogins: () => recorder.close(),
    async addPerson(email, password) {
      await addUserWithPassword(opened, { email, password, role: 'member' }, clock.now);
    },
    async close() {
      await assembled.close();
      await recorder.close();
      await opened.close();
    },
  };
}
