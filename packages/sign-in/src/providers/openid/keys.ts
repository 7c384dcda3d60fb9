// The keys that a provider signs ID tokens with (OpenID Connect Core §10.1), and which of them a token is by. A key that is
// not there may be new: the set is fetched again. One that was withdrawn ends with the freshness of the set.
import { isKeyFor, isSignedBy, type ForeignJwt } from '@sallyport/crypto';
import type { GuardedFetch } from '@sallyport/guarded-fetch';
import { readClientKeys, type Log, type PublicJwk } from '@sallyport/protocol';
import { limits } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import { failureOfFetch } from './failures.ts';
import { keptDocument, type Fetched, type KeptDocument } from './kept-document.ts';
import { readJsonObject } from './metadata.ts';

export interface ProviderKey extends PublicJwk {
  /** Whose tokens it signs, where one set serves several issuers (Entra). */
  readonly issuer?: string;
}

interface KeysOptions {
  readonly provider: string;
  readonly fetchFor: (endpoint: string) => GuardedFetch;
  readonly log: Log;
}

export interface ProviderKeys {
  /**
   * @param fits narrows the keys to those that may sign this token
   * @throws {Refusal} `id_token_key_unknown`, `id_token_key_ambiguous`, `id_token_signature_wrong`, and what fetching has
   */
  checkSignature(at: SignedBy, jwt: ForeignJwt, now: number): Promise<void>;
  /** @returns how many there are */
  count(jwks_uri: string, now: number): Promise<number>;
}

interface SignedBy {
  readonly jwks_uri: string;
  readonly mayBeOf: (key: ProviderKey) => boolean;
}

export function providerKeys({ provider, fetchFor, log }: KeysOptions): ProviderKeys {
  let current: { readonly jwks_uri: string; readonly set: KeptDocument<readonly ProviderKey[]> } | undefined;
  return { checkSignature, count };

  async function checkSignature({ jwks_uri, mayBeOf }: SignedBy, jwt: ForeignJwt, now: number) {
    const { alg, kid } = jwt.header;
    const isIt = (key: ProviderKey) =>
      isKeyFor(String(alg), key) && (kid === undefined || key.kid === kid) && mayBeOf(key);
    const set = setAt(jwks_uri);
    const known = (await set.read(now)).filter(isIt);
    const [key, another] = known.length > 0 ? known : (await set.readAgain(now)).filter(isIt);
    const facts = { alg: String(alg), kid: typeof kid === 'string' ? kid.slice(0, 64) : undefined };
    if (key === undefined) throw refuse('id_token_key_unknown', facts);
    // §10.1: with several keys the header has to name one that is there once. None is tried after the other.
    if (another !== undefined) throw refuse('id_token_key_ambiguous', facts);
    if (!isSignedBy(jwt, key)) throw refuse('id_token_signature_wrong', facts);
  }

  async function count(jwks_uri: string, now: number): Promise<number> {
    return (await setAt(jwks_uri).read(now)).length;
  }

  /** Metadata that names another place means other keys: the old ones are not asked for again. */
  function setAt(jwks_uri: string): KeptDocument<readonly ProviderKey[]> {
    if (current?.jwks_uri !== jwks_uri)
      current = {
        jwks_uri,
        set: keptDocument({
          fetch: () => fetchKeys(fetchFor(jwks_uri), jwks_uri),
          freshSeconds: limits.upstreamKeysFreshSeconds,
          staleSeconds: limits.upstreamKeysStaleSeconds,
          log,
          about: { provider, document: 'jwks' },
        }),
      };
    return current.set;
  }
}

async function fetchKeys(way: GuardedFetch, jwks_uri: string): Promise<Fetched<readonly ProviderKey[]>> {
  const wanted = {
    maxBytes: limits.upstreamDocumentBytes,
    accept: 'application/jwk-set+json, application/json',
  };
  const { bytes, freshForSeconds } = await way
    .fetchDocument(jwks_uri, wanted)
    .catch((error: unknown): never => {
      throw failureOfFetch(error, 'jwks_uri', 'upstream_keys_unusable');
    });
  return { value: readKeys(bytes), freshForSeconds };
}

function readKeys(bytes: Uint8Array): readonly ProviderKey[] {
  const document = readJsonObject(bytes);
  if (typeof document === 'string') throw refuse('upstream_keys_unusable', { why: document });
  const read = readClientKeys(document);
  if (typeof read === 'string') throw refuse('upstream_keys_unusable', { why: read });
  // One by one, so that each keeps the member that is no part of RFC 7517.
  return (document['keys'] as readonly unknown[]).flatMap((jwk) => {
    const one = readClientKeys({ keys: [jwk] });
    const { issuer } = jwk as { issuer?: unknown };
    const keys = typeof one === 'string' ? [] : one.keys;
    return keys.map((key) => ({ ...key, ...(typeof issuer === 'string' && { issuer }) }));
  });
}
