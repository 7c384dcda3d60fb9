// Step 2, trust: whose request it is and where its answer may go. A failure here is a page: nothing that a stranger
// wrote decides where the browser goes (RFC 6749 §4.1.2.1).
import {
  isClientIdUrl,
  isGptWildcard,
  isRegisteredRedirectUri,
  learn,
  readRedirectUri,
  type Arrival,
  type RedirectPolicy,
} from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import { refuse } from '../refusals.ts';
import type { FindDocumentClient } from './document.ts';
import type { AskedAuthorization, TrustedAuthorization, TrustedRedirect } from './steps.ts';

export async function resolveClient(
  asked: AskedAuthorization,
  storage: Storage,
  findDocumentClient: FindDocumentClient,
  arrival: Arrival,
): Promise<Client> {
  if (isClientIdUrl(asked.client_id)) return findDocumentClient(asked.client_id, arrival);
  const client = await storage.findClient(asked.client_id);
  if (client === undefined) throw refuse('client_unknown', { client_id: asked.client_id.slice(0, 200) });
  const { client_id, usedAt, registeredBy, traceId } = client;
  if (client.withdrawn) throw refuse('client_withdrawn', { client_id });
  // A client's first login continues the trace of its registration.
  const isFirst = usedAt === undefined && registeredBy === 'dynamic';
  learn(arrival, { client_id, ...(isFirst && { traceId }) });
  return client;
}

export function trustRedirect(
  asked: AskedAuthorization,
  client: Client,
  policy: RedirectPolicy,
  { traceId }: Arrival,
): TrustedAuthorization {
  const { redirect_uris } = client.metadata;
  // RFC 6749 §3.1.2.3: where only a part of it was registered, the request has to say the whole.
  const only =
    redirect_uris.length === 1 && !isGptWildcard(redirect_uris[0] ?? '') ? redirect_uris[0] : undefined;
  const text = asked.values['redirect_uri'] ?? only;
  if (text === undefined) throw refuse('redirect_uri_missing', { client_id: client.client_id });
  const redirect = findRedirect(text, client, policy);
  const { state } = asked.values;
  return { asked, client, redirect, ...(state !== undefined && { state }), traceId };
}

/** The redirect URI, when the client registered it and the rule of registration, as it is today, still allows it. */
export function findRedirect(
  text: string,
  { client_id, metadata }: Client,
  policy: RedirectPolicy,
): TrustedRedirect {
  if (!metadata.redirect_uris.some((registered) => isRegisteredRedirectUri(registered, text)))
    throw refuse('redirect_uri_unregistered', { client_id });
  const redirect = readRedirectUri(text, policy);
  if (redirect === 'private_use_scheme') throw refuse('redirect_scheme_denied', { client_id });
  if (typeof redirect === 'string') throw refuse('redirect_uri_unregistered', { client_id, fault: redirect });
  const isExact = metadata.redirect_uris.some(
    (registered) => !isGptWildcard(registered) && isRegisteredRedirectUri(registered, text),
  );
  return { ...redirect, isOneOfMany: !isExact };
}
