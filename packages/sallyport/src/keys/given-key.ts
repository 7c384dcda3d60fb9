// The operator's own signing key, from a file or a variable, in PEM.

import { readFile, stat } from 'node:fs/promises';
import { PemUnusable, readSigningPem } from '@sallyport/crypto';
import type { PrivateSigningKey, SigningAlg } from '@sallyport/crypto';
import type { GivenPrivateKey } from '../config/index.ts';
import { codeOf } from '../config/secrets.ts';
import { limits } from './limits.ts';

/** The key cannot be used; `message` says why, `instead` what to do. Neither quotes it. */
export class KeyFileUnusable extends Error {
  override readonly name = 'KeyFileUnusable';
  readonly instead: string;

  constructor(message: string, instead: string) {
    super(message);
    this.instead = instead;
  }
}

/**
 * @param alg what the configuration asks for, which the key cannot change
 * @throws KeyFileUnusable
 */
export async function readGivenKey(
  { from, file, pem }: GivenPrivateKey,
  alg: SigningAlg | undefined,
): Promise<PrivateSigningKey> {
  const key = await readPem(pem ?? (await readKeyFile(file ?? from)), from);
  if (alg === undefined || alg === key.alg) return key;
  throw new KeyFileUnusable(
    `${from} holds a key for ${key.alg}, but tokens.access.alg is ${alg}.`,
    `Leave tokens.access.alg out, since the key decides, or write: alg: ${key.alg}`,
  );
}

async function readPem(text: string, from: string): Promise<PrivateSigningKey> {
  try {
    return await readSigningPem(text);
  } catch (error) {
    if (!(error instanceof PemUnusable)) throw error;
    throw new KeyFileUnusable(
      `${from} ${error.message}.`,
      'Use a private key in PEM: RSA of 2048 to 4096 bits, EC on P-256, or Ed25519, not encrypted.',
    );
  }
}

async function readKeyFile(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > limits.keyFileBytes) throw tooLarge(path);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof KeyFileUnusable) throw error;
    throw new KeyFileUnusable(
      `The key file ${path} cannot be read (${codeOf(error)}).`,
      'Name a file that this user may read.',
    );
  }
}

function tooLarge(path: string): KeyFileUnusable {
  return new KeyFileUnusable(
    `The file ${path} is too large for a key in PEM.`,
    'Name the file with the private key.',
  );
}
