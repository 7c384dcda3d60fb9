// The storage contract on an opened and migrated SQLite database.

import type { DatabaseSync } from 'node:sqlite';
import { StorageUnavailable } from '../contract.ts';
import type { OnCommit } from '../contract.ts';
import { countInMemory } from '../counting/memory.ts';
import { operationsOn } from '../operations/index.ts';
import type { DurableStorage } from '../operations/index.ts';
import { playNow } from '../script.ts';
import type { Player, Script, Undone } from '../script.ts';
import { changes } from './changes.ts';
import { explain } from './failures.ts';
import { groupCommit } from './group-commit.ts';
import { performerOn } from './statements.ts';

/** @param where how messages call the database */
export function sqliteStorage(database: DatabaseSync, where: string, onCommit?: OnCommit): DurableStorage {
  const perform = performerOn(database);
  const dataVersion = database.prepare('PRAGMA data_version');
  const { listen, tell, stop } = changes(() => dataVersion.get()?.['data_version']);
  const explained = (error: unknown) => explain(error, where);
  const group = groupCommit({ database, perform, tell, explain: explained, onCommit });
  let closing: Promise<void> | undefined;

  function refuseWhenClosed(): void {
    if (closing !== undefined) throw new StorageUnavailable(`The database ${where} was closed.`);
  }

  const player: Player = {
    async read(begin) {
      refuseWhenClosed();
      try {
        return playNow(begin(), perform);
      } catch (error) {
        throw explained(error);
      }
    },
    write,
    // One process writes at a time.
    writeAlone: write,
  };

  async function write<Answer>(begin: () => Script<Answer | Undone<Answer>>): Promise<Answer> {
    refuseWhenClosed();
    return group.write(begin);
  }

  async function closeOnceIdle(): Promise<void> {
    await group.idle();
    stop();
    database.close();
  }

  return {
    ...operationsOn(player),
    onChange: listen,
    openCounter: countInMemory,
    close: () => (closing ??= closeOnceIdle()),
  };
}
