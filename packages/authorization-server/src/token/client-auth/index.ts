// How a client proves who it is at the token, revocation and introspection endpoints: exactly by the method that it registered
// (RFC 6749 §2.3, OAuth 2.1 §2.4). The metadata lists these methods and no others.
import { learn, type Arrival, type Parameters } from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import { refuse } from '../../refusals.ts';
import { clientSecretBasic } from './client_secret_basic.ts';
import { clientSecretPost } from './client_secret_post.ts';
import { none } from './none.ts';

/** What a request presents, once a method has recognised itself in it. */
export interface PresentedClient {
  readonly client_id: string;
  readonly client_secret?: string;
}

export interface ClientAuthMethod {
  readonly method: string;
  /** Whether it proves anything: OAuth 2.1 §2.1 calls clients that can use it confidential. */
  readonly isConfidential: boolean;
  /** Undefined when the request does not use this method. */
  read(request: Request, parameters: Parameters): PresentedClient | 'malformed' | undefined;
  verify(client: Client, presented: PresentedClient, now: number): boolean;
}

export const clientAuthMethods: readonly ClientAuthMethod[] = [none, clientSecretPost, clientSecretBasic];

/** For clients that publish their metadata and so share no secret with anybody. */
export const documentAuthMethods = clientAuthMethods.filter(({ method }) => method === none.method);

/** For endpoints that answer nobody who only says who they are. */
export const confidentialMethods = clientAuthMethods.filter(({ isConfidential }) => isConfidential);

/**
 * @param accepted of the methods
 * @throws a refusal; the same one for an unknown client, another method and a wrong secret
 */
export async function authenticateClient(
  request: Request,
  parameters: Parameters,
  storage: Storage,
  arrival: Arrival,
  accepted = clientAuthMethods,
): Promise<Client> {
  const used = clientAuthMethods.flatMap((method) => {
    const presented = method.read(request, parameters);
    return presented === undefined ? [] : [{ method, presented }];
  });
  if (used.length > 1) throw refuse('several_client_authentications');
  const [one] = used;
  if (one === undefined || one.presented === 'malformed') throw refuse('client_authentication_failed');
  const { method, presented } = one;
  const facts = { client_id: presented.client_id.slice(0, 200), method: method.method };
  if ((parameters.values['client_id'] ?? presented.client_id) !== presented.client_id)
    throw refuse('several_client_authentications', facts);
  if (!accepted.includes(method)) throw refuse('client_secret_required', facts);
  const client = await storage.findClient(presented.client_id);
  if (client === undefined) throw refuse('client_authentication_failed', { ...facts, unknown: true });
  const registered = client.metadata.token_endpoint_auth_method;
  if (registered !== method.method) throw refuse('client_authentication_failed', { ...facts, registered });
  if (!method.verify(client, presented, arrival.now))
    throw refuse('client_authentication_failed', { ...facts, wrong: true });
  if (client.withdrawn) throw refuse('client_authentication_failed', { ...facts, withdrawn: true });
  learn(arrival, { client_id: client.client_id });
  return client;
}
