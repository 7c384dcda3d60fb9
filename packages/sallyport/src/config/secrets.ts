// secrets.json: the keys of this deployment, made once by whoever starts first, readable by its owner only, never replaced.

import { randomUUID } from 'node:crypto';
import { chmod, link, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecrets, readSecrets } from '@sallyport/crypto';
import type { Secrets } from '@sallyport/crypto';
import { makeFolder } from '@sallyport/storage';
import type { Config } from './index.ts';

/** The data folder or secrets.json cannot be used; `message` says what happened, `instead` what to do. */
export class SecretsUnusable extends Error {
  override readonly name = 'SecretsUnusable';
  readonly instead: string;

  constructor(message: string, instead: string) {
    super(message);
    this.instead = instead;
  }
}

export interface OpenedSecrets {
  readonly secrets: Secrets;
  /** Absolute path. */
  readonly path: string;
  /** Other users of this machine can read the file (POSIX only). */
  readonly isReadableByOthers: boolean;
}

/**
 * Reads secrets.json in the data folder; makes both on the first start.
 * Two processes that start at once end up with the same keys.
 * @throws SecretsUnusable when the folder cannot be written, or the file is damaged or lost
 */
export async function openSecrets(config: Pick<Config, 'data' | 'storage'>): Promise<OpenedSecrets> {
  const path = secretsPath(config);
  makeDataFolder(config.data);
  let text = await readIfThere(path);
  if (text === undefined && (await hasDatabase(config.storage.url))) {
    // Another process may have made both files between our two looks.
    text = await readIfThere(path);
    if (text === undefined) {
      throw new SecretsUnusable(
        `${path} is missing, but there is a database that was sealed with it.`,
        'Restore secrets.json from your backup. To start over with nothing, move the database away as well.',
      );
    }
  }
  text ??= await makeSecrets(path);
  return { secrets: parseSecrets(text, path), path, isReadableByOthers: await isReadableByOthers(path) };
}

/** As `openSecrets`, but makes and changes nothing. @returns undefined before the first start */
export async function inspectSecrets(config: Pick<Config, 'data'>): Promise<OpenedSecrets | undefined> {
  const path = secretsPath(config);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  return { secrets: parseSecrets(text, path), path, isReadableByOthers: await isReadableByOthers(path) };
}

export function secretsPath(config: Pick<Config, 'data'>): string {
  return join(config.data, 'secrets.json');
}

/** Whether the SQLite file exists and has something in it. */
export async function hasDatabase(url: string): Promise<boolean> {
  const path = url.replace(/^sqlite:/, '');
  if (path === ':memory:') return false;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && found.size > 0;
}

function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new SecretsUnusable(
      `The data folder ${folder} cannot be made (${codeOf(error)}).`,
      'Choose a folder that this user may write, for example: SALLYPORT_DATA=$HOME/sallyport',
    );
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new SecretsUnusable(
      `${path} cannot be read (${codeOf(error)}).`,
      'Start Sallyport as the user that owns the file.',
    );
  }
}

/** @returns what the file holds afterwards, which is another process's text when that one was first */
async function makeSecrets(path: string): Promise<string> {
  const own = `${JSON.stringify(createSecrets(), null, 2)}\n`;
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeDurably(draft, own);
    // A link is made only when the name is free, and what it names is already complete.
    await link(draft, path).catch(async (error: unknown) => {
      if (codeOf(error) === 'EEXIST') return;
      // Some file systems have no hard links.
      await writeFile(path, own, { flag: 'wx', mode: 0o600, flush: true }).catch((second: unknown) => {
        if (codeOf(second) !== 'EEXIST') throw second;
      });
    });
  } catch (error) {
    throw new SecretsUnusable(
      `${path} cannot be written (${codeOf(error)}).`,
      'Let this user write the data folder, or choose another one, for example: SALLYPORT_DATA=$HOME/sallyport',
    );
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  const kept = await readIfThere(path);
  if (kept === undefined) throw new SecretsUnusable(`${path} vanished while starting.`, 'Start again.');
  return kept;
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  // The mask of the process may have taken more away than the owner needs.
  await chmod(path, 0o600);
}

function parseSecrets(text: string, path: string): Secrets {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw damaged(path, 'it is not JSON');
  }
  try {
    return readSecrets(document);
  } catch (error) {
    throw damaged(path, error instanceof TypeError ? error.message : 'it cannot be read');
  }
}

function damaged(path: string, why: string): SecretsUnusable {
  return new SecretsUnusable(
    `${path} is damaged: ${why}.`,
    'Restore it from your backup. Sallyport never replaces it, because the database is sealed with these keys.',
  );
}

async function isReadableByOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  return ((await stat(path)).mode & 0o077) !== 0;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
