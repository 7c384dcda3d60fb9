// secrets.json: the keys of this deployment, made once by whoever starts first, readable by its owner only, and changed by
// commands alone.

import { randomUUID } from 'node:crypto';
import { chmod, link, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSecrets, purposes, readSecrets } from '@sallyport/crypto';
import type { Secrets } from '@sallyport/crypto';
import { makeFolder, syncFolder } from '@sallyport/storage';
import type { Config } from './config.ts';

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
  /** Users of this machine can read the file who need not (POSIX only). */
  readonly isReadableByOthers: boolean;
  /** Removes the file again, where this very call has made it: for secrets that turn out to be of no use. */
  takeBack(): Promise<void>;
}

interface Opening {
  /** Epoch seconds. */
  readonly now: number;
  /** Whether there is a store that was sealed with secrets, so that new ones would be worth nothing. */
  readonly isInUse: () => Promise<boolean>;
}

/**
 * Reads the secrets; makes them, and the data folder, on the first start.
 * Two processes that start at once end up with the same keys.
 * @throws SecretsUnusable when the folder cannot be written, or the file is damaged or lost
 */
export async function openSecrets(
  { data, secretsFile: path }: Pick<Config, 'data' | 'secretsFile'>,
  { now, isInUse }: Opening,
): Promise<OpenedSecrets> {
  // Beside a server's database and with secrets that were mounted, nothing is written here at all.
  if (dirname(path) === data) makeDataFolder(data);
  let text = await readIfThere(path);
  if (text === undefined && (await isInUse())) {
    // Another process may have made both between our two looks.
    text = await readIfThere(path);
    if (text === undefined) {
      throw new SecretsUnusable(
        `${path} is missing, but there is a database that was sealed with it.`,
        'Restore secrets.json from your backup, or copy it from an instance that works. To start over with nothing, move the database away as well.',
      );
    }
  }
  if (text !== undefined) return opened(text, path);
  const own = `${JSON.stringify(createSecrets(now), null, 2)}\n`;
  const kept = await writeOnce(path, own);
  return opened(kept, path, async () => {
    if (kept === own && (await readIfThere(path)) === own) await rm(path, { force: true });
  });
}

/** As `openSecrets`, but makes and changes nothing. @returns undefined before the first start */
export async function inspectSecrets({
  secretsFile: path,
}: Pick<Config, 'secretsFile'>): Promise<OpenedSecrets | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : opened(text, path);
}

async function opened(
  text: string,
  path: string,
  takeBack: OpenedSecrets['takeBack'] = async () => {},
): Promise<OpenedSecrets> {
  const isReadableByOthers = await judgeMode(path);
  return { secrets: parseSecrets(text, path, readSecrets), path, isReadableByOthers, takeBack };
}

export function isSqlite(url: string): boolean {
  return url.startsWith('sqlite:');
}

/** Whether the SQLite file exists and has something in it. A server has to be asked itself. */
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

/** @throws SecretsUnusable when it is there and cannot be read */
export async function readIfThere(path: string): Promise<string | undefined> {
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

/**
 * What secrets.json says, as JSON, to be put beside a copy of the database. Judged, so that nobody keeps a damaged one.
 * @returns undefined when there is none
 */
export async function copySecrets({ secretsFile: path }: Pick<Config, 'secretsFile'>): Promise<unknown> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  parseSecrets(text, path, readSecrets);
  return JSON.parse(text) as unknown;
}

/**
 * Puts secrets that came with a copy of the database where there are none; otherwise those that are there are to have
 * every key of them.
 * @param mayWrite whether to write, or only to judge whether it could be done
 * @returns the secrets that count from now on
 * @throws SecretsUnusable when there are others, or the copy's are damaged
 */
export async function placeSecrets(
  { data, secretsFile: path }: Pick<Config, 'data' | 'secretsFile'>,
  document: unknown,
  { mayWrite }: { readonly mayWrite: boolean },
): Promise<Pick<OpenedSecrets, 'secrets' | 'path'>> {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const copied = parseSecrets(text, 'The secrets.json of the copy', readSecrets);
  let kept = await readIfThere(path);
  if (kept === undefined && mayWrite) {
    if (dirname(path) === data) makeDataFolder(data);
    kept = await writeOnce(path, text);
  }
  if (kept === undefined) return { secrets: copied, path };
  const secrets = parseSecrets(kept, path, readSecrets);
  if (!hasAllOf(secrets, copied)) {
    throw new SecretsUnusable(
      `${path} has other keys than the copy, whose rows need theirs. Nothing was restored.`,
      'Move it away, if nothing else needs it, or choose another data folder (SALLYPORT_DATA).',
    );
  }
  return { secrets, path };
}

function hasAllOf(one: Secrets, other: Secrets): boolean {
  return purposes.every((purpose) =>
    other[purpose].keys.every(({ id, key }) =>
      one[purpose].keys.some((known) => known.id === id && known.key.equals(key)),
    ),
  );
}

/** @returns what the file holds afterwards, which is another process's text when that one was first */
async function writeOnce(path: string, own: string): Promise<string> {
  const draft = `${path}.${randomUUID()}`;
  try {
    makeFolder(dirname(path));
    await writeDurably(draft, own);
    // A link is made only when the name is free, and what it names is already complete.
    await link(draft, path).catch(async (error: unknown) => {
      if (codeOf(error) === 'EEXIST') return;
      // Some file systems have no hard links.
      await writeFile(path, own, { flag: 'wx', mode: 0o600, flush: true }).catch((second: unknown) => {
        if (codeOf(second) !== 'EEXIST') throw second;
      });
    });
    await syncFolder(dirname(path));
  } catch (error) {
    throw new SecretsUnusable(
      `${path} cannot be written (${codeOf(error)}).`,
      'Let this user write its folder, or choose another one, for example: SALLYPORT_DATA=$HOME/sallyport',
    );
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  const kept = await readIfThere(path);
  if (kept === undefined) throw new SecretsUnusable(`${path} vanished while starting.`, 'Start again.');
  return kept;
}

/** A new file, complete on the disk, that only its owner reads. */
export async function writeDurably(path: string, text: string): Promise<void> {
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

/** @throws SecretsUnusable for what is damaged, naming the member and never its value */
export function parseSecrets<Parsed>(
  text: string,
  path: string,
  read: (document: unknown) => Parsed,
): Parsed {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw damaged(path, 'it is not JSON');
  }
  try {
    return read(document);
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

/** A file that was mounted for us belongs to another user, and its group is how we read it. */
async function judgeMode(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const { mode, uid } = await stat(path);
  return (mode & (uid === process.getuid?.() ? 0o077 : 0o007)) !== 0;
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
