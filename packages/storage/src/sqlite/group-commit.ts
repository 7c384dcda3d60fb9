// Calls that arrive together share one transaction, because the disk's answer to a commit is what a write costs.
// Each call has its own savepoint: its failure undoes only what it wrote. No answer leaves before the commit.

import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { groupCommitCalls, lockPatienceMilliseconds, lockRetryMilliseconds } from '../limits.ts';
import { noteChanges, playNow, Undone } from '../script.ts';
import type { Player, Script, Step } from '../script.ts';
import type { Change, OnCommit } from '../contract.ts';
import { isBusy } from './failures.ts';

interface Call {
  readonly begin: () => Script<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommit {
  readonly write: Player['write'];
  /** Resolves once nothing is queued or under way. */
  readonly idle: () => Promise<void>;
}

interface Options {
  readonly database: DatabaseSync;
  readonly perform: (step: Step) => unknown;
  /** Told what changed, after the commit and before the answers. */
  readonly tell: (changes: readonly Change[]) => void;
  readonly explain: (error: unknown) => unknown;
  readonly onCommit?: OnCommit | undefined;
  /** How long another process may hold the lock. */
  readonly patienceMilliseconds?: number;
}

export function groupCommit(options: Options): GroupCommit {
  const { database, perform, tell, explain, onCommit } = options;
  const { patienceMilliseconds = lockPatienceMilliseconds } = options;
  const transaction = {
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK'),
    savepoint: database.prepare('SAVEPOINT one_call'),
    release: database.prepare('RELEASE one_call'),
    undo: database.prepare('ROLLBACK TO one_call'),
  };
  const queue: Call[] = [];
  let running: Promise<void> | undefined;

  /** Until the queue is empty; between groups the event loop turns, so that the next requests can be read. */
  async function runGroups(): Promise<void> {
    while (queue.length > 0) {
      await nextTurn();
      const group = queue.splice(0, groupCommitCalls);
      const began = onCommit && performance.now();
      const deliver = await commitPatiently(group);
      if (began !== undefined) {
        const seconds = (performance.now() - began) / 1000;
        onCommit?.({ calls: group.length, waiting: queue.length, seconds });
      }
      deliver();
    }
    running = undefined;
  }

  /** Tries again while another process writes; this one answers reads meanwhile. */
  async function commitPatiently(group: readonly Call[]): Promise<() => void> {
    for (const deadline = performance.now() + patienceMilliseconds; ; await wait(lockRetryMilliseconds)) {
      try {
        transaction.begin.run();
      } catch (error) {
        if (isBusy(error) && performance.now() < deadline) continue;
        return rejectAll(group, error);
      }
      return commitGroup(group);
    }
  }

  /** Synchronous from the first statement to the commit: no read of this process can see an uncommitted row. */
  function commitGroup(group: readonly Call[]): () => void {
    const changed: Change[] = [];
    try {
      const answers = group.map((call) => playInSavepoint(call, changed));
      transaction.commit.run();
      return () => {
        tell(changed);
        for (const answer of answers) answer();
      };
    } catch (error) {
      if (database.isTransaction) rollBack();
      return rejectAll(group, error);
    }
  }

  /** @throws when the whole transaction is lost, which SQLite decides on some failures of the disk */
  function playInSavepoint(call: Call, changed: Change[]): () => void {
    const changedHere: Change[] = [];
    transaction.savepoint.run();
    try {
      const answer = playNow(call.begin(), (step) => performNoting(step, changedHere));
      if (answer instanceof Undone) {
        undo();
        return () => call.resolve(answer.answer);
      }
      transaction.release.run();
      changed.push(...changedHere);
      return () => call.resolve(answer);
    } catch (error) {
      if (!database.isTransaction) throw error;
      undo();
      return () => call.reject(explain(error));
    }
  }

  function undo(): void {
    transaction.undo.run();
    transaction.release.run();
  }

  function performNoting(step: Step, changed: Change[]): unknown {
    const answer = perform(step);
    noteChanges(step, answer, changed);
    return answer;
  }

  function rollBack(): void {
    try {
      transaction.rollback.run();
    } catch {
      // SQLite has rolled back by itself, or the next BEGIN says what is wrong.
    }
  }

  function rejectAll(group: readonly Call[], error: unknown): () => void {
    return () => {
      for (const call of group) call.reject(explain(error));
    };
  }

  return {
    write: <Answer>(begin: () => Script<Answer | Undone<Answer>>) =>
      new Promise<Answer>((resolve, reject) => {
        queue.push({ begin, resolve: (answer) => resolve(answer as Answer), reject });
        running ??= runGroups();
      }),
    idle: async () => running,
  };
}

/** After the sockets that are ready have been read: requests that arrive together are queued together. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
