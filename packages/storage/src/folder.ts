// A folder for what is kept, readable by its owner alone.

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and the ones above it, one at a time: Node's recursive way never ends where a parent exists and takes
 * no folders, such as `/proc`.
 * @throws the error of `mkdir` (`EACCES`, `ENOENT`, `ENOTDIR`, `EROFS`, …)
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    makeFolder(parent);
    mkdirSync(path, { mode: 0o700 });
  }
}
