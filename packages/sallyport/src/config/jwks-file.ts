// A file with the public keys of a client: a JWK Set (RFC 7517 §5), or one key alone.

import { hasPrivateKey, readClientKeys, readStrictJson } from '@sallyport/protocol';
import type { Judgement } from './public-url.ts';
import { readValue } from './value-file.ts';

/** @param shown what the file is called to whoever named it */
export function readJwksFile(path: string, shown = path): { readonly jwks: object } | Judgement {
  const text = readValue(path);
  if (typeof text !== 'string') return { what: text.what.replace(path, shown), instead: keysAdvice };
  const read = readStrictJson(text);
  const value = typeof read === 'string' ? undefined : read.value;
  const isKey = typeof value === 'object' && value !== null && 'kty' in value;
  const jwks = isKey ? { keys: [value] } : value;
  if (hasPrivateKey(jwks))
    return {
      what: `names ${shown}, which has a private key in it, and only the client may have that`,
      instead: 'Give the public half: without d, and for RSA without p, q, dp, dq and qi.',
    };
  const keys = readClientKeys(jwks);
  if (typeof keys === 'string' || keys.keys.length === 0)
    return { what: `names ${shown}, which is no JWK Set with a key for signatures`, instead: keysAdvice };
  return { jwks: jwks as object };
}

const keysAdvice = 'Write a JWK Set into it, {"keys":[…]}; a PEM file has to be turned into one first.';
