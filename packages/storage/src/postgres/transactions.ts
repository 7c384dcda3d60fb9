// How a script is played on PostgreSQL: each one transaction, played again when it met another or lost its connection.

import { setTimeout as wait } from 'node:timers/promises';
import type { Change, OnCommit } from '../contract.ts';
import { StorageUnavailable } from '../contract.ts';
import { retryPauseMilliseconds, transactionTries } from '../limits.ts';
import { noteChanges, Undone } from '../script.ts';
import type { Ask, Player, Script } from '../script.ts';
import type { Command, Done } from './batch.ts';
import type { Connection, Connections } from './connections.ts';
import { explain, isBroken, isConflict, isLate } from './failures.ts';
import { noticesOf } from './notices.ts';

interface Options {
  readonly connections: Connections;
  /** Tells the other processes, within the transaction. */
  readonly channel: string;
  /** By which this process knows its own notices. */
  readonly from: string;
  /** Told what changed, after the commit and before the answer. */
  readonly tell: (changes: readonly Change[]) => void;
  readonly onCommit?: OnCommit | undefined;
}

const command = (sql: string): Command => ({ sql, values: [] });
// Whatever the server's default is.
const readCommitted = command('BEGIN ISOLATION LEVEL READ COMMITTED');
const serializable = command('BEGIN ISOLATION LEVEL SERIALIZABLE');
const oneSnapshot = command('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
const commit = command('COMMIT');
const rollback = command('ROLLBACK');

export interface Transactions extends Player {
  /** Refuses further calls. Resolves once those under way, and those that wait, are answered. */
  readonly finish: () => Promise<void>;
}

export function transactionsOn(options: Options): Transactions {
  const { connections, channel, from, tell, onCommit } = options;
  /** Scripts that have asked for more than one statement, by the generator function that made them. */
  const askMore = new WeakSet<object>();
  const underWay = new Set<Promise<unknown>>();
  let isFinishing = false;

  /** One statement is a transaction by itself; a second one must see what the first one saw. */
  async function read<Answer>(begin: () => Script<Answer>): Promise<Answer> {
    return again(async (connection) => {
      const script = begin();
      const kind = Object.getPrototypeOf(script) as object;
      if (!askMore.has(kind)) {
        const first = script.next();
        if (first.done === true) return first.value;
        if (first.value.verb === 'tell') throw new Error('a script that only reads has nothing to tell');
        const second = script.next(answerTo(first.value, await connection.perform([first.value])));
        if (second.done === true) return second.value;
        askMore.add(kind);
      }
      const unsent = [oneSnapshot];
      const answer = await playOn(connection, begin(), unsent, []);
      if (unsent.length === 0) await connection.perform([commit]);
      return answer;
    });
  }

  async function write<Answer>(mode: Command, begin: () => Script<Answer | Undone<Answer>>): Promise<Answer> {
    const began = performance.now();
    try {
      return await again(async (connection, committing) => {
        const changed: Change[] = [];
        const unsent = [mode];
        const answer = await playOn(connection, begin(), unsent, changed);
        const nothingSent = unsent[0] === mode;
        if (answer instanceof Undone) {
          if (!nothingSent) await connection.perform([rollback]);
          return answer.answer;
        }
        if (nothingSent && unsent.length === 1) return answer;
        committing(changed);
        await connection.perform([...unsent, ...noticesOf(changed, channel, from), commit]);
        tell(changed);
        return answer;
      });
    } finally {
      onCommit?.({ calls: 1, waiting: connections.waiting(), seconds: (performance.now() - began) / 1000 });
    }
  }

  /** Counts it among those that a close waits for. */
  async function counted<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (isFinishing) throw new StorageUnavailable('The connection to PostgreSQL was closed.');
    const answered = call();
    underWay.add(answered);
    try {
      return await answered;
    } finally {
      underWay.delete(answered);
    }
  }

  /** Plays it until it has met no other transaction, and once more on a fresh connection when the first one broke. */
  async function again<Answer>(
    attempt: (connection: Connection, committing: (changed: readonly Change[]) => void) => Promise<Answer>,
  ): Promise<Answer> {
    let brokenAt: number | undefined;
    for (let tried = 1; ; tried++) {
      /** What may have been committed, from the moment that nobody can know it. */
      let uncertain: readonly Change[] | undefined;
      let connection: Connection | undefined;
      try {
        connection = await connections.take(brokenAt);
        const answer = await attempt(connection, (changed) => (uncertain = changed));
        connection.release(false);
        return answer;
      } catch (error) {
        const broken = isBroken(error);
        if (connection !== undefined) await giveBack(connection, broken);
        if (broken && uncertain !== undefined) {
          tell(uncertain);
          throw new StorageUnavailable(
            'PostgreSQL was lost while it kept something, so that nobody knows whether it did. Try again.',
            { cause: explain(error) },
          );
        }
        const mayTry =
          broken && connection !== undefined
            ? brokenAt === undefined && !isLate(error)
            : isConflict(error) && tried < transactionTries;
        if (!mayTry) throw explain(error);
        if (broken) brokenAt = performance.now();
        else await wait(Math.random() * retryPauseMilliseconds * tried);
      }
    }
  }

  return {
    read: (begin) => counted(() => read(begin)),
    write: (begin) => counted(() => write(readCommitted, begin)),
    writeAlone: (begin) => counted(() => write(serializable, begin)),
    async finish() {
      isFinishing = true;
      await Promise.allSettled(underWay);
    },
  };
}

/**
 * @param unsent what is to be done before the first statement; afterwards what nobody needed to wait for, and was not
 * sent yet
 */
async function playOn<Answer>(
  connection: Connection,
  script: Script<Answer>,
  unsent: Command[],
  changed: Change[],
): Promise<Answer> {
  let turn = script.next();
  while (turn.done !== true) {
    const step = turn.value;
    let answer: unknown;
    if (step.verb === 'send') unsent.push(step);
    else if (step.verb !== 'tell') {
      answer = answerTo(step, await connection.perform([...unsent, step]));
      unsent.length = 0;
    }
    noteChanges(step, answer, changed);
    turn = script.next(answer);
  }
  return turn.value;
}

/** @returns what a step asks for: a number of changed rows, a row, or rows */
function answerTo({ verb }: Ask, done: readonly Done[]): unknown {
  const { count = 0, rows = [] } = done.at(-1) ?? {};
  if (verb === 'run' || verb === 'send') return count;
  return verb === 'one' ? rows[0] : rows;
}

async function giveBack(connection: Connection, broken: boolean): Promise<void> {
  const undone = !broken && (await connection.perform([rollback]).then(yes, no));
  connection.release(!undone);
}

const yes = (): boolean => true;
const no = (): boolean => false;
