// Hears what other processes changed: one connection that listens, and is asked every second whether it still does.
// While it does not, listeners are told to forget again and again, so that nothing is remembered for long.

import pg from 'pg';
import type { Notification } from 'pg';
import type { Change } from '../contract.ts';
import { feedHeartbeatMilliseconds, feedSilenceMilliseconds } from '../limits.ts';
import { listeners } from '../listeners.ts';
import type { Listener } from '../listeners.ts';
import { clientSettings } from './connections.ts';
import { changesIn } from './notices.ts';
import type { Connecting } from './url.ts';

export interface Feed {
  readonly listen: (listener: Listener) => () => void;
  /** For what changed here, as soon as that is durable. */
  readonly tell: (changes: readonly Change[]) => void;
  readonly stop: () => void;
}

/** Costs nothing while nobody listens. @param from by which this process knows its own notices */
export function feedOf(connecting: Connecting, channel: string, from: string): Feed {
  let timer: NodeJS.Timeout | undefined;
  let client: pg.Client | undefined;
  /** When it last answered; undefined while nothing is heard. */
  let heardAt: number | undefined;
  let isAsking = false;

  const { add, tell, clear } = listeners((count) => {
    if (count === 0) stop();
    else if (timer === undefined) start();
  });

  function start(): void {
    timer = setInterval(beat, feedHeartbeatMilliseconds).unref();
    void connect();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
    drop();
  }

  function beat(): void {
    if (heardAt !== undefined && performance.now() - heardAt > feedSilenceMilliseconds) drop();
    if (heardAt === undefined) tell('anything');
    if (client === undefined) void connect();
    else if (heardAt !== undefined && !isAsking) void ask(client);
  }

  async function ask(asked: pg.Client): Promise<void> {
    isAsking = true;
    try {
      await asked.query('SELECT');
      if (asked !== client) return;
      heardAt = performance.now();
      isAsking = false;
    } catch {
      lost(asked);
    }
  }

  async function connect(): Promise<void> {
    const made = new pg.Client({
      ...clientSettings(connecting),
      connectionTimeoutMillis: feedSilenceMilliseconds,
      query_timeout: feedSilenceMilliseconds,
    });
    client = made;
    made.on('error', () => lost(made));
    made.on('end', () => lost(made));
    made.on('notification', ({ payload = '' }: Notification) => {
      if (made === client) changesIn(payload, from).forEach(tell);
    });
    try {
      await made.connect();
      (made as pg.Client & { unref(): void }).unref();
      await made.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      if (made !== client) return;
      heardAt = performance.now();
      // What changed while nobody heard.
      tell('anything');
    } catch {
      lost(made);
    }
  }

  function lost(which: pg.Client): void {
    if (which !== client) return;
    const heard = heardAt !== undefined;
    drop();
    if (heard) tell('anything');
  }

  /** The next beat makes another. */
  function drop(): void {
    const dropped = client;
    client = undefined;
    heardAt = undefined;
    isAsking = false;
    void dropped?.end().catch(() => {});
  }

  return {
    listen: add,
    tell: (changes) => changes.forEach(tell),
    stop: clear,
  };
}
