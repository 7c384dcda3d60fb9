// sallyport clients rotate-secret: a new secret for a client, with the old one beside it for as long as its holder needs.

import { endFormerSecret, rotateClientSecret } from '@sallyport/authorization-server';
import { configOf } from './command-line.ts';
import type { CommonOptions } from './command-line.ts';
import { exitCodes, Failure } from './failure.ts';
import { paint, print } from './io.ts';
import type { Io } from './io.ts';
import { readSpan } from './span.ts';
import { onStorage } from './store.ts';
import { day, printable } from './table.ts';

/** Longer than anybody needs to put a secret in its place; what is kept for good is no rotation. */
const MAX_OVERLAP_SECONDS = 30 * 24 * 3600;

export interface RotateOptions extends CommonOptions {
  readonly json?: boolean;
  readonly keepOld?: string;
  readonly revokeOld?: boolean;
}

export async function rotateSecret(client_id: string, options: RotateOptions, io: Io): Promise<void> {
  if (options.revokeOld === true) return revokeOld(client_id, options, io);
  const keepOldUntil = options.keepOld === undefined ? undefined : io.now() + secondsOf(options.keepOld);
  const outcome = await onStorage(options, io, (storage) =>
    rotateClientSecret(storage, client_id, keepOldUntil),
  );
  if (typeof outcome === 'string') throw secretRefused(outcome, client_id, options, io);
  const { client_secret } = outcome;
  if (options.json === true) {
    const former = keepOldUntil === undefined ? {} : { formerSecretValidUntil: keepOldUntil };
    print(io, JSON.stringify({ client_id, client_secret, ...former }, null, 2));
    return;
  }
  const old =
    keepOldUntil === undefined
      ? 'the old one has stopped working'
      : `the old one works until ${day(keepOldUntil)} UTC`;
  print(io, `${paint(io.stdout, 'green', '✓')} ${client_id} has a new secret; ${old}.`);
  sayOnce(client_secret, io);
  if (keepOldUntil !== undefined)
    print(io, `  When it is in its place: ${io.program} clients rotate-secret ${client_id} --revoke-old`);
}

async function revokeOld(client_id: string, options: RotateOptions, io: Io): Promise<void> {
  if (options.keepOld !== undefined) {
    throw new Failure('--keep-old and --revoke-old contradict each other.', { exitCode: exitCodes.usage });
  }
  const outcome = await onStorage(options, io, (storage) => endFormerSecret(storage, client_id));
  if (outcome !== 'ended' && outcome !== 'none') throw secretRefused(outcome, client_id, options, io);
  if (options.json === true) print(io, JSON.stringify({ client_id }, null, 2));
  else if (outcome === 'none') print(io, `${client_id} has no old secret; only its newest one works.`);
  else print(io, `${paint(io.stdout, 'green', '✓')} The old secret of ${client_id} has stopped working.`);
}

export function sayOnce(client_secret: string, io: Io): void {
  print(io, `  client_secret  ${client_secret}`);
  print(io, paint(io.stdout, 'dim', '  Keep it now: only its hash is stored, so it cannot be shown again.'));
}

export function unknownClient(client_id: string, io: Io): Failure {
  return new Failure(`There is no client ${printable(client_id)}.`, {
    next: [`See all: ${io.program} clients list`],
  });
}

/** What is in the configuration is changed there, or the next start would bring it back. */
export function configuredClient(client_id: string, means: string, options: CommonOptions, io: Io): Failure {
  const where = configOf(options, io).file ?? 'the configuration that the server starts with';
  return new Failure(`${printable(client_id)} comes from the configuration, so nothing was done.`, {
    next: [`${means}, in ${where}, and start the server anew.`],
  });
}

function secretRefused(
  outcome: 'not_found' | 'public' | 'configured',
  client_id: string,
  options: CommonOptions,
  io: Io,
): Failure {
  if (outcome === 'not_found') return unknownClient(client_id, io);
  if (outcome === 'configured') {
    const means = 'Move its clientSecret to formerClientSecret and write a new clientSecret';
    return configuredClient(client_id, means, options, io);
  }
  return new Failure(`${client_id} has no secret: it is a public client, or proves itself with a key.`, {
    next: [`Add a client that has one: ${io.program} clients add --confidential --redirect-uri <uri>`],
  });
}

function secondsOf(text: string): number {
  const seconds = readSpan(text, MAX_OVERLAP_SECONDS);
  if (seconds !== undefined) return seconds;
  throw new Failure(`--keep-old ${printable(text)} is no time that an old secret can be kept for.`, {
    next: ['Write minutes, hours or days, 30 days at most, for example: --keep-old 24h'],
    exitCode: exitCodes.usage,
  });
}
