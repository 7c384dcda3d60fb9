// Random, digest, PKCE, secrets, signing keys, JWTs of ours and of others, and sealed envelopes.
export { digest, equalInConstantTime } from './digest.ts';
export { EnvelopeError, seal, sealedUnder, unseal } from './envelope.ts';
export { hmac, keychainsOf, keyInUse, SecretsOutdated, type Keychain, type Keychains } from './keychain.ts';
export { orderedId } from './ordered-id.ts';
export { codeChallengeOf, isCodeVerifier } from './pkce.ts';
export { randomToken } from './random.ts';
export { isRecognisableToken, recognisableToken } from './recognisable-token.ts';
export {
  addSecret,
  createSecrets,
  purposes,
  readSecrets,
  readSecretsDocument,
  retireSecret,
  type NamedKey,
  type Purpose,
  type Secrets,
  type SecretsDocument,
} from './secrets.ts';
export { signingAlgs, type SigningAlg } from './signing/algorithms.ts';
export {
  foreignSigningAlgs,
  isKeyFor,
  isSignedBy,
  readForeignJwt,
  type ForeignJwt,
} from './signing/foreign-jwt.ts';
export {
  createSigningKey,
  sealSigningKey,
  type PrivateSigningKey,
  type SealedSigningKey,
} from './signing/keys.ts';
export { PemUnusable, readSigningPem } from './signing/pem.ts';
export {
  openKeyRing,
  readSignedJwt,
  signerAt,
  type Claims,
  type KeyRing,
  type OpenedKeyRing,
} from './signing/ring.ts';
