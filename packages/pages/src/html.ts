// HTML that is escaped by construction: a string from data can only ever become text or an attribute's value.
import { html as template } from 'hono/html';
import { SHOWN_TEXT_CHARACTERS } from './limits.ts';

/** Markup made by `html`, safe to send. */
export type Html = Extract<ReturnType<typeof template>, string>;

/** What may stand in a template; strings are escaped, `undefined` and `false` leave nothing. */
export type Content = Html | string | number | false | undefined | readonly Content[];

/** @throws TypeError when a value is a promise: pages are synchronous functions of data */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  const made = template(strings, ...values);
  if (made instanceof Promise) throw new TypeError('A page takes data, not promises.');
  return made;
}

/** All that shows nothing or turns the direction, but for the joiners and variation selectors that scripts and emoji need. */
const invisible =
  /(?!\p{Join_Control}|\p{Variation_Selector})[\p{Default_Ignorable_Code_Point}\u061c\u200e\u200f\u202a-\u202e\u2800]/gu;

/**
 * Words that a stranger chose (a client's name, a person's name), fit to stand on a page: one line, without characters
 * that are invisible, turn the reading direction of what follows or tower over the line, and cut at a length.
 * Not for hosts, addresses or hidden values: those must stay as they are.
 */
export function shown(text: string): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/(\p{M}{4})\p{M}+/gu, '$1')
    .replace(invisible, '')
    .trim();
  // What joins or varies other characters shows nothing without them.
  if (/^[\p{Default_Ignorable_Code_Point}\s]*$/u.test(line)) return '';
  const characters = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(line.slice(0, 1024))];
  if (characters.length <= SHOWN_TEXT_CHARACTERS && line.length <= 1024) return line;
  return `${characters
    .slice(0, SHOWN_TEXT_CHARACTERS)
    .map((character) => character.segment)
    .join('')}…`;
}
