// How a command says that it could not: what happened, what it means, what to do next; and the exit code.

import { CommanderError } from 'commander';
import { Refusal } from '@sallyport/protocol';
import { CopyRefused, StorageUnavailable } from '@sallyport/storage';
import { ConfigInvalid, SecretsUnusable } from '../config/index.ts';
import type { Problem } from '../config/index.ts';
import { ClientIdTaken } from '../configured-clients.ts';
import { KeyFileUnusable } from '../keys/given-key.ts';
import { printPlace } from '../config/problem.ts';
import { complain, paint } from './io.ts';
import type { Io } from './io.ts';

export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly means: string | undefined;
  /** Sentences or commands, tried from the first to the last. */
  readonly next: readonly string[];
  readonly exitCode: number;

  constructor(
    what: string,
    {
      means,
      next = [],
      exitCode = exitCodes.failed,
    }: { means?: string; next?: string[]; exitCode?: number } = {},
  ) {
    super(what);
    this.means = means;
    this.next = next;
    this.exitCode = exitCode;
  }
}

/**
 * Tells the person on stderr.
 * @param showStack whether they asked for it with `--debug`
 * @returns the exit code
 */
export function report(error: unknown, io: Io, showStack: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof ConfigInvalid) {
    sayProblems(io, error.problems);
    return exitCodes.usage;
  }
  const failure = asFailure(error);
  const isKnown = failure !== undefined;
  const { message, means, next, exitCode } = failure ?? unexpected(error, io);
  complain(io, `${cross(io)} ${message}`);
  if (means !== undefined) complain(io, `  ${means}`);
  for (const step of next) complain(io, `  ${paint(io.stderr, 'dim', '→')} ${step}`);
  if (showStack && error instanceof Error) complain(io, `\n${error.stack ?? ''}`);
  else if (!isKnown)
    complain(io, `  ${paint(io.stderr, 'dim', '→')} Call it again with --debug to see where.`);
  return exitCode;
}

function sayProblems(io: Io, problems: readonly Problem[]): void {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  complain(io, `${cross(io)} The configuration has ${count}, so nothing was done.`);
  for (const { key, place, what, instead } of problems) {
    const where = printPlace(place);
    complain(io);
    if (where !== '') complain(io, `  ${paint(io.stderr, 'dim', where)}`);
    complain(io, `  ${key === '' ? '' : `${paint(io.stderr, 'bold', key)} `}${what}.`);
    complain(io, `  ${paint(io.stderr, 'dim', '→')} ${instead}`);
  }
}

function asFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  if (error instanceof SecretsUnusable || error instanceof KeyFileUnusable || error instanceof ClientIdTaken)
    return new Failure(error.message, { next: [error.instead] });
  if (error instanceof CopyRefused) return new Failure(error.message, { next: [error.next] });
  if (error instanceof StorageUnavailable) return new Failure(error.message);
  return error instanceof Refusal ? new Failure(error.row.sentence) : undefined;
}

function unexpected(error: unknown, io: Io): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(`Something unexpected went wrong: ${message}`, {
    next: [`If it stays, report it with the output of: ${io.program} check`],
  });
}

function cross(io: Io): string {
  return paint(io.stderr, 'red', '✗');
}
