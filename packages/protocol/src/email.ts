// An e-mail address is the name of an account here, nothing is sent to it: one spelling each.

/** RFC 5321 §4.5.3.1.3: a path of 256 with its angle brackets. */
const MAX_EMAIL_CHARACTERS = 254;
/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL_PART_CHARACTERS = 64;

// What browsers accept in <input type="email"> (WHATWG HTML, "valid e-mail address"), so that page and server agree.
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const validEmail = new RegExp(`^[a-z0-9.!#$%&'*+/=?^_\`{|}~-]+@${label}(?:\\.${label})*$`);

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
