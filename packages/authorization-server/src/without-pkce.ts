// The one exception from PKCE for everybody: GPT Actions send none (design rule 6). The client's secret, an exact redirect
// URI, `state`, and a person who is asked each time stand in for it, so only clients that have all of these may.
import { isGptCallback, readRegisteredRedirectUri } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import { isConfidential } from './token/client-auth/index.ts';

type Origin = Pick<Client, 'registeredBy' | 'registeredWith'>;

/** Whether the operator knows of it: they added it, or gave away the initial access token that it came with. */
export function isVouchedFor({ registeredBy, registeredWith }: Origin): boolean {
  return registeredBy === 'operator' || registeredBy === 'configuration' || registeredWith !== undefined;
}

/**
 * Whether an authorization request of this client must carry a code_challenge. Judged anew each time, by what the client
 * is today: one that has lost its secret, or returns elsewhere since, needs PKCE whatever was decided before.
 */
export function mustUsePkce(client: Client): boolean {
  return client.requirePkce !== false || !mayGoWithoutPkce(client);
}

/** Whether PKCE may be left out for such a client at all. */
export function mayGoWithoutPkce(client: Origin & Pick<Client, 'metadata'>): boolean {
  const { redirect_uris } = client.metadata;
  // On this computer other programs may listen where the code goes (RFC 8252 §8.1); that is what PKCE is for.
  if (!isVouchedFor(client) || !isConfidential(client) || !redirect_uris.every(isOnTheWeb)) return false;
  // Whoever has an initial access token decides nothing for the operator, beyond what GPTs need.
  return client.registeredWith === undefined || redirect_uris.every(isGptCallback);
}

/** Whether an initial access token brought in a client that is for GPTs and nothing else. */
export function isForGptsAlone(client: Origin & Pick<Client, 'metadata'>): boolean {
  return client.registeredWith !== undefined && mayGoWithoutPkce(client);
}

function isOnTheWeb(uri: string): boolean {
  const read = readRegisteredRedirectUri(uri, { privateUseSchemes: 'deny' });
  return typeof read !== 'string' && read.kind === 'web';
}
