// A copy put into the store that the configuration names, from a file or from the standard input.

import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { openKeyRing } from '@sallyport/crypto';
import { copyIn } from '@sallyport/storage';
import type { Copied, CopyInOptions } from '@sallyport/storage';
import { configOf } from '../commands/command-line.ts';
import type { CommonOptions } from '../commands/command-line.ts';
import { exitCodes, Failure } from '../commands/failure.ts';
import { paint, print } from '../commands/io.ts';
import type { Io } from '../commands/io.ts';
import type { Config } from '../config/index.ts';
import { inspectSecrets, placeSecrets } from '../config/secrets.ts';
import type { OpenedSecrets } from '../config/secrets.ts';
import { asJson, asLines, origin, rowsOf } from './report.ts';
import { whileShowing } from './while-showing.ts';

export interface InOptions extends CommonOptions {
  readonly revokeAll?: boolean;
  readonly json?: boolean;
}

/** @param name of the file, or `-` for the standard input */
export async function readCopy(name: string, options: InOptions, io: Io): Promise<void> {
  const config = configOf(options, io);
  const secrets = secretsOfCopy(config);
  const copied = await whileShowing(io, 'Stopped. Nothing was restored.', async (showing) => {
    const file = name === '-' ? standardInput(io) : createReadStream(resolve(io.cwd, name));
    const revokeAllAt = options.revokeAll === true ? { revokeAllAt: io.now() } : {};
    try {
      return await copyIn(config.storage.url, file, { ...secrets, ...showing, ...revokeAllAt });
    } catch (error) {
      throw explained(error, name);
    }
  });
  if (options.json === true) print(io, asJson(copied, {}));
  else tell(copied, options.revokeAll === true, config, io);
}

type FoundSecrets = Pick<OpenedSecrets, 'secrets' | 'path'>;

/** Those that came with the copy, or else those that are there, must open what is sealed in it. */
function secretsOfCopy(config: Config): Pick<CopyInOptions, 'judgeSecrets' | 'placeSecrets'> {
  async function placed(document: unknown, mayWrite: boolean): Promise<FoundSecrets> {
    if (document !== undefined) return placeSecrets(config, document, { mayWrite });
    const there = await inspectSecrets(config);
    if (there !== undefined) return there;
    throw new Failure('The copy has no keys in it, and there are none here to use its rows with.', {
      means: 'Nothing was restored.',
      next: [
        `Put the secrets.json of the store that it was made of at ${config.secretsFile}, then try again.`,
      ],
    });
  }
  return {
    judgeSecrets: async (document) => void (await placed(document, false)),
    async placeSecrets(document, keys) {
      const { secrets, path } = await placed(document, true);
      if (keys.length === 0 || openKeyRing(keys, secrets.sealing.keys).missingSealing.length === 0) return;
      throw new Failure(`${path} does not belong to this copy: it cannot open what is sealed in its rows.`, {
        means: 'Nothing was restored.',
        next: ['Put the secrets.json of the store there that the copy was made of, then try again.'],
      });
    },
  };
}

function standardInput(io: Io): Readable {
  if (io.stdin.isTTY === true) {
    throw new Failure('Nobody types a backup.', {
      next: [`Name a file, or pass one on: … | ${io.program} restore -`],
      exitCode: exitCodes.usage,
    });
  }
  return io.stdin as Readable;
}

function explained(error: unknown, name: string): unknown {
  const sentences: Readonly<Record<string, string>> = {
    ENOENT: `There is no file ${name}.`,
    EISDIR: `${name} is a folder.`,
    EACCES: `${name} cannot be read by this user.`,
    EPERM: `${name} cannot be read by this user.`,
    ENOTDIR: `There is no file ${name}.`,
    EIO: `The disk of ${name} reports errors.`,
  };
  const sentence = sentences[(error as NodeJS.ErrnoException).code ?? ''];
  if (sentence === undefined) return error;
  return new Failure(`${sentence} Nothing was restored.`, { next: ['Name another file.'] });
}

function tell(copied: Copied, areRevoked: boolean, config: Config, io: Io): void {
  print(io, `${paint(io.stdout, 'green', '✓')} Restored ${rowsOf(copied)}, ${origin(copied)}.`);
  for (const line of asLines(copied)) print(io, line);
  print(io, 'Each was read back from the store and is the same.');
  if (copied.head.secrets) print(io, `The keys are in ${config.secretsFile}.`);
  print(
    io,
    areRevoked
      ? 'Everybody has to sign in again, and every app to be allowed again.'
      : 'What was revoked, removed or changed since it was made is as it was then.',
  );
}
