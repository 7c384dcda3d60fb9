// Somebody who signs access tokens, with a key of their own.
import {
  createSecrets,
  createSigningKey,
  openKeyRing,
  readSecrets,
  sealSigningKey,
  type Claims,
} from '@sallyport/crypto';

export interface Signer {
  readonly jwks: { readonly keys: readonly object[] };
  /** @param typ of the JOSE header */
  sign(claims: Claims, typ?: string): string;
}

export async function newSigner(): Promise<Signer> {
  const { keys } = readSecrets(createSecrets(0)).sealing;
  const [sealing] = keys;
  if (sealing === undefined) throw new Error('there is no key to seal with');
  const key = sealSigningKey(await createSigningKey('ES256'), sealing, { createdAt: 0, signsFromAt: 0 });
  const ring = openKeyRing([key], keys);
  return { jwks: ring.jwks, sign: (claims, typ = 'at+jwt') => ring.signJwt(typ, claims, 0) };
}
