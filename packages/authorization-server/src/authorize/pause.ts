// The browser leaves to sign in or to read the consent page, and comes back: the checked request is stored as the typed
// value that it is, and resuming is "load and go on", never "parse again".
import { digest, randomToken } from '@sallyport/crypto';
import type { ShownClient } from '@sallyport/pages';
import { type Arrival, findResource, learn, readRedirectUri } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import { shownAs } from '../clients.ts';
import { PAUSED_AUTHORIZATION_SECONDS } from '../limits.ts';
import type { AuthorizationServerOptions } from '../options.ts';
import { refuse } from '../refusals.ts';
import { mustUsePkce } from '../without-pkce.ts';
import type { AskedInteraction } from './asked-interaction.ts';
import { admitHost } from './document.ts';
import type { CheckedAuthorization, Resumed, TrustedRedirect } from './steps.ts';
import { findRedirect } from './trust.ts';

type Kept = Pick<CheckedAuthorization, 'state' | 'code_challenge' | 'scope' | 'scopeWords'> &
  AskedInteraction & {
    readonly redirect_uri: string;
    readonly resource: string;
    readonly signIn?: string;
  };

const RESUME = '/oauth/authorize/resume';

/** Path at which a paused authorization goes on. */
export const resumePath = (id: string): string => `${RESUME}?id=${id}`;

/** A login that waits for the person to sign in. */
export interface WaitingLogin {
  readonly traceId: string;
  readonly client_id: string;
  /** What the client calls itself, if it does. */
  readonly clientName?: string;
  /** Whom it expects: what stands in the form at first. */
  readonly email?: string;
  /** Who it is as far as anybody knows, and where it goes back to; absent where that is not allowed any more. */
  readonly client?: ShownClient;
  readonly redirect?: Pick<TrustedRedirect, 'kind' | 'host'>;
}

/** For the page that asks the person to sign in meanwhile. @returns undefined when nothing goes on at `path` */
export async function loginAt(
  path: string,
  options: AuthorizationServerOptions,
  now: number,
): Promise<WaitingLogin | undefined> {
  const { storage, issuer } = options;
  const { pathname, searchParams } = new URL(path, issuer);
  const id = pathname === RESUME ? searchParams.get('id') : null;
  const paused = id === null ? undefined : await storage.findPausedAuthorization(digest(id), now);
  if (paused === undefined) return undefined;
  const client = await storage.findClient(paused.clientId);
  const clientName = client?.metadata.client_name;
  const { traceId, clientId: client_id } = paused;
  const { loginHint, redirect_uri } = JSON.parse(paused.value) as Kept;
  return {
    traceId,
    client_id,
    ...(clientName !== undefined && { clientName }),
    ...(loginHint !== undefined && { email: loginHint }),
    ...(client !== undefined && whoWaits(client, redirect_uri, options)),
  };
}

function whoWaits(
  client: Client,
  redirect_uri: string,
  { registration, recognize }: AuthorizationServerOptions,
): Pick<WaitingLogin, 'client' | 'redirect'> {
  const redirect = readRedirectUri(redirect_uri, registration);
  if (typeof redirect === 'string') return {};
  const { kind, host } = redirect;
  return { client: { ...shownAs(client), ...recognize?.(client, redirect_uri) }, redirect: { kind, host } };
}

/** @returns the id for the URL */
export async function pauseAuthorization(
  checked: CheckedAuthorization,
  { browserId, signIn }: { readonly browserId: string; readonly signIn: string | undefined },
  { storage }: AuthorizationServerOptions,
  now: number,
): Promise<string> {
  const { client, redirect, resource, traceId, ...asked } = checked;
  const value: Kept = {
    ...asked,
    redirect_uri: redirect.text,
    resource: resource.resource,
    ...(signIn !== undefined && { signIn }),
  };
  const id = randomToken();
  const kept = await storage.keepPausedAuthorization({
    id: digest(id),
    clientId: client.client_id,
    browser: digest(browserId),
    value: JSON.stringify(value),
    traceId,
    createdAt: now,
    expiresAt: now + PAUSED_AUTHORIZATION_SECONDS,
  });
  if (kept === 'client_gone') throw refuse('client_unknown', { client_id: client.client_id });
  return id;
}

/** Loads what `id` paused; whatever has gone since (client, server) ends it. */
export async function resumeAuthorization(
  id: string | undefined,
  { storage, resources, registration }: AuthorizationServerOptions,
  arrival: Arrival,
): Promise<Resumed> {
  const { now } = arrival;
  const paused = id === undefined ? undefined : await storage.findPausedAuthorization(digest(id), now);
  if (id === undefined || paused === undefined) throw refuse('authorization_expired');
  learn(arrival, { traceId: paused.traceId, client_id: paused.clientId });
  const client = await storage.findClient(paused.clientId);
  if (client === undefined) throw refuse('client_unknown', { client_id: paused.clientId });
  if (client.withdrawn) throw refuse('client_withdrawn', { client_id: paused.clientId });
  // The instance that it began at may have let in other hosts than this one does, or than the operator does now.
  if (client.registeredBy === 'document') admitHost(new URL(client.client_id), registration);
  const kept = JSON.parse(paused.value) as Kept;
  const resource = findResource(kept.resource, resources);
  // The client may have been changed meanwhile, and is judged as it is now.
  const redirect = findRedirect(kept.redirect_uri, client, registration);
  const hasLostLeave = kept.code_challenge === undefined && mustUsePkce(client);
  if (resource === undefined || hasLostLeave) throw refuse('authorization_expired');
  const { redirect_uri: _, resource: __, signIn, ...asked } = kept;
  const checked = { ...asked, client, redirect, resource, traceId: paused.traceId };
  return { id, paused, checked, ...(signIn !== undefined && { signIn }) };
}
