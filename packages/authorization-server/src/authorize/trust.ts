// Step 2, trust: whose request it is and where its answer may go. A failure here is a page: nothing that a stranger
// wrote decides where the browser goes (RFC 6749 §4.1.2.1).
import {
  isClientIdUrl,
  isRegisteredRedirectUri,
  learn,
  readRedirectUri,
  type Arrival,
} from '@sallyport/protocol';
import type { Client, Storage } from '@sallyport/storage';
import { refuse } from '../refusals.ts';
import type { FindDocumentClient } from './document.ts';
import type { AskedAuthorization, TrustedAuthorization } from './steps.ts';

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
  // A client's first login continues the trace of its registration.
  const isFirst = usedAt === undefined && registeredBy === 'dynamic';
  learn(arrival, { client_id, ...(isFirst && { traceId }) });
  return client;
}

export function trustRedirect(
  asked: AskedAuthorization,
  client: Client,
  { traceId }: Arrival,
): TrustedAuthorization {
  const { redirect_uris } = client.metadata;
  const only = redirect_uris.length === 1 ? redirect_uris[0] : undefined;
  const text = asked.values['redirect_uri'] ?? only;
  const facts = { client_id: client.client_id };
  if (text === undefined) throw refuse('redirect_uri_missing', facts);
  if (!redirect_uris.some((registered) => isRegisteredRedirectUri(registered, text)))
    throw refuse('redirect_uri_unregistered', facts);
  // Judged again by the rule of registration, in case the rule has become stricter since.
  const redirect = readRedirectUri(text);
  if (typeof redirect === 'string') throw refuse('redirect_uri_unregistered', { ...facts, fault: redirect });
  const { state } = asked.values;
  return { asked, client, redirect, ...(state !== undefined && { state }), traceId };
}
