// Everything that is kept, written to one file or to the standard output while the server goes on.

import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { copyOut } from '@sallyport/storage';
import type { Copied } from '@sallyport/storage';
import { configOf } from '../commands/command-line.ts';
import type { CommonOptions } from '../commands/command-line.ts';
import { exitCodes, Failure } from '../commands/failure.ts';
import { paint } from '../commands/io.ts';
import type { Io } from '../commands/io.ts';
import type { Config } from '../config/index.ts';
import { copySecrets } from '../config/secrets.ts';
import { version } from '../version.ts';
import { explained, newFile } from './new-file.ts';
import { asJson, asLines, inBytes, rowsOf } from './report.ts';
import { whileShowing } from './while-showing.ts';
import type { Showing } from './while-showing.ts';

export interface OutOptions extends CommonOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

interface Copying {
  readonly config: Config;
  readonly withSecrets: boolean;
  readonly io: Io;
  readonly showing: Showing;
}

/** @param name of the file, or `-` for the standard output */
export async function writeCopy(
  name: string,
  options: OutOptions & { readonly withSecrets: boolean },
  io: Io,
): Promise<void> {
  const { withSecrets } = options;
  const config = configOf(options, io);
  await whileShowing(io, 'Stopped. Nothing was written.', async (showing) => {
    const copying = { config, withSecrets, io, showing };
    if (name === '-') {
      const copied = await toStandardOutput(copying);
      showing.wipe();
      tell(copied, {}, { ...options, to: '' }, io.stderr);
    } else {
      const file = resolve(io.cwd, name);
      const { copied, bytes } = await toFile(file, options.force === true, copying);
      showing.wipe();
      tell(copied, { file, bytes }, { ...options, to: ` to ${file} (${inBytes(bytes)})` }, io.stdout);
    }
  });
}

async function toFile(
  path: string,
  replace: boolean,
  copying: Copying,
): Promise<{ copied: Copied; bytes: number }> {
  const file = await newFile(path, { replace });
  try {
    const copied = await copyTo(file.stream, copying).catch((error: unknown) => {
      throw explained(error, path);
    });
    return { copied, bytes: await file.keep() };
  } finally {
    await file.discard();
  }
}

async function toStandardOutput(copying: Copying): Promise<Copied> {
  const { stdout, program } = copying.io;
  if (stdout.isTTY === true) {
    throw new Failure('A terminal cannot show a backup.', {
      next: [`Name a file, or pass it on: ${program} backup - | …`],
      exitCode: exitCodes.usage,
    });
  }
  // It stays open for what else is to be said.
  const passedOn = new Writable({
    write: (chunk: Buffer, _encoding, done) => void stdout.write(chunk, done),
  });
  const heard = (): void => undefined;
  stdout.on('error', heard);
  try {
    return await copyTo(passedOn, copying);
  } catch (error) {
    throw explained(error, 'the output');
  } finally {
    stdout.off('error', heard);
  }
}

/**
 * A row may be sealed with a key that came after the secrets were read, and a key may go once nothing needs it: so the
 * secrets are read before the moment that the rows are of, and after it, until both are the same.
 */
async function copyTo(destination: Writable, { config, withSecrets, io, showing }: Copying): Promise<Copied> {
  const about = { program: version, now: io.now(), ...showing };
  const { url } = config.storage;
  if (!withSecrets) return copyOut(url, destination, about);
  for (;;) {
    const before = await readSecrets(config);
    try {
      const secrets = async (): Promise<unknown> => {
        if (isDeepStrictEqual(await readSecrets(config), before)) return before;
        throw new SecretsChanged();
      };
      return await copyOut(url, destination, { ...about, secrets });
    } catch (error) {
      if (!(error instanceof SecretsChanged)) throw error;
    }
  }
}

class SecretsChanged extends Error {}

async function readSecrets(config: Config): Promise<unknown> {
  const secrets = await copySecrets(config);
  if (secrets !== undefined) return secrets;
  throw new Failure(`There is no ${config.secretsFile}, without which a backup cannot be used.`, {
    next: ['Name the data folder that has it (SALLYPORT_DATA), or leave it out: --without-secrets'],
  });
}

function tell(
  copied: Copied,
  file: { readonly file?: string; readonly bytes?: number },
  { json, to, withSecrets }: { readonly json?: boolean; readonly to: string; readonly withSecrets: boolean },
  stream: NodeJS.WritableStream,
): void {
  const lines =
    json === true
      ? [asJson(copied, file)]
      : [
          `${paint(stream, 'green', '✓')} Copied ${rowsOf(copied)}${withSecrets ? ' and secrets.json' : ''}${to}.`,
          ...asLines(copied),
          ...(withSecrets ? ['Whoever has this copy has the keys: keep it as safe as the data folder.'] : []),
        ];
  stream.write(`${lines.join('\n')}\n`);
}
