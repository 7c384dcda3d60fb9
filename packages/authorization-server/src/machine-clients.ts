// Clients that ask for themselves (RFC 6749 §4.4), which only the operator makes.
import { digest, randomToken } from '@sallyport/crypto';
import type { Client, Storage } from '@sallyport/storage';
import type { NewClient } from './clients.ts';
import { clientCredentials } from './token/grants/client_credentials.ts';

/** What the operator says of it. */
export interface NewMachineClient
  extends Required<Pick<Client, 'ownScope'>>, Pick<Client, 'accessTokenFormat'> {
  readonly client_name?: string;
  readonly token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post';
}

/** @param now epoch seconds */
export async function addMachineClient(
  storage: Storage,
  { client_name, token_endpoint_auth_method, ...decided }: NewMachineClient,
  now: number,
): Promise<Required<NewClient>> {
  const client_secret = randomToken();
  const client: Client = {
    client_id: randomToken(16),
    metadata: {
      redirect_uris: [],
      token_endpoint_auth_method,
      grant_types: [clientCredentials.grant_type],
      response_types: [],
      ...(client_name !== undefined && { client_name }),
    },
    registeredBy: 'operator',
    secretDigest: digest(client_secret),
    createdAt: now,
    ...decided,
    traceId: randomToken(9),
  };
  await storage.addClient(client);
  return { client, client_secret };
}
