// A command changes secrets.json: one at a time, and the file is at every moment the old one or the new one, whole.

import { randomUUID } from 'node:crypto';
import { access, chmod, chown, constants, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readSecretsDocument } from '@sallyport/crypto';
import type { SecretsDocument } from '@sallyport/crypto';
import { syncFolder } from '@sallyport/storage';
import { codeOf, parseSecrets, readIfThere, SecretsUnusable, writeDurably } from '../config/secrets.ts';
import { limits } from './limits.ts';

/** The file may not be changed here, as one that was mounted for reading. */
export class SecretsReadOnly extends Error {
  override readonly name = 'SecretsReadOnly';
}

/**
 * @param change is given what is in the file now, and answers what shall be; whatever it throws leaves the file alone
 * @throws SecretsReadOnly, SecretsUnusable, and what `change` throws
 */
export async function changeSecrets<Changed extends { readonly document: SecretsDocument }>(
  path: string,
  change: (document: SecretsDocument) => Changed,
): Promise<Changed> {
  const file = await writable(path);
  const unlock = await lock(file);
  try {
    const text = await readIfThere(file);
    if (text === undefined) throw new SecretsUnusable(`${path} is gone.`, 'Put it back.');
    const changed = change(parseSecrets(text, path, readSecretsDocument));
    await replace(file, `${JSON.stringify(changed.document, null, 2)}\n`);
    return changed;
  } finally {
    unlock();
  }
}

/** @returns the file itself where the path is a link */
async function writable(path: string): Promise<string> {
  try {
    const file = await realpath(path);
    await access(dirname(file), constants.W_OK);
    return file;
  } catch (error) {
    throw readOnly(path, error);
  }
}

/** It keeps its owner and who may read it: the command may be run by another user than the server. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    const { uid, gid, mode } = await stat(file);
    await writeDurably(draft, text);
    if (process.getuid !== undefined && (uid !== process.getuid() || gid !== process.getgid?.()))
      await chown(draft, uid, gid);
    await chmod(draft, mode & 0o777);
    await rename(draft, file);
    await syncFolder(dirname(file));
  } catch (error) {
    throw readOnly(file, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/**
 * Held by an empty SQLite database beside the file, because the system lets go of its lock when the process ends,
 * however it ends; a file that only says "locked" would outlive a command that was killed.
 */
async function lock(file: string): Promise<() => void> {
  const path = `${file}.lock`;
  try {
    const database = new DatabaseSync(path, { timeout: limits.lockPatienceMilliseconds });
    try {
      database.exec('BEGIN EXCLUSIVE');
      await chmod(path, 0o600);
      const { uid, gid } = await stat(file);
      if (process.getuid?.() === 0) await chown(path, uid, gid);
    } catch (error) {
      database.close();
      throw error;
    }
    return () => database.close();
  } catch (error) {
    if ((error as { errcode?: unknown }).errcode !== 5) throw readOnly(file, error);
    throw new SecretsUnusable(
      `Another command is changing ${file}.`,
      'Wait until it is done, then try again.',
    );
  }
}

function readOnly(path: string, error: unknown): unknown {
  if (error instanceof SecretsUnusable || error instanceof TypeError) return error;
  const { message } = error as Error;
  const code = codeOf(error);
  return new SecretsReadOnly(
    `${path} cannot be changed here (${code === 'ERR_SQLITE_ERROR' ? message : code}).`,
  );
}
