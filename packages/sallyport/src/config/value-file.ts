// A file that holds one value, which is how Docker and Kubernetes hand secrets over.

import { readFileSync, statSync } from 'node:fs';
import { bounds } from './limits.ts';
import type { Judgement } from './public-url.ts';

/** Without the end of the line, which editors and `echo` add. An empty file is a slip, and never means the default. */
export function readValue(path: string): string | Judgement {
  try {
    if (statSync(path).size > bounds.valueFileBytes) {
      return {
        what: `names ${path}, which is larger than 64 KiB`,
        instead: 'Name a file with the value only.',
      };
    }
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (text !== '') return text;
    return {
      what: `names ${path}, which is empty`,
      instead: 'Write the value into it, or remove the variable.',
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return {
      what: `names ${path}, which cannot be read (${code})`,
      instead: 'Let the user that starts Sallyport read it, or remove the variable.',
    };
  }
}
