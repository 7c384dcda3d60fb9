// A client whose client_id is the URL of its metadata document: fetched when it is not known or no longer fresh, judged,
// and kept where every instance and the token endpoint find it (draft-ietf-oauth-client-id-metadata-document §4, §5).
import { judgeUrl } from '@sallyport/guarded-fetch';
import { isRefusal, learn, readClientDocument, readClientIdUrl, Refusal } from '@sallyport/protocol';
import type { Arrival, ClientDocumentFault, ClientMetadata, RefusalRow } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import {
  DOCUMENT_FRESH_SECONDS,
  MAX_DOCUMENT_BYTES,
  MAX_UNUSED_DOCUMENTS,
  MAX_WAITING_CLIENTS,
  PINNED_DOCUMENT_FRESH_SECONDS,
  STALE_DOCUMENT_SECONDS,
  UNUSED_DOCUMENT_FRESH_SECONDS,
} from '../limits.ts';
import type { AuthorizationServerOptions, MetadataDocuments, Room } from '../options.ts';
import { refuse } from '../refusals.ts';
import { uncheckedTitle } from '../refusals/clients.ts';
import { judgeAdmission } from '../registration/policy.ts';
import { documentAuthMethods } from '../token/client-auth/index.ts';
import { assertionAlgs } from '../token/client-auth/private_key_jwt.ts';
import { mayHaveKey } from '../token/client-keys.ts';
import { grantTypesForAnybody } from '../token/grants/index.ts';
import { away, passing } from './document-limits.ts';

/** What only whoever publishes the document can change. */
const forItsMaker: readonly string[] = [
  'port_refused',
  'address_refused',
  'certificate_refused',
  'fetch_redirected',
  'document_gone',
  'document_too_large',
  'document_encoded',
];

/** What is known of a client before its document is fetched. */
interface About {
  /** If it is new, it waits for the operator. */
  readonly isWaiting: boolean;
  readonly isKnown: boolean;
}

export type FindDocumentClient = (client_id: string, arrival: Arrival) => Promise<Client>;

export function documentClients({
  storage,
  registration,
  limited,
  countFetch,
  log,
}: Room): FindDocumentClient {
  const { metadataDocuments } = registration;
  if (metadataDocuments === undefined)
    return async (client_id) => {
      throw refuse('metadata_documents_off', { client_id: client_id.slice(0, 200) });
    };
  const { fetchDocument, pinnedCopyOf } = metadataDocuments;
  const underWay = new Map<string, Promise<Client>>();
  return find;

  async function find(client_id: string, arrival: Arrival): Promise<Client> {
    const url = readClientIdUrl(client_id);
    if (url === undefined) throw refuse('client_id_url_refused', { client_id: client_id.slice(0, 200) });
    learn(arrival, { client_id });
    const admission = admitHost(url, registration);
    const kept = await storage.findClient(client_id);
    if (kept !== undefined && arrival.now < freshUntil(kept)) return kept;
    // Of a new one only: the operator's word on a known one stands.
    const about = { isWaiting: admission === 'waiting', isKnown: kept !== undefined };
    try {
      return await fetchShared(url, about, arrival);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { reason, row, facts } = error;
      if (kept !== undefined && passing.includes(reason) && arrival.now < usableUntil(kept)) {
        const { traceId } = arrival;
        log('warn', 'client_document_stale', { traceId, client_id, reason, ...facts, ...kept.document });
        return kept;
      }
      // Not for what we did not ask: whoever asks too much would choose the copy for everybody, over what can be had.
      const pinned = away.includes(reason) ? await keepPinned(client_id, reason, about, arrival) : undefined;
      if (pinned !== undefined) return pinned;
      if (kept !== undefined && !passing.includes(reason)) await endCopy(kept, arrival.now);
      throw new Refusal(reason, asOfAnApp(reason, row), { ...facts, client_id });
    }
  }

  /** Whoever asks for a document that is being fetched gets the same answer. */
  function fetchShared(url: URL, about: About, arrival: Arrival): Promise<Client> {
    const shared =
      underWay.get(url.href) ?? fetchAndKeep(url, about, arrival).finally(() => underWay.delete(url.href));
    underWay.set(url.href, shared);
    return shared;
  }

  async function fetchAndKeep(url: URL, about: About, arrival: Arrival): Promise<Client> {
    const client_id = url.href;
    await countFetch(url, arrival.address, 'document');
    const { bytes, freshSeconds } = await fetchJson(client_id);
    const metadata = judgeDocument(bytes, client_id, registration);
    log('info', 'client_document_fetched', {
      traceId: arrival.traceId,
      client_id,
      client_name: metadata.client_name,
      freshSeconds,
    });
    const { now } = arrival;
    const document = { fetchedAt: now, freshUntil: now + freshSeconds };
    return keep(client_id, metadata, document, about, arrival);
  }

  /** A document that is JSON; what it says is not judged yet. */
  async function fetchJson(client_id: string): Promise<{ bytes: Uint8Array; freshSeconds: number }> {
    const { bytes, contentType, freshForSeconds } = await fetchDocument(client_id, {
      maxBytes: MAX_DOCUMENT_BYTES,
      accept: 'application/json',
    });
    // The draft's §4 allows JSON of a more particular type.
    if (!/^application\/(?:[\w.-]+\+)?json$/.test(contentType))
      throw refuse('document_type_refused', { contentType: contentType.slice(0, 100) });
    const { least, most, unsaid } = DOCUMENT_FRESH_SECONDS;
    return { bytes, freshSeconds: Math.min(most, Math.max(least, freshForSeconds ?? unsaid)) };
  }

  /** What was said last counts, also while the document cannot be fetched afterwards. */
  async function endCopy({ document, ...kept }: Client, now: number): Promise<void> {
    if (document === undefined) return;
    const ended = { ...document, freshUntil: now - STALE_DOCUMENT_SECONDS };
    // Never inserted: it may have been removed meanwhile.
    await storage.keepDocumentClient({ client: { ...kept, document: ended }, maxUnused: 0 });
  }

  /** What a list knows of the document, judged like it. @returns undefined when the list knows nothing */
  async function keepPinned(
    client_id: string,
    reason: string,
    about: About,
    arrival: Arrival,
  ): Promise<Client | undefined> {
    const copy = pinnedCopyOf?.(client_id);
    if (copy === undefined) return undefined;
    const bytes = new TextEncoder().encode(JSON.stringify({ ...copy, client_id }));
    const metadata = judgeDocument(bytes, client_id, registration);
    const { traceId, now } = arrival;
    log('warn', 'client_document_pinned', { traceId, client_id, reason });
    const freshUntil = now + PINNED_DOCUMENT_FRESH_SECONDS;
    return keep(client_id, metadata, { fetchedAt: now, freshUntil, isPinned: true }, about, arrival);
  }

  async function keep(
    client_id: string,
    metadata: ClientMetadata,
    document: NonNullable<Client['document']>,
    { isWaiting, isKnown }: About,
    arrival: Arrival,
  ): Promise<Client> {
    const { now, traceId } = arrival;
    // Not before: any page can have a browser ask for documents that there are not, until its whole office may add none.
    if (isWaiting && !isKnown) await limited.keptRegistration(arrival, true);
    const client = await storage.keepDocumentClient({
      client: {
        client_id,
        metadata,
        registeredBy: 'document',
        document,
        createdAt: now,
        ...(isWaiting && { admission: 'waiting' }),
        traceId,
      },
      maxUnused: MAX_UNUSED_DOCUMENTS,
      maxWaiting: MAX_WAITING_CLIENTS,
    });
    if (client === 'full') throw refuse('documents_full');
    if (client.admission === 'waiting' && client.createdAt === now)
      log('warn', 'client_waiting', { traceId, client_id, client_name: metadata.client_name });
    return client;
  }
}

/**
 * Whether documents of this host are accepted at all.
 * @throws a refusal that names the rule
 */
export function admitHost(
  { href: client_id, hostname: host }: URL,
  registration: AuthorizationServerOptions['registration'],
): 'admitted' | 'waiting' {
  const judged = judgeAdmission(registration, { by: 'document', host });
  if (judged.admission === 'refused') throw refuse(judged.reason, { client_id });
  return judged.admission;
}

/** What was fetched was not just any document: the person who reads the page came with an app. */
function asOfAnApp(reason: string, row: RefusalRow): RefusalRow {
  const sentence = forItsMaker.includes(reason)
    ? `${row.sentence} Its maker has to mend this.`
    : row.sentence;
  return { title: uncheckedTitle, ...row, sentence };
}

/** One that nobody has used yet is swept soon: never while an authorization waits that began with it. */
function freshUntil({ document, usedAt }: Client): number {
  if (document === undefined) return Infinity;
  if (usedAt !== undefined) return document.freshUntil;
  return Math.min(document.freshUntil, document.fetchedAt + UNUSED_DOCUMENT_FRESH_SECONDS);
}

function usableUntil({ document, usedAt }: Client): number {
  if (document === undefined) return Infinity;
  const stale = document.freshUntil + STALE_DOCUMENT_SECONDS;
  if (usedAt === undefined) return Math.min(stale, document.fetchedAt + UNUSED_DOCUMENT_FRESH_SECONDS);
  return stale;
}

function judgeDocument(
  bytes: Uint8Array,
  client_id: string,
  { metadataDocuments: policy, privateUseSchemes }: Room['registration'],
): ClientMetadata {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('document_malformed', { why: 'not_utf8' });
  }
  const read = readClientDocument(text, client_id, {
    privateUseSchemes,
    // Nobody but its maker vouches for a document.
    gptWildcards: false,
    grant_types: grantTypesForAnybody.map(({ grant_type }) => grant_type),
    token_endpoint_auth_methods: documentAuthMethods.map(({ method }) => method),
    token_endpoint_auth_signing_algs: assertionAlgs,
  });
  if ('fault' in read) throw refusalOf(read);
  if (!mayHaveKey(read.metadata)) throw refuse('document_incomplete', { member: 'jwks' });
  if (read.jwks_uri !== undefined) judgeKeysUrl(read.jwks_uri, policy);
  return read.metadata;
}

/** Judged before its keys are needed: a document that would send us into a private network is not believed. */
function judgeKeysUrl(jwks_uri: string, policy: MetadataDocuments | undefined): void {
  try {
    judgeUrl(jwks_uri, policy);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw refuse('document_jwks_uri_refused', { ...error.facts, why: error.reason });
  }
}

function refusalOf(fault: ClientDocumentFault): Refusal {
  switch (fault.fault) {
    case 'json':
      return refuse('document_malformed', { why: fault.why });
    case 'client_id':
      return refuse('document_client_id_differs');
    case 'secret':
      return refuse('document_has_secret', { member: fault.member });
    case 'auth_method':
      return refuse('document_auth_method_unsupported', { method: fault.method });
    case 'redirect_uris':
      return refuse('document_redirect_uris_refused');
    case 'member':
      return refuse('document_incomplete', { member: fault.member });
  }
}
