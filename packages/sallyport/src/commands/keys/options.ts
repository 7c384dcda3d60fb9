// What the subcommands of `keys` are told, and from when on a new key counts.

import { limits } from '../../keys/limits.ts';
import type { CommonOptions } from '../command-line.ts';
import { exitCodes, Failure } from '../failure.ts';
import { day } from '../table.ts';

export interface Output extends CommonOptions {
  readonly json?: boolean;
}

export interface ChangeOptions extends Output {
  readonly now?: boolean;
  readonly after?: string;
}

/**
 * @param usualSeconds when nothing is said
 * @returns epoch seconds
 */
export function countsFrom({ now: atOnce, after }: ChangeOptions, usualSeconds: number, now: number): number {
  if (atOnce === true && after !== undefined) {
    throw new Failure('--now and --after contradict each other.', { exitCode: exitCodes.usage });
  }
  if (atOnce === true) return now;
  if (after === undefined) return now + usualSeconds;
  const seconds = /^\d{1,8}$/.test(after) ? Number(after) : Infinity;
  if (seconds > limits.longestDelaySeconds) {
    throw new Failure('--after takes whole seconds, a month at most.', {
      next: ['Write, for example: --after 3600'],
      exitCode: exitCodes.usage,
    });
  }
  return now + seconds;
}

/** `at once`, or `from 2026-11-21 08:49 UTC`. */
export function fromWhen(at: number, now: number): string {
  return at <= now ? 'at once' : `from ${day(at)} UTC`;
}
