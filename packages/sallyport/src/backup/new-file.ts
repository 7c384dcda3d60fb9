// A file that is there whole or not at all: written beside its place under another name, for its owner only, and given
// its name once everything of it is on the disk.

import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { link, lstat, rename, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { syncFolder } from '@sallyport/storage';
import { Failure } from '../commands/failure.ts';

export interface NewFile {
  readonly stream: WriteStream;
  /** Gives it its name. @returns its size in bytes */
  readonly keep: () => Promise<number>;
  /** Leaves nothing behind; after `keep` it does nothing. */
  readonly discard: () => Promise<void>;
}

/**
 * @param path absolute
 * @param replace whether a file of this name may be replaced
 * @throws Failure when there is one and it may not, or the folder takes none
 */
export async function newFile(path: string, { replace }: { readonly replace: boolean }): Promise<NewFile> {
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile() && !there.isSymbolicLink()) {
    throw new Failure(`${path} is there, and is no file that could be replaced.`, {
      next: ['Name a file that does not exist yet, or write - for the standard output.'],
    });
  }
  if (there !== undefined && !replace) throw taken(path);
  const draft = `${path}.${randomUUID()}.part`;
  const stream = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
  await once(stream, 'open').catch((error: unknown) => {
    throw explained(error, path);
  });

  return {
    stream,
    async keep() {
      try {
        const { size } = await stat(draft);
        await (replace ? rename(draft, path) : nameOnce(draft, path));
        await syncFolder(dirname(path));
        return size;
      } catch (error) {
        throw explained(error, path);
      }
    },
    async discard() {
      stream.destroy();
      await rm(draft, { force: true });
    },
  };
}

/** Somebody may have made a file of this name meanwhile: a link is made only where the name is free. */
async function nameOnce(draft: string, path: string): Promise<void> {
  try {
    await link(draft, path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') throw taken(path);
    // Some file systems have no hard links.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(code)) throw error;
    await rename(draft, path);
    return;
  }
  await rm(draft, { force: true });
}

/** @returns the sentence for what the file system says of a file that is written */
export function explained(error: unknown, path: string): unknown {
  const folder = dirname(path);
  const sentences: Readonly<Record<string, readonly [what: string, next: string]>> = {
    ENOSPC: [
      `The disk of ${path} is full, so nothing was kept there.`,
      'Free some space, or name another disk.',
    ],
    EDQUOT: [
      `The quota for ${path} is used up, so nothing was kept there.`,
      'Free some space, or name another disk.',
    ],
    EFBIG: [`${path} would be larger than a file may be there.`, 'Name another disk.'],
    EIO: [`The disk of ${path} reports errors.`, 'Check it, or name another disk.'],
    EACCES: [`${path} cannot be written by this user.`, `Let it write to ${folder}, or name another folder.`],
    EPERM: [`${path} cannot be written by this user.`, `Let it write to ${folder}, or name another folder.`],
    EROFS: [`${path} is on a disk that is mounted read-only.`, 'Name another folder.'],
    ENOENT: [`There is no folder ${folder}.`, `Make it: mkdir -p ${folder}`],
    ENOTDIR: [`${folder} is not a folder.`, 'Name another one.'],
    ENAMETOOLONG: [`${path} is too long a name.`, 'Name a shorter one.'],
    EPIPE: [
      'Whoever read the output has stopped reading, so it is not whole.',
      'Check the command after the |.',
    ],
  };
  const [what, next] = sentences[codeOf(error)] ?? [];
  return what === undefined || next === undefined ? error : new Failure(what, { next: [next] });
}

function taken(path: string): Failure {
  return new Failure(`${path} is there already, and was left as it is.`, {
    next: ['Name another file, or add: --force'],
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
