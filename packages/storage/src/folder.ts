// A folder for what is kept, readable by its owner alone, and the names in it.

import { mkdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and the ones above it, one at a time: Node's recursive way never ends where a parent exists and takes
 * no folders, such as `/proc`.
 * @returns the folders that were not there before, the innermost first
 * @throws the error of `mkdir` (`EACCES`, `ENOENT`, `ENOTDIR`, `EROFS`, …)
 */
export function makeFolder(path: string): readonly string[] {
  try {
    mkdirSync(path, { mode: 0o700 });
    return [path];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return [];
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    const above = makeFolder(parent);
    mkdirSync(path, { mode: 0o700 });
    return [path, ...above];
  }
}

/** A file that was given its name in this folder has it after a power cut too. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and needs none of this.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
