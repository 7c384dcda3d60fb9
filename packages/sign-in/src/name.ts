// How a person is called on pages.
import { limits } from './limits.ts';

/**
 * What they gave, on one line, without control or direction characters, which could make a page read differently;
 * otherwise the part of the e-mail before the @.
 */
export function readName(text: string | undefined, email: string): string {
  const name = (text ?? '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const short = Array.from(name).slice(0, limits.nameMax).join('').trim();
  return short === '' ? email.slice(0, email.indexOf('@')) : short;
}
