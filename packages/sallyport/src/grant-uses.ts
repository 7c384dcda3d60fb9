// When each grant was last used, for its owner's eyes: noted in memory on every call through the gate, and written down
// in batches now and then, so that no call waits for it. What a crash loses is a minute of this, and nothing else.
import type { Log } from '@sallyport/protocol';
import type { Storage } from '@sallyport/storage';

/** People look for days; one write a minute and grant is nothing beside its calls. */
const WRITE_EVERY_SECONDS = 60;
/** Grants in one write: some milliseconds during which nobody else can write. */
const BATCH = 500;
/** Grants that are noted between two writes; beyond it they are written at once. */
const MAX_NOTED = 50_000;

export interface GrantUses {
  /** @param now epoch seconds */
  note(grantId: string, now: number): void;
  /** Writes down what was noted, and resolves when nothing is being written any more; never rejects. */
  write(): Promise<void>;
  /** Writes for the last time. */
  close(): Promise<void>;
}

export function grantUses(storage: Pick<Storage, 'markGrantsUsed'>, log: Log): GrantUses {
  let noted = new Map<string, number>();
  let underWay = Promise.resolve();
  const timer = setInterval(() => void write(), WRITE_EVERY_SECONDS * 1000).unref();

  return {
    note(grantId, now) {
      noted.set(grantId, now);
      if (noted.size >= MAX_NOTED) void write();
    },
    write,
    close() {
      clearInterval(timer);
      return write();
    },
  };

  function write(): Promise<void> {
    const uses = Array.from(noted, ([grantId, at]) => ({ grantId, at }));
    noted = new Map();
    underWay = underWay.then(() => keep(uses));
    return underWay;
  }

  async function keep(uses: readonly { grantId: string; at: number }[]): Promise<void> {
    try {
      for (let begin = 0; begin < uses.length; begin += BATCH)
        await storage.markGrantsUsed(uses.slice(begin, begin + BATCH));
    } catch (error) {
      // Not tried again: the next use says more than this one.
      log('warn', 'grant_uses_not_kept', { grants: uses.length, message: String(error) });
    }
  }
}
