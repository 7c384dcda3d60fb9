// Reads a copy line by line out of its gzip, with little of it in memory, and keeps the digest of what was read.

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { maxCopiedRowCharacters } from '../limits.ts';
import { altered, cutOff, foreign } from './refused.ts';

export interface Lines {
  /**
   * @param where how the message calls this place when the file ends there
   * @throws CopyRefused when there is no further line, or the gzip is damaged
   */
  readonly next: (where: string) => Promise<string>;
  /** Whether nothing is left. */
  readonly isOver: (where: string) => Promise<boolean>;
  /** Of all lines before the one that `next` gave last, in base64url. */
  readonly digestBefore: () => string;
  readonly close: () => void;
}

export function readLines(file: Readable): Lines {
  const digest = createHash('sha256');
  const unzipped = createGunzip({ chunkSize: 256 * 1024 });
  let bytesRead = 0;
  file.on('data', (chunk: Buffer) => (bytesRead += chunk.length));
  file.once('error', (error) => unzipped.destroy(error));
  file.pipe(unzipped);
  const chunks = unzipped[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const decoder = new StringDecoder('utf8');
  let text = '';
  let start = 0;
  let lineStart = 0;
  let hasBegun = false;

  /** Puts more text behind what is left. @returns whether there was any */
  async function more(where: string): Promise<boolean> {
    const chunk = await chunks.next().catch((error: unknown) => {
      throw explained(error, where);
    });
    digest.update(text.slice(0, start));
    text = text.slice(start) + (chunk.done === true ? decoder.end() : decoder.write(chunk.value));
    start = 0;
    if (text.length > maxCopiedRowCharacters) throw altered('it has a line that no row is as long as');
    return chunk.done !== true;
  }

  function explained(error: unknown, where: string): unknown {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'Z_BUF_ERROR' && code !== 'Z_DATA_ERROR') return error;
    if (!hasBegun) return foreign();
    return code === 'Z_BUF_ERROR' ? cutOff(where) : altered('its compression is damaged', error);
  }

  return {
    async next(where) {
      let end = text.indexOf('\n', start);
      while (end === -1) {
        const searched = text.length - start;
        if (!(await more(where))) throw hasBegun ? cutOff(where) : foreign();
        end = text.indexOf('\n', searched);
      }
      hasBegun = true;
      lineStart = start;
      start = end + 1;
      return text.slice(lineStart, end);
    },
    async isOver(where) {
      while (start === text.length) if (!(await more(where))) return bytesRead === unzipped.bytesWritten;
      return false;
    },
    digestBefore: () => digest.copy().update(text.slice(0, lineStart)).digest('base64url'),
    close() {
      file.destroy();
      unzipped.destroy();
    },
  };
}
