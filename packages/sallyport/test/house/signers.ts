// JWTs as the house itself would sign them, and as a stranger would.
import { createSigningKey, openKeyRing, sealSigningKey, type Claims } from '@sallyport/crypto';
import type { House } from './open-house.ts';

export type Sign = (typ: string, claims: Claims) => string;

export async function signerOf({ storage, secrets, clock }: House): Promise<Sign> {
  const ring = openKeyRing(await storage.listSigningKeys(), secrets.sealing.keys);
  return (typ, claims) => ring.signJwt(typ, claims, clock.now);
}

export async function foreignSigner({ secrets }: House): Promise<Sign> {
  const [sealing] = secrets.sealing.keys;
  if (sealing === undefined) throw new Error('there is no key to seal with');
  const key = sealSigningKey(await createSigningKey('ES256'), sealing, { createdAt: 1, signsFromAt: 1 });
  const ring = openKeyRing([key], [sealing]);
  return (typ, claims) => ring.signJwt(typ, claims, 1);
}
