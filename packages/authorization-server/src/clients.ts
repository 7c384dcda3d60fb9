// Making clients: by dynamic registration, and by the operator.
import { digest, randomToken } from '@sallyport/crypto';
import { judgeUrl, type UrlPolicy } from '@sallyport/guarded-fetch';
import type { ShownClient } from '@sallyport/pages';
import {
  isRefusal,
  readAuthMethod,
  readClientMetadata,
  type AuthMethodMetadata,
  type ClientMetadata,
  type ClientMetadataFault,
  type RedirectPolicy,
} from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import type { AccessTokenFormat } from './options.ts';
import { refuse } from './refusals.ts';
import { clientSecretBasic } from './token/client-auth/client_secret_basic.ts';
import { clientAuthMethods, confidentialMethods, secretMethods } from './token/client-auth/index.ts';
import { assertionAlgs } from './token/client-auth/private_key_jwt.ts';
import { mayHaveKey, trustIn } from './token/client-keys.ts';
import { grantTypesForAnybody } from './token/grants/index.ts';
import { isForGptsAlone, isVouchedFor, mayGoWithoutPkce } from './without-pkce.ts';

/** A client, and its secret while that is still known. */
export interface NewClient {
  readonly client: Client;
  /** To be shown once; absent for public clients. */
  readonly client_secret?: string;
}

/** How a client comes in. */
export type ClientOrigin = Pick<
  Client,
  'registeredBy' | 'registeredWith' | 'requirePkce' | 'admission' | 'accessTokenFormat' | 'traceId'
> & { readonly now: number };

/** What of the operator's rules for registration is asked here. */
export interface MetadataPolicy extends RedirectPolicy {
  readonly metadataDocuments?: Pick<UrlPolicy, 'allowLoopbackForDevelopment'> | undefined;
}

/**
 * A client of metadata that anybody may have written, not kept yet.
 * @throws a refusal: `client_metadata_refused`, `client_keys_refused`, `pkce_required`, or one of those for redirect URIs
 */
export function makeClient(
  document: unknown,
  { now, ...origin }: ClientOrigin,
  policy: MetadataPolicy,
): NewClient {
  const metadata = readMetadata(document, origin, policy);
  // Nobody has to say it who registers for GPTs alone, since there is nothing else that these could do.
  const registered = {
    ...origin,
    ...(isForGptsAlone({ ...origin, metadata }) && { requirePkce: false as const }),
  };
  if (registered.requirePkce === false && !mayGoWithoutPkce({ ...registered, metadata }))
    throw refuse('pkce_required');
  const client_secret = hasSecret(metadata) ? randomToken() : undefined;
  const client: Client = {
    // URL-safe, because many clients do not encode what they put into a Basic header.
    client_id: randomToken(16),
    metadata,
    ...registered,
    ...(client_secret !== undefined && { secretDigest: digest(client_secret) }),
    createdAt: now,
  };
  return client_secret === undefined ? { client } : { client, client_secret };
}

/**
 * What this server keeps of a client's metadata.
 * @param origin whether somebody vouches for it decides what it may ask for
 * @throws a refusal: `client_metadata_refused`, `client_keys_refused`, or one of those for redirect URIs
 */
export function readMetadata(
  document: unknown,
  origin: Pick<Client, 'registeredBy' | 'registeredWith'>,
  policy: MetadataPolicy,
): ClientMetadata {
  const metadata = readClientMetadata(document, {
    privateUseSchemes: policy.privateUseSchemes,
    gptWildcards: isVouchedFor(origin),
    grant_types: grantTypesForAnybody.map(({ grant_type }) => grant_type),
    token_endpoint_auth_methods: clientAuthMethods.map(({ method }) => method),
    token_endpoint_auth_signing_algs: assertionAlgs,
  });
  if (!isFault(metadata)) {
    judgeKeys(metadata, origin, policy);
    return metadata;
  }
  const { error, member, why } = metadata;
  if (keyMembers.includes(member)) throw refuse('client_keys_refused', { member });
  if (error !== 'invalid_redirect_uri') throw refuse('client_metadata_refused', { member });
  if (why === 'wildcard') throw refuse('redirect_wildcard_refused', { member });
  if (why === 'private_use_scheme') throw refuse('redirect_scheme_refused', { member });
  throw refuse('redirect_uris_refused', { member, why });
}

/**
 * How a client of the operator proves who it is, where it has no other metadata: never by its name alone.
 * @throws a refusal: `client_metadata_refused` or `client_keys_refused`
 */
export function readMachineMethod(
  asked: Readonly<Record<string, unknown>> & Pick<ClientMetadata, 'token_endpoint_auth_method'>,
): AuthMethodMetadata {
  const { token_endpoint_auth_method } = asked;
  if (!confidentialMethods.some(({ method }) => method === token_endpoint_auth_method))
    throw refuse('client_metadata_refused', { member: 'token_endpoint_auth_method' });
  const supported = { token_endpoint_auth_signing_algs: assertionAlgs };
  const read = readAuthMethod(asked, [token_endpoint_auth_method], supported);
  if ('fault' in read) throw refuse('client_keys_refused', { member: read.fault });
  if (!mayHaveKey(read)) throw refuse('client_keys_refused', { member: 'jwks' });
  return read;
}

/** What the operator decides about a client beside its metadata. */
export interface Preregistered extends Pick<Client, 'requirePkce'> {
  readonly now: number;
  readonly policy: MetadataPolicy;
  /** In place of the one that all clients get. */
  readonly accessTokenFormat?: AccessTokenFormat;
}

/** A client that the operator adds: never swept, otherwise as any other. */
export async function addPreregisteredClient(
  storage: Storage,
  metadata: unknown,
  { policy, ...decided }: Preregistered,
): Promise<NewClient> {
  const origin = { registeredBy: 'operator', traceId: randomToken(9), ...decided } as const;
  const made = makeClient(metadata, origin, policy);
  await storage.addClient(made.client);
  return made;
}

/**
 * A server elsewhere that guards `introspects`: it may ask about their access tokens (RFC 7662), and gets none itself.
 * @param introspects exact resource identifiers
 */
export async function addResourceServer(
  storage: Storage,
  { client_name, introspects }: { readonly client_name?: string; readonly introspects: readonly string[] },
  now: number,
): Promise<Required<NewClient>> {
  const client_secret = randomToken();
  const client: Client = {
    client_id: randomToken(16),
    metadata: {
      redirect_uris: [],
      token_endpoint_auth_method: clientSecretBasic.method,
      grant_types: [],
      response_types: [],
      ...(client_name !== undefined && { client_name }),
    },
    registeredBy: 'operator',
    secretDigest: digest(client_secret),
    createdAt: now,
    introspects,
    traceId: randomToken(9),
  };
  await storage.addClient(client);
  return { client, client_secret };
}

/**
 * Replaces a secret. The old one stops at once, unless it is kept.
 * @param keepOldUntil epoch seconds until which the old one is good too
 * @returns the new secret, to be shown once; 'public' when the client has none; 'configured' when only the configuration
 * can change it
 */
export async function rotateClientSecret(
  storage: Storage,
  client_id: string,
  keepOldUntil?: number,
): Promise<{ readonly client_secret: string } | SecretRefusal> {
  const refused = refusedSecret(await storage.findClient(client_id));
  if (refused !== undefined) return refused;
  const client_secret = randomToken();
  const outcome = await storage.replaceClientSecret({
    client_id,
    secretDigest: digest(client_secret),
    ...(keepOldUntil !== undefined && { formerUntil: keepOldUntil }),
  });
  return outcome === 'not_found' ? 'not_found' : { client_secret };
}

/** Ends the secret before the newest one. */
export async function endFormerSecret(
  storage: Storage,
  client_id: string,
): Promise<'ended' | 'none' | SecretRefusal> {
  const client = await storage.findClient(client_id);
  const refused = refusedSecret(client);
  if (refused !== undefined) return refused;
  if (client?.formerSecret === undefined) return 'none';
  return storage.endFormerSecret(client_id);
}

type SecretRefusal = 'not_found' | 'public' | 'configured';

function refusedSecret(client: Client | undefined): SecretRefusal | undefined {
  if (client === undefined) return 'not_found';
  if (client.registeredBy === 'configuration') return 'configured';
  return client.secretDigest === undefined ? 'public' : undefined;
}

/** What a page says of who a client is: its own name, and the host that vouches for it. */
export function shownAs(client: Client): Pick<ShownClient, 'name' | 'verifiedDomain'> {
  return { name: client.metadata.client_name, verifiedDomain: verifiedDomainOf(client) };
}

/** Where a client is published, and so who vouches for it; undefined for one that only says so itself. */
function verifiedDomainOf({ client_id, registeredBy }: Client): string | undefined {
  return registeredBy === 'document' ? new URL(client_id).host : undefined;
}

/** The members by which keys are registered; everything else has one sentence for all. */
const keyMembers: readonly string[] = ['jwks', 'jwks_uri', 'token_endpoint_auth_signing_alg'];

/**
 * Whether its signatures can be verified at all: at least one of its keys is for an algorithm of ours, or its keys are at
 * a place that we would fetch them from.
 * @throws a refusal `client_keys_refused`
 */
function judgeKeys(
  metadata: ClientMetadata,
  origin: Pick<Client, 'registeredBy'>,
  { metadataDocuments }: MetadataPolicy,
): void {
  const { jwks_uri } = metadata;
  if (!mayHaveKey(metadata)) throw refuse('client_keys_refused', { member: 'jwks' });
  if (jwks_uri === undefined || trustIn(origin) === 'operator') return;
  try {
    judgeUrl(jwks_uri, metadataDocuments);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw refuse('client_keys_refused', { ...error.facts, member: 'jwks_uri', why: error.reason });
  }
}

export function hasSecret({ token_endpoint_auth_method }: AuthMethodMetadata): boolean {
  return secretMethods.some(({ method }) => method === token_endpoint_auth_method);
}

function isFault(read: ClientMetadata | ClientMetadataFault): read is ClientMetadataFault {
  return 'error' in read;
}
