// Random, digest, PKCE, signing keys, JWT and sealed envelopes.
export { digest, equalInConstantTime } from './digest.ts';
export { EnvelopeError, seal, unseal } from './envelope.ts';
export { orderedId } from './ordered-id.ts';
export { codeChallengeOf, isCodeVerifier } from './pkce.ts';
export { randomToken } from './random.ts';
export {
  createSecrets,
  hmac,
  readSecrets,
  type NamedKey,
  type Secrets,
  type SecretsDocument,
} from './secrets.ts';
export {
  createSigningKey,
  openKeyRing,
  type Claims,
  type KeyRing,
  type SealedSigningKey,
} from './signing-keys.ts';
