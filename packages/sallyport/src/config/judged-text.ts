// Texts and numbers of the configuration that several parts of the shape have in common.

import { z } from 'zod';
import { bounds } from './limits.ts';
import type { Judgement } from './public-url.ts';

/** A text whose own rules are judged at once, whatever else is wrong in the file. */
export function text(judge: (value: string) => Judgement | undefined) {
  return z.string().superRefine((value, context) => {
    const judgement = judge(value);
    if (judgement !== undefined) {
      context.addIssue({ code: 'custom', message: judgement.what, params: { instead: judgement.instead } });
    }
  });
}

/** What people read on a page. */
export function shownText(maxCharacters: number) {
  return text((value) => judgeShown(value, maxCharacters));
}

export function judgeShown(value: string, maxCharacters: number): Judgement | undefined {
  if (value.trim() === value && value !== '' && value.length <= maxCharacters && !/\p{C}/u.test(value)) {
    return undefined;
  }
  return {
    what: `must be 1 to ${maxCharacters} characters without spaces around it or control characters`,
    instead: 'Write a short name, as people should read it.',
  };
}

export function judgeFile(value: string): Judgement | undefined {
  if (value !== '' && !value.includes('\0')) return undefined;
  return { what: 'names no file', instead: 'Write the path of a file, or leave it out.' };
}

export function judgeToken(value: string): Judgement | undefined {
  if (/^[\w.~+/-]+=*$/.test(value) && value.length >= bounds.tokenCharacters) return undefined;
  return {
    what: `must be at least ${bounds.tokenCharacters} characters that a bearer token may have: letters, digits and -._~+/`,
    instead: 'Make one with, for example: openssl rand -hex 32',
  };
}

export function wholeNumber({ min, max }: { min: number; max: number }) {
  return z.int().min(min).max(max);
}
