// A list of known clients that an operator trusts because of who signed it: a JWS (RFC 7515) with the list as its payload.
// One algorithm, one kind of key, one type: there is nothing that the sender could choose.

import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { compactVerify, CompactSign } from 'jose';
import { limits } from './limits.ts';
import { knownClientList } from './schema.ts';
import type { KnownClientList } from './schema.ts';

const alg = 'EdDSA';
const typ = 'sallyport-known-clients+jws';

/** `message` is a sentence for the operator, `instead` says what to do. */
export class ListRefused extends Error {
  override readonly name = 'ListRefused';
  readonly instead: string;

  constructor(message: string, instead: string) {
    super(message);
    this.instead = instead;
  }
}

/**
 * Checks the signature before a single member is read, then the list by the rules of the one that is shipped.
 * @param publicKey base64url of an Ed25519 public key, as `known-clients sign` prints it
 * @param now epoch seconds
 * @throws ListRefused
 */
export async function readSignedList(text: string, publicKey: string, now: number): Promise<KnownClientList> {
  if (text.length > limits.fileBytes)
    throw new ListRefused('is larger than a list may be', 'Check that it is the right file.');
  const payload = await verified(text.trim(), publicKey);
  const list = readList(payload);
  if (issuedAtOf(list) > now + limits.clockSkewSeconds)
    throw new ListRefused(
      `is dated ${list.issuedAt}, in the future`,
      'Check the clock here, or sign it with the right date.',
    );
  return list;
}

async function verified(jws: string, publicKey: string): Promise<string> {
  const key = publicKeyOf(publicKey);
  if (key === undefined)
    throw new ListRefused(
      'cannot be checked: the public key is none',
      'Set `knownClients.publicKey` to what `known-clients sign` printed.',
    );
  try {
    const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: [alg] });
    if (protectedHeader.typ === typ) return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    // What is wrong with it in detail is of use only to whoever tries to make one that passes.
  }
  throw new ListRefused(
    'was not signed with the key that `knownClients.publicKey` names',
    'Get it again from where it is published; if its key was replaced, set the new public key.',
  );
}

/** @throws ListRefused with every fault in one sentence */
export function readList(text: string): KnownClientList {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ListRefused('is no JSON', 'Write it in the form of `known-clients list --json`.');
  }
  const read = knownClientList.safeParse(value);
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`);
  throw new ListRefused(
    `is no list of known clients: ${faults.slice(0, 5).join('; ')}`,
    'Write it in the form of `known-clients list --json`.',
  );
}

/** @param privateKey PEM of an Ed25519 key; @throws ListRefused */
export async function signList(
  list: KnownClientList,
  privateKey: string,
): Promise<{ readonly jws: string; readonly publicKey: string }> {
  const key = privateKeyOf(privateKey);
  const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(list)))
    .setProtectedHeader({ alg, typ })
    .sign(key);
  return { jws, publicKey: createPublicKey(key).export({ format: 'jwk' }).x ?? '' };
}

function privateKeyOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // What OpenSSL says may quote what it has read.
  }
  throw new ListRefused(
    'The key is no Ed25519 private key in PEM.',
    'Make one: openssl genpkey -algorithm ed25519 -out known-clients-key.pem',
  );
}

/** @returns undefined for a text that is no Ed25519 public key */
export function publicKeyOf(x: string): KeyObject | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(x)) return undefined;
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** Epoch seconds. */
export function issuedAtOf({ issuedAt }: Pick<KnownClientList, 'issuedAt'>): number {
  return Math.floor(Date.parse(issuedAt) / 1000);
}
