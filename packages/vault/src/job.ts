// The job that refreshes what is due, and revokes what was forgotten; it really runs, on every instance, and no two do either
// to one entry at a time.
import type { Log } from '@sallyport/protocol';
import { lookEverySeconds } from './limits.ts';
import type { RevokedCounts } from './revoking.ts';
import type { RefreshedCounts, Vault } from './vault.ts';

interface Job {
  /** Pause between two looks. */
  readonly everySeconds?: number;
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
}

/**
 * Looks now and then every `everySeconds`. A look that fails is logged, and the next one tries again.
 * Does not keep the process alive.
 * @returns stops it and closes the vault, which ends the pauses of a look under way; resolves when that is done
 */
export function startRefreshing(
  vault: Pick<Vault, 'refreshDue' | 'revokeForgotten' | 'close'>,
  { everySeconds = lookEverySeconds, log, now }: Job,
): () => Promise<void> {
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  let revoking: Promise<void> | undefined;

  async function look(): Promise<void> {
    // A provider that is slow to be told keeps no refresh waiting.
    revoking ??= tell(vault.revokeForgotten).finally(() => (revoking = undefined));
    await tell(vault.refreshDue);
  }

  async function tell(looked: (now: number) => Promise<RefreshedCounts | RevokedCounts>): Promise<void> {
    try {
      const counts = await looked(now());
      if (Object.keys(counts).length > 0) log('debug', 'vault_looked', counts);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log('error', 'vault_look_failed', { message, retryInSeconds: everySeconds });
    }
  }

  async function lookThenWait(): Promise<void> {
    await look();
    if (isStopping) return;
    // Instances that were started together drift apart.
    const pause = everySeconds * 1000 * (0.75 + Math.random() / 2);
    timer = setTimeout(() => void (underWay = lookThenWait()), pause).unref();
  }

  let underWay = lookThenWait();

  return async () => {
    isStopping = true;
    clearTimeout(timer);
    await Promise.all([vault.close(), underWay, revoking]);
  };
}
