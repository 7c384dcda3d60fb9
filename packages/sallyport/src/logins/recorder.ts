// Keeps the steps of logins, as the log tells them, for `sallyport logins`. They are written together, once a second: a
// login must not wait for its own record, and a record that is lost with the power costs nobody a login.

import { orderedId } from '@sallyport/crypto';
import type { Log } from '@sallyport/protocol';
import type { LoginEvent, Storage } from '@sallyport/storage';
import type { Hear } from '../hearing.ts';
import { maxGrantsSeen, maxWaitingEvents, writeEveryMilliseconds } from './limits.ts';
import { stepOf } from './steps.ts';

export interface Recorder {
  /** Listens to the log. */
  readonly hear: Hear;
  /** Writes what waits, and stops. */
  readonly close: () => Promise<void>;
}

interface RecorderParts {
  readonly storage: Pick<Storage, 'keepLoginEvents'>;
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
}

export function loginRecorder({ storage, log, now }: RecorderParts): Recorder {
  let waiting: LoginEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  const grantsSeen = new Set<unknown>();
  return {
    hear,
    async close() {
      clearTimeout(timer);
      write();
      await underWay;
    },
  };

  function hear(event: string, facts: Readonly<Record<string, unknown>>): void {
    if (event === 'mcp_request' && grantsSeen.has(facts['grantId'])) return;
    const step = stepOf(event, facts);
    if (step === undefined || waiting.length >= maxWaitingEvents) return;
    if (step.event === 'tool_called') remember(facts['grantId']);
    waiting.push({ id: orderedId(), at: now(), ...step });
    timer ??= setTimeout(write, writeEveryMilliseconds).unref();
  }

  /** So that the many calls after the first are not even looked at. */
  function remember(grantId: unknown): void {
    grantsSeen.add(grantId);
    const [oldest] = grantsSeen;
    if (grantsSeen.size > maxGrantsSeen) grantsSeen.delete(oldest);
  }

  function write(): void {
    const events = waiting;
    waiting = [];
    timer = undefined;
    if (events.length > 0) underWay = underWay.then(() => keep(events));
  }

  async function keep(events: readonly LoginEvent[]): Promise<void> {
    try {
      await storage.keepLoginEvents(events);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log('warn', 'login_events_lost', { count: events.length, message });
    }
  }
}
