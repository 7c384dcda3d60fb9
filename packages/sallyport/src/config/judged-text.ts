// Texts of the configuration that several parts of the shape have in common.

import { z } from 'zod';
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
