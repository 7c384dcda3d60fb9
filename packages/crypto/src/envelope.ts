// Sealed at rest: AES-256-GCM with a key id in front and the row's identity as associated data, so that a sealed
// value moved to another row does not open (NIST SP 800-38D; nonces are random, 96 bits).
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { NamedKey } from './secrets.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * @param identity what the value belongs to, for example `signing_key:<kid>`
 * @returns version (1 byte) · length of key id (1) · key id · nonce (12) · tag (16) · ciphertext
 */
export function seal(key: NamedKey, identity: string, plaintext: string): Uint8Array {
  const id = Buffer.from(key.id);
  if (id.length > 255) throw new RangeError('seal: key id longer than 255 bytes');
  const header = Buffer.concat([Buffer.from([VERSION, id.length]), id]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce);
  cipher.setAAD(Buffer.concat([header, Buffer.from(identity)]));
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([header, nonce, cipher.getAuthTag(), sealed]);
}

/** @returns the id of the key that it says it was sealed under; undefined when it is no envelope */
export function sealedUnder(envelope: Uint8Array): string | undefined {
  return partsOf(envelope)?.keyId;
}

/** An envelope that cannot be opened: damaged, moved to another row, or sealed under another key. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
}

/**
 * @param keys every key that may have sealed it
 * @throws {EnvelopeError} without a word of the content
 */
export function unseal(keys: readonly NamedKey[], identity: string, envelope: Uint8Array): string {
  const parts = partsOf(envelope);
  if (parts === undefined) throw new EnvelopeError('not a sealed envelope');
  const { header, keyId, nonce, tag, ciphertext } = parts;
  const key = keys.find((candidate) => candidate.id === keyId);
  if (key === undefined)
    throw new EnvelopeError(`sealed under the key "${keyId}", which is not among the secrets`);
  const decipher = createDecipheriv('aes-256-gcm', key.key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([header, Buffer.from(identity)]));
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
  } catch {
    throw new EnvelopeError(`damaged, or not of ${identity}`);
  }
}

function partsOf(envelope: Uint8Array) {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  const header = bytes.subarray(0, 2 + (bytes[1] ?? 0));
  if (bytes[0] !== VERSION || bytes.length < header.length + NONCE_BYTES + TAG_BYTES) return undefined;
  const nonceEnd = header.length + NONCE_BYTES;
  return {
    header,
    keyId: header.toString('utf8', 2),
    nonce: bytes.subarray(header.length, nonceEnd),
    tag: bytes.subarray(nonceEnd, nonceEnd + TAG_BYTES),
    ciphertext: bytes.subarray(nonceEnd + TAG_BYTES),
  };
}
