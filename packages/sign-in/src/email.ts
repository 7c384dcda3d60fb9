// An e-mail address is the name of an account here, nothing is sent to it: one spelling each.
import { limits } from './limits.ts';

// What browsers accept in <input type="email"> (WHATWG HTML, "valid e-mail address"), so that page and server agree.
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const validEmail = new RegExp(`^[a-z0-9.!#$%&'*+/=?^_\`{|}~-]+@${label}(?:\\.${label})*$`);

/**
 * Trimmed and in lower case. Lower-casing the local part goes beyond RFC 5321 §2.4, as every mail service does.
 * @returns undefined when it is not an e-mail address
 */
export function readEmail(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > limits.emailMax) return undefined;
  // Only ASCII letters are lowered: toLowerCase alone would make a "k" of the Kelvin sign.
  const email = trimmed.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (!validEmail.test(email)) return undefined;
  return email.indexOf('@') <= limits.emailLocalMax ? email : undefined;
}

/**
 * How a person is called on pages: what they gave, on one line, without control or direction characters, which could
 * make a page read differently; otherwise the part of the e-mail before the @.
 */
export function readName(text: string | undefined, email: string): string {
  const name = (text ?? '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const short = Array.from(name).slice(0, limits.nameMax).join('').trim();
  return short === '' ? email.slice(0, email.indexOf('@')) : short;
}
