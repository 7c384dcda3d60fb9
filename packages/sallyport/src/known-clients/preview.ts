// What another way of registration would mean for the clients of the field: judged by the very function that lets them in.
// A client takes the first of its ways that the metadata offers, and does not try the next one when it is refused there.

import { judgeAdmission, offersRegistration } from '@sallyport/authorization-server';
import type { AdmissionPolicy, AdmissionRefusal, Coming } from '@sallyport/authorization-server';
import type { Client } from '@sallyport/storage';
import { filledIn } from './pattern.ts';
import type { KnownClientRow } from './schema.ts';

/** What happens to somebody who connects this client for the first time. */
export type Outcome = 'connects' | 'waits' | 'stops' | 'by hand';

export interface Forecast {
  readonly outcome: Outcome;
  /** The way that it takes by itself, if the server offers one that it has. */
  readonly way?: 'document' | 'dynamic';
  /** A sentence. */
  readonly because: string;
  /** What would let it in; absent when nothing is needed. */
  readonly passes?: string;
}

export interface Change {
  readonly id: string;
  readonly name: string;
  readonly now: Forecast;
  readonly later: Forecast;
}

export function previewOf(
  rows: readonly KnownClientRow[],
  present: AdmissionPolicy,
  other: AdmissionPolicy,
): readonly Change[] {
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    now: forecast(row, present),
    later: forecast(row, other),
  }));
}

export function forecast(row: KnownClientRow, policy: AdmissionPolicy): Forecast {
  const coming = wayOf(row, policy);
  if (coming === undefined) return withoutWay(row, policy);
  const way = coming.by === 'document' ? 'document' : 'dynamic';
  const judged = judgeAdmission(policy, coming);
  if (judged.admission === 'refused')
    return { outcome: 'stops', way, ...refusalOf(judged.reason, row, coming) };
  if (judged.admission === 'admitted')
    return {
      outcome: 'connects',
      way,
      because: way === 'document' ? `Its document at ${hostOf(coming)} is accepted.` : 'It registers itself.',
    };
  return {
    outcome: 'waits',
    way,
    because: 'It comes in, and may do nothing until you approve it.',
    passes: 'Approve it when it is there.',
  };
}

/** The first of its ways that it can take by itself, as the metadata of such a server would tell it. */
function wayOf({ ways, documents = [] }: KnownClientRow, policy: AdmissionPolicy): Coming | undefined {
  for (const { way } of ways) {
    const [document] = documents;
    if (way === 'document' && document !== undefined && policy.metadataDocuments !== undefined)
      return { by: 'document', host: new URL(filledIn(document.url)).hostname };
    if (way === 'dynamic' && offersRegistration(policy))
      return { by: 'registration', initialAccessToken: 'none' };
  }
  return undefined;
}

function withoutWay(row: KnownClientRow, policy: AdmissionPolicy): Forecast {
  const isAlways = row.ways.every(({ way }) => way === 'preregistered');
  if (isAlways) return { outcome: 'by hand', because: 'It never registers itself.', passes: byHand(row) };
  const reason =
    policy.metadataDocuments === undefined ? 'registration_closed' : 'registration_by_document_only';
  return { outcome: 'stops', ...refusalOf(reason, row) };
}

const reasons: Readonly<Record<AdmissionRefusal, string>> = {
  registration_closed: 'No client may register itself.',
  initial_access_token_required:
    'Registration needs an initial access token, and this client has no place to enter one.',
  initial_access_token_refused: 'Its initial access token is not good.',
  registration_by_document_only: 'It has no metadata document, and nobody may come without one.',
  metadata_documents_off: 'Metadata documents are not accepted.',
  document_host_refused: 'The host of its document is not on your list.',
};

function refusalOf(
  reason: AdmissionRefusal,
  row: KnownClientRow,
  coming?: Coming,
): Pick<Forecast, 'because' | 'passes'> {
  const because = reasons[reason];
  if (reason === 'document_host_refused' && coming?.by === 'document')
    return {
      because,
      passes: `Add ${coming.host} to registration.metadataDocuments.allowedHosts, or ${lowered(byHand(row))}`,
    };
  return { because, passes: byHand(row) };
}

function byHand({ ways, name, redirects, authMethods, pkce }: KnownClientRow): string {
  if (!ways.some(({ way }) => way === 'preregistered'))
    return 'Nothing that is known: it has no place to enter a client id.';
  const [redirect] = redirects;
  // The wildcard for GPTs is one that the server understands; elsewhere a person copies what the client shows.
  const uri = pkce === undefined ? filledIn(redirect?.uri ?? '', '<its own part>') : (redirect?.uri ?? '');
  const method = authMethods.find(({ way }) => way === 'preregistered')?.method ?? 'none';
  const words = [
    `sallyport clients add --name "${name}" --redirect-uri "${uri}"`,
    ...(method === 'none' ? [] : [`--auth-method ${method}`]),
    ...(pkce === undefined ? [] : ['--no-pkce']),
  ];
  return `Add it by hand: ${words.join(' ')}`;
}

const lowered = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

const hostOf = (coming: Coming): string => (coming.by === 'document' ? coming.host : '');

/**
 * Clients of this house that would ask in vain: a document is judged at every authorization. Whoever registered stays, and
 * what was granted goes on.
 */
export function shutOut(
  clients: readonly Client[],
  present: AdmissionPolicy,
  other: AdmissionPolicy,
): readonly Client[] {
  const isLetIn = (policy: AdmissionPolicy, { client_id }: Client) =>
    judgeAdmission(policy, { by: 'document', host: new URL(client_id).hostname }).admission !== 'refused';
  return clients.filter(
    (client) => client.registeredBy === 'document' && isLetIn(present, client) && !isLetIn(other, client),
  );
}
