// Clients that ask for themselves (RFC 6749 §4.4), which only the operator makes.
import { digest, randomToken } from '@sallyport/crypto';
import type { ClientMetadata } from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import { hasSecret, readMachineMethod, type NewClient } from './clients.ts';
import { clientCredentials } from './token/grants/client_credentials.ts';

/** What the operator says of it. */
export interface NewMachineClient
  extends Required<Pick<Client, 'ownScope'>>, Pick<Client, 'accessTokenFormat'> {
  readonly client_name?: string;
  readonly token_endpoint_auth_method: string;
  /** What `private_key_jwt` needs: one of these. */
  readonly jwks?: unknown;
  readonly jwks_uri?: string;
}

/**
 * @param now epoch seconds
 * @throws a refusal `client_metadata_refused` or `client_keys_refused`
 */
export async function addMachineClient(
  storage: Storage,
  { client_name, ownScope, accessTokenFormat, ...method }: NewMachineClient,
  now: number,
): Promise<NewClient> {
  const metadata = machineMetadata({ ...method, ...(client_name !== undefined && { client_name }) });
  const client_secret = hasSecret(metadata) ? randomToken() : undefined;
  const client: Client = {
    client_id: randomToken(16),
    metadata,
    registeredBy: 'operator',
    ...(client_secret !== undefined && { secretDigest: digest(client_secret) }),
    createdAt: now,
    ownScope,
    ...(accessTokenFormat !== undefined && { accessTokenFormat }),
    traceId: randomToken(9),
  };
  await storage.addClient(client);
  return client_secret === undefined ? { client } : { client, client_secret };
}

/**
 * What is kept of it: no redirect URI, and this one grant type.
 * @throws a refusal `client_metadata_refused` or `client_keys_refused`
 */
export function machineMetadata({
  client_name,
  ...method
}: Readonly<Record<string, unknown>> &
  Pick<ClientMetadata, 'token_endpoint_auth_method' | 'client_name'>): ClientMetadata {
  return {
    redirect_uris: [],
    ...readMachineMethod(method),
    grant_types: [clientCredentials.grant_type],
    response_types: [],
    ...(client_name !== undefined && { client_name }),
  };
}
