// The storage contract on an opened and migrated SQLite database.

import type { DatabaseSync } from 'node:sqlite';
import { StorageUnavailable } from '../contract.ts';
import type { OnCommit, Storage } from '../contract.ts';
import { operationsOn } from '../operations/index.ts';
import { playNow } from '../script.ts';
import type { Player } from '../script.ts';
import { changes } from './changes.ts';
import { explain } from './failures.ts';
import { groupCommit } from './group-commit.ts';
import { performerOn } from './statements.ts';

/** @param where how messages call the database */
export function sqliteStorage(database: DatabaseSync, where: string, onCommit?: OnCommit): Storage {
  const perform = performerOn(database);
  const dataVersion = database.prepare('PRAGMA data_version');
  const { listen, revoked, stop } = changes(() => dataVersion.get()?.['data_version']);
  const explained = (error: unknown) => explain(error, where);
  const group = groupCommit({ database, perform, revoked, explain: explained, onCommit });
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
    async write(begin) {
      refuseWhenClosed();
      return group.write(begin);
    },
  };

  async function closeOnceIdle(): Promise<void> {
    await group.idle();
    stop();
    database.close();
  }

  return {
    ...operationsOn(player),
    onChange: listen,
    close: () => (closing ??= closeOnceIdle()),
  };
}
