// The public keys of a client (RFC 7517), by which its signatures are known: what is private is refused, and what is no
// key for signatures, or of a kind that nobody here knows, is left out (RFC 7517 §5).

/** A public key with the members that mean something here. */
export interface PublicJwk {
  readonly kty: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

export interface PublicJwks {
  readonly keys: readonly PublicJwk[];
}

export type ClientKeysFault = 'malformed' | 'private' | 'too_many';

/** Members of a JWK that are private (RFC 7518 §6.2.2, §6.3.2, §6.4). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;
/** What makes each kind of public key (RFC 7518 §6, RFC 8037 §2). */
const requiredMembers: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'x', 'y'],
  RSA: ['n', 'e'],
  OKP: ['crv', 'x'],
};
const MAX_KEYS = 32; // An issuer of the field publishes 3, old and new ones together.
const MAX_MEMBER_CHARACTERS = 1400; // The modulus of an RSA key of 8192 bits, which is more than anybody takes.
const MAX_NAME_CHARACTERS = 256;

/** Whether a JWK Set, or what is meant to be one, has a private or symmetric key in it. */
export function hasPrivateKey(jwks: unknown): boolean {
  return keysIn(jwks)?.some((key) => isObject(key) && privateMembers.some((name) => name in key)) === true;
}

/** @param jwks parsed JSON, from anybody */
export function readClientKeys(jwks: unknown): PublicJwks | ClientKeysFault {
  const keys = keysIn(jwks);
  if (keys === undefined) return 'malformed';
  if (keys.length > MAX_KEYS) return 'too_many';
  if (hasPrivateKey(jwks)) return 'private';
  return { keys: keys.flatMap((key) => readKey(key) ?? []) };
}

function readKey(key: unknown): PublicJwk | undefined {
  if (!isObject(key)) return undefined;
  const { kty, kid, alg, use, key_ops } = key;
  if (typeof kty !== 'string' || !Object.hasOwn(requiredMembers, kty)) return undefined;
  // RFC 7517 §4.2, §4.3: a key for encryption proves nothing.
  if (use !== undefined && use !== 'sig') return undefined;
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes('verify'))) return undefined;
  if ([kid, alg].some((name) => name !== undefined && !isName(name))) return undefined;
  const members = (requiredMembers[kty] ?? []).map((name) => [name, key[name]] as const);
  if (!members.every(([, value]) => typeof value === 'string' && isMember(value))) return undefined;
  return {
    kty,
    ...(typeof kid === 'string' && { kid }),
    ...(typeof alg === 'string' && { alg }),
    ...Object.fromEntries(members),
  };
}

const isName = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME_CHARACTERS;

/** base64url without padding, or the name of a curve, which has the same characters. */
const isMember = (value: string): boolean =>
  value.length <= MAX_MEMBER_CHARACTERS && /^[A-Za-z0-9_-]+$/.test(value);

function keysIn(jwks: unknown): readonly unknown[] | undefined {
  const keys = isObject(jwks) ? jwks['keys'] : undefined;
  return Array.isArray(keys) ? (keys as unknown[]) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
