// Making clients: by dynamic registration, and by the operator.
import { digest, randomToken } from '@sallyport/crypto';
import { readClientMetadata, type ClientMetadata, type ClientMetadataFault } from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import type { AccessTokenFormat } from './options.ts';
import { refuse } from './refusals.ts';
import { clientSecretBasic } from './token/client-auth/client_secret_basic.ts';
import { clientAuthMethods } from './token/client-auth/index.ts';
import { grantTypes } from './token/grants/index.ts';

/** A client, and its secret while that is still known. */
export interface NewClient {
  readonly client: Client;
  /** To be shown once; absent for public clients. */
  readonly client_secret?: string;
}

/**
 * Registers a client from metadata that anybody may have written.
 * @throws a refusal `redirect_uris_refused` or `client_metadata_refused`
 */
export async function addClient(
  storage: Storage,
  document: unknown,
  origin: Pick<Client, 'registeredBy' | 'traceId' | 'accessTokenFormat'> & { readonly now: number },
): Promise<NewClient> {
  const metadata = readClientMetadata(document, {
    grant_types: grantTypes.map(({ grant_type }) => grant_type),
    token_endpoint_auth_methods: clientAuthMethods.map(({ method }) => method),
  });
  if (isFault(metadata)) {
    const reason =
      metadata.error === 'invalid_redirect_uri' ? 'redirect_uris_refused' : 'client_metadata_refused';
    throw refuse(reason, { member: metadata.member });
  }
  const client_secret = metadata.token_endpoint_auth_method === 'none' ? undefined : randomToken();
  const client: Client = {
    // URL-safe, because many clients do not encode what they put into a Basic header.
    client_id: randomToken(16),
    metadata,
    registeredBy: origin.registeredBy,
    ...(client_secret !== undefined && { secretDigest: digest(client_secret) }),
    createdAt: origin.now,
    ...(origin.accessTokenFormat !== undefined && { accessTokenFormat: origin.accessTokenFormat }),
    traceId: origin.traceId,
  };
  await storage.addClient(client);
  return client_secret === undefined ? { client } : { client, client_secret };
}

/**
 * A client that the operator adds: never swept, otherwise as any other.
 * @param accessTokenFormat in place of the one that all clients get
 */
export function addPreregisteredClient(
  storage: Storage,
  metadata: unknown,
  now: number,
  accessTokenFormat?: AccessTokenFormat,
): Promise<NewClient> {
  const format = accessTokenFormat === undefined ? {} : { accessTokenFormat };
  return addClient(storage, metadata, { registeredBy: 'operator', traceId: randomToken(9), now, ...format });
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
 * Replaces a secret; the old one stops at once.
 * @returns the new secret, to be shown once; 'public' when the client has none
 */
export async function rotateClientSecret(
  storage: Storage,
  client_id: string,
): Promise<{ readonly client_secret: string } | 'not_found' | 'public'> {
  const client = await storage.findClient(client_id);
  if (client === undefined) return 'not_found';
  if (client.secretDigest === undefined) return 'public';
  const client_secret = randomToken();
  const outcome = await storage.replaceClientSecret({ client_id, secretDigest: digest(client_secret) });
  return outcome === 'not_found' ? 'not_found' : { client_secret };
}

/** Where a client is published, and so who vouches for it; undefined for one that only says so itself. */
export function verifiedDomainOf({ client_id, registeredBy }: Client): string | undefined {
  return registeredBy === 'document' ? new URL(client_id).host : undefined;
}

function isFault(read: ClientMetadata | ClientMetadataFault): read is ClientMetadataFault {
  return 'error' in read;
}
