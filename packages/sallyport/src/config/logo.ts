// The operator's logo: a file, or the same as a data: URL. It is served by us under our own address, because the pages ask
// nobody else for anything.

import { readFileSync, statSync } from 'node:fs';
import { logoTypeOf, type LogoFile } from '@sallyport/pages';
import { bounds } from './limits.ts';
import type { Path } from './problem.ts';
import type { Judgement } from './public-url.ts';
import type { Settings } from './schema.ts';

/** What can be judged of it before any file is read. */
export function judgeLogo(value: string): Judgement | undefined {
  if (value === '' || value.includes('\0'))
    return { what: 'names no file', instead: 'Write, for example: logo: ./logo.svg' };
  if (!/^[a-z][a-z0-9+.-]+:/i.test(value) || value.startsWith('data:image/')) return undefined;
  return {
    what: 'is an address elsewhere, and the pages load nothing from other places',
    instead: 'Save the picture beside this file, and write, for example: logo: ./logo.svg',
  };
}

/** @param absolute makes a path of the configuration absolute; @param say is told what is wrong with it */
export function logoOf(
  { look }: Settings,
  absolute: (path: Path, value: string) => string,
  say: (path: Path, what: string, instead: string) => void,
): LogoFile | undefined {
  if (look?.logo === undefined) return undefined;
  const path = ['look', 'logo'];
  const read = readLogo(look.logo, (value) => absolute(path, value));
  if ('type' in read) return read;
  say(path, read.what, read.instead);
  return undefined;
}

function readLogo(value: string, absolute: (path: string) => string): LogoFile | Judgement {
  const content = value.startsWith('data:') ? decoded(value) : contentOf(absolute(value));
  if (!(content instanceof Uint8Array)) return content;
  if (content.length > bounds.logoBytes)
    return {
      what: `is a picture of ${content.length} bytes, which every page would wait for`,
      instead: small,
    };
  const type = logoTypeOf(content);
  if (type === undefined)
    return { what: 'is no picture that every browser shows', instead: 'Give an SVG, PNG, JPEG or WebP.' };
  return { type, content };
}

const small = `Give one of at most ${bounds.logoBytes} bytes; it is shown 32 pixels high.`;

function decoded(url: string): Uint8Array | Judgement {
  const comma = url.indexOf(',');
  const [head, data] = [url.slice(0, comma), url.slice(comma + 1)];
  if (head.endsWith(';base64')) return Buffer.from(data, 'base64');
  try {
    return Buffer.from(decodeURIComponent(data));
  } catch {
    return {
      what: 'is a data: URL that cannot be read',
      instead: 'Name the file in its place: logo: ./logo.svg',
    };
  }
}

function contentOf(path: string): Uint8Array | Judgement {
  try {
    // Judged before it is read, so that a slip in the path does not fill the memory, nor waits for a pipe.
    const found = statSync(path);
    if (!found.isFile())
      return {
        what: `names ${path}, which is no file`,
        instead: 'Write the path of a picture, relative to this file.',
      };
    const { size } = found;
    if (size > bounds.logoBytes)
      return {
        what: `names ${path}, which has ${size} bytes that every page would wait for`,
        instead: small,
      };
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return {
      what: `names ${path}, which cannot be read (${code})`,
      instead: 'Write the path of a picture, relative to this file.',
    };
  }
}
