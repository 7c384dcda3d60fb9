// An e-mail address is the name of an account here, nothing is sent to it: one spelling each.

/** RFC 5321 §4.5.3.1.3: a path of 256 with its angle brackets. */
const MAX_EMAIL_CHARACTERS = 254;
/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL_PART_CHARACTERS = 64;

// What browsers accept in <input type="email"> (WHATWG HTML, "valid e-mail address"), so that page and server agree.
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const validDomain = new RegExp(`^${label}(?:\\.${label})*$`);
const validEmail = new RegExp(`^[a-z0-9.!#$%&'*+/=?^_\`{|}~-]+@${validDomain.source.slice(1)}`);

/**
 * Trimmed and in lower case. Lower-casing the local part goes beyond RFC 5321 §2.4, as every mail service does.
 * @returns undefined when it is not an e-mail address
 */
export function readEmail(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_EMAIL_CHARACTERS) return undefined;
  // Only ASCII letters are lowered: toLowerCase alone would make a "k" of the Kelvin sign.
  const email = trimmed.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (!validEmail.test(email)) return undefined;
  return email.indexOf('@') <= MAX_LOCAL_PART_CHARACTERS ? email : undefined;
}

/**
 * Whether the text in place of an account's e-mail is one. What stands for an account without an address has a space or
 * a colon in it, which no address has here.
 */
export function isEmail(text: string): boolean {
  return readEmail(text) === text;
}

/**
 * The part after the @, in lower case and in ASCII (RFC 5891 §4.4), so that two spellings of one domain are one.
 * @returns undefined when it is none, or when it only looks like another one (full-width letters and such)
 */
export function readEmailDomain(text: string): string | undefined {
  const domain = text.normalize('NFC');
  if (domain.length > MAX_EMAIL_CHARACTERS || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return undefined;
  // Beyond lower case the parser must have nothing to change: no other forms of letters, and nothing that cannot be seen.
  if (domain.normalize('NFKC') !== domain || /\p{Default_Ignorable_Code_Point}/u.test(domain))
    return undefined;
  const isAscii = /^[\x21-\x7e]+$/.test(domain);
  if (isAscii && domain !== text) return undefined;
  const ascii = isAscii ? domain.toLowerCase() : URL.parse(`http://${domain}/`)?.hostname;
  return ascii !== undefined && validDomain.test(ascii) ? ascii : undefined;
}

/**
 * As `readEmail`, for an address that somebody else wrote down: its domain may be in the letters of its own language.
 */
export function readForeignEmail(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const domain = readEmailDomain(text.slice(at + 1).trim());
  return at === -1 || domain === undefined ? undefined : readEmail(`${text.slice(0, at)}@${domain}`);
}
