// Tokens that say what they are, for those that people keep in files: whoever looks through a repository for secrets
// finds them, and a checksum tells them from text that only looks alike.
import { crc32 } from 'node:zlib';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 192 bits, as many base62 digits as that takes. */
const SECRET_BYTES = 24;
const SECRET_DIGITS = 33;
const CHECKSUM_DIGITS = 6;

/**
 * @param prefix what it says it is; no `.`, so that nobody takes it for a JWT
 * @param secret at least 24 bytes that nobody can guess, of which the first 24 are used
 * @returns prefix, secret and CRC-32 of both, in letters and digits that a double click selects
 */
export function recognisableToken(prefix: string, secret: Uint8Array): string {
  if (secret.length < SECRET_BYTES) throw new RangeError(`recognisableToken: ${SECRET_BYTES} bytes`);
  const number = BigInt(`0x${Buffer.from(secret.subarray(0, SECRET_BYTES)).toString('hex')}`);
  const text = prefix + inBase62(number, SECRET_DIGITS);
  return text + checksumOf(text);
}

/** Whether it is whole: a slip of the hand passes once in four billion times. */
export function isRecognisableToken(prefix: string, text: string): boolean {
  if (text.length !== prefix.length + SECRET_DIGITS + CHECKSUM_DIGITS || !text.startsWith(prefix))
    return false;
  const body = text.slice(0, -CHECKSUM_DIGITS);
  return checksumOf(body) === text.slice(-CHECKSUM_DIGITS);
}

const checksumOf = (text: string): string => inBase62(BigInt(crc32(text)), CHECKSUM_DIGITS);

function inBase62(number: bigint, length: number): string {
  let text = '';
  for (let rest = number; rest > 0n; rest /= 62n) text = digits.charAt(Number(rest % 62n)) + text;
  return text.padStart(length, '0');
}
