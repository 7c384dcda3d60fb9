// Which providers are away, as far as one look at what is due finds out: those that fail one refresh after the other.
import { failuresInARow } from './limits.ts';
import type { Refreshed } from './refresher.ts';
import type { Room } from './room.ts';

export interface Away {
  /** Whether asking it once more would only keep the others waiting. */
  has(provider: string): boolean;
  note(provider: string, outcome: Refreshed | 'failed'): void;
}

export function providersAway({ refreshers, log }: Pick<Room, 'refreshers' | 'log'>): Away {
  const failures = new Map<string, number>();
  return {
    has: (provider) => (failures.get(provider) ?? 0) >= failuresInARow,
    note(provider, outcome) {
      // One that is not configured is not asked anyway.
      const isFailure = outcome === 'postponed' && Object.hasOwn(refreshers, provider);
      const inARow = isFailure ? (failures.get(provider) ?? 0) + 1 : 0;
      failures.set(provider, inARow);
      if (inARow === failuresInARow) log('warn', 'vault_provider_away', { provider });
    },
  };
}
