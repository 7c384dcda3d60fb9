// How a client proves who it is at the token, revocation and introspection endpoints: by a method that it registered or
// publishes, and by one at a time (RFC 6749 §2.3, OAuth 2.1 §2.4). The metadata lists these methods and no others.
import type { ForeignJwt } from '@sallyport/crypto';
import { isRefusal, learn, type Arrival, type Parameters, type Refusal } from '@sallyport/protocol';
import type { Claim, Client } from '@sallyport/storage';
import type { Room } from '../../options.ts';
import { refuse } from '../../refusals.ts';
import { clientSecretBasic } from './client_secret_basic.ts';
import { clientSecretPost } from './client_secret_post.ts';
import { none } from './none.ts';
import { privateKeyJwt } from './private_key_jwt.ts';

/** What a request presents, once a method has recognised itself in it. */
export interface PresentedClient {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly assertion?: Assertion;
}

/** Read, and not judged yet. */
export interface Assertion {
  readonly jwt: ForeignJwt;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export interface ClientAuthMethod {
  readonly method: string;
  /** Whether it proves anything: OAuth 2.1 §2.1 calls clients that can use it confidential. */
  readonly isConfidential: boolean;
  /** Undefined when the request does not use this method; a refusal when it tries to. */
  read(request: Request, parameters: Parameters): PresentedClient | Refusal | undefined;
  /** What is wrong whoever the client is; asked before anything is looked up. */
  judge?(presented: PresentedClient, room: Pick<Room, 'issuer'>, now: number): Refusal | undefined;
  /** @throws a refusal that says more than "wrong", where that helps nobody but the client's maker */
  verify(client: Client, presented: PresentedClient, now: number, by: Verifying): boolean | Promise<boolean>;
  /** What of it is good for one request; claimed when everything else is right. */
  once?(presented: PresentedClient): Claim | undefined;
}

/** What a method may need in order to verify. */
export interface Verifying extends Pick<Room, 'findKeys'> {
  readonly arrival: Arrival;
}

export const clientAuthMethods: readonly ClientAuthMethod[] = [
  none,
  clientSecretPost,
  clientSecretBasic,
  privateKeyJwt,
];

/** Those for which a secret is made. */
export const secretMethods: readonly ClientAuthMethod[] = [clientSecretPost, clientSecretBasic];

/** For clients that publish their metadata and so share no secret with anybody. */
export const documentAuthMethods: readonly ClientAuthMethod[] = [none, privateKeyJwt];

/** For endpoints that answer nobody who only says who they are. */
export const confidentialMethods = clientAuthMethods.filter(({ isConfidential }) => isConfidential);

/** A client that has proved itself, and how. */
export interface AuthenticatedClient extends Client {
  readonly authMethod: string;
}

/** The methods that it may come by. */
function authMethodsOf({ metadata }: Pick<Client, 'metadata'>): readonly string[] {
  return metadata.token_endpoint_auth_methods_supported ?? [metadata.token_endpoint_auth_method];
}

/** Whether it proves who it is by whatever method it comes: one that may also come without a proof proves nothing. */
export function isConfidential(client: Pick<Client, 'metadata'>): boolean {
  return authMethodsOf(client).every((name) => confidentialMethods.some(({ method }) => method === name));
}

/** Whether a method proves no less than another by which the client came before (docs/decisions/private-key-jwt.md). */
export function isNoWeaker(method: string, before: string | undefined): boolean {
  const isProof = (name: string) => confidentialMethods.some((one) => one.method === name);
  return before === undefined || isProof(method) || !isProof(before);
}

/**
 * @param accepted of the methods
 * @returns the client, and what of its proof is still to be claimed
 * @throws a refusal; the same one for an unknown client, another method and a wrong secret
 */
export async function authenticateClient(
  request: Request,
  parameters: Parameters,
  room: Pick<Room, 'storage' | 'issuer' | 'findKeys'>,
  arrival: Arrival,
  accepted = clientAuthMethods,
): Promise<{ readonly client: AuthenticatedClient; readonly once: Claim | undefined }> {
  const { now } = arrival;
  const used = clientAuthMethods.flatMap((method) => {
    const presented = method.read(request, parameters);
    return presented === undefined ? [] : [{ method, presented }];
  });
  if (used.length > 1) throw refuse('several_client_authentications');
  const [one] = used;
  if (one === undefined) throw refuse('client_authentication_failed');
  const { method, presented } = one;
  if (isRefusal(presented)) throw presented;
  const facts = { client_id: presented.client_id.slice(0, 200), method: method.method };
  if ((parameters.values['client_id'] ?? presented.client_id) !== presented.client_id)
    throw refuse('several_client_authentications', facts);
  if (!accepted.includes(method)) throw refuse('client_proof_required', facts);
  const wrong = method.judge?.(presented, room, now);
  if (wrong !== undefined) throw wrong;
  const client = await room.storage.findClient(presented.client_id);
  if (client === undefined) throw refuse('client_authentication_failed', { ...facts, unknown: true });
  const registered = authMethodsOf(client);
  if (!registered.includes(method.method))
    throw refuse('client_authentication_failed', { ...facts, registered: registered.join(' ') });
  if (!(await method.verify(client, presented, now, { arrival, findKeys: room.findKeys })))
    throw refuse('client_authentication_failed', { ...facts, wrong: true });
  if (client.withdrawn) throw refuse('client_authentication_failed', { ...facts, withdrawn: true });
  learn(arrival, { client_id: client.client_id });
  return { client: { ...client, authMethod: method.method }, once: method.once?.(presented) };
}
