// How a person is called on pages.
import { limits } from './limits.ts';

/** What they gave, as `readLine`; otherwise the part of the e-mail before the @. */
export function readName(text: string | undefined, email: string): string {
  return readLine(text) ?? email.slice(0, email.indexOf('@'));
}

/**
 * One short line, without control or direction characters, which could make a page read differently.
 * @returns undefined when nothing is left
 */
export function readLine(text: string | undefined): string | undefined {
  const line = (text ?? '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const short = Array.from(line).slice(0, limits.nameMax).join('').trim();
  return short === '' ? undefined : short;
}
