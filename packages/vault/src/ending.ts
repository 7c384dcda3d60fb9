// Whether a provider has said that somebody is gone there: what came by their identity then ends here too. Only its own word
// counts, about tokens that nobody has used up: not that it is away, not that it does not know this server, and not that a
// token was used before, when that may have been us, whose answer was lost.
import { setTimeout as wait } from 'node:timers/promises';
import type { VaultEntry } from '@sallyport/storage';
import { endsInARow, writePauseMilliseconds } from './limits.ts';
import type { Room } from './room.ts';

/** RFC 6749 §5.2; GitHub's; Slack's. That somebody has to look there once more (`interaction_required`) is no such word. */
const goneErrors: readonly unknown[] = ['invalid_grant', 'bad_refresh_token', 'invalid_refresh_token'];

/** Refusals of what was never looked at, or not far enough for a refresh token to be used up. */
const unspentReasons: readonly string[] = [
  'provider_busy',
  'provider_client_refused',
  'provider_request_refused',
  'provider_registration_gone',
  'provider_endpoint_refused',
  'upstream_unavailable',
];

export const isUnspentBy = (reason: string): boolean => unspentReasons.includes(reason);

export function saysGone(reason: string, { providerError }: Readonly<Record<string, unknown>>): boolean {
  return reason === 'provider_grant_refused' && goneErrors.includes(providerError);
}

export interface Ender {
  /** Whether the operator wants it for this provider. */
  isFor(provider: string): boolean;
  /** Somebody is still honoured there. */
  release(provider: string): void;
  /**
   * @returns `held_back`: so many were refused in a row that it is rather the provider, or this deployment, that has changed
   * @throws StorageUnavailable only once closing has waited for as long as it may
   */
  end(entry: VaultEntry, reason: string, now: number): Promise<'ended' | 'superseded' | 'gone' | 'held_back'>;
}

/**
 * Whatever makes a provider refuse everybody, a client that was made anew or a database of last week, ends only a few: then
 * somebody must be honoured before others end.
 */
export function enderOf({ storage, ending, log, closing, isOver }: Room): Ender {
  const inARow = new Map<string, number>();
  return {
    isFor: (provider) => ending?.providers.has(provider) === true,
    release: (provider) => void inARow.delete(provider),
    async end(entry, reason, now) {
      const { id, generation, userId, provider } = entry;
      const before = inARow.get(provider) ?? 0;
      if (before >= endsInARow) {
        log('error', 'access_end_held_back', { userId, provider, inARow: before });
        return 'held_back';
      }
      inARow.set(provider, before + 1);
      const ended = await durably(() => storage.endVaultEntryWithAccess({ id, generation, reason, now }));
      if (ended.outcome === 'ended') ending?.tell(ended, { userId, provider, reason });
      return ended.outcome;
    },
  };

  /** The provider's word was heard once, and asked again it could no longer be told from an answer that was lost. */
  async function durably<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    for (
      let pause = writePauseMilliseconds.first;
      ;
      pause = Math.min(2 * pause, writePauseMilliseconds.longest)
    )
      try {
        return await write();
      } catch (error) {
        if (isOver()) throw error;
        log('error', 'vault_write_failed', {
          message: error instanceof Error ? error.message : String(error),
        });
        const { first } = writePauseMilliseconds;
        await wait(pause, undefined, { signal: closing.signal }).catch(() => wait(first));
      }
  }
}
