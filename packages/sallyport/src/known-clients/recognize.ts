// Who is behind a client, as far as the list can tell. What proves a name (design rule 7): the address of a metadata document,
// and a redirect URI from which an answer can go nowhere but to that client. A name that a client gave itself proves
// nothing, and neither does a program on a computer.

import type { Recognition, Recognize } from '@sallyport/authorization-server';
import { readRedirectUri } from '@sallyport/protocol';
import { limits } from './limits.ts';
import { matches } from './pattern.ts';
import type { KnownClientList, KnownClientRow } from './schema.ts';
import { resemblanceOf, type Resemblance } from './skeleton.ts';

/** What is asked of it: a stored client has all of this. */
type Shown = Parameters<Recognize>[0];

export function recognizer({ clients }: Pick<KnownClientList, 'clients'>): Recognize {
  const kept = new Map<string, Recognition>();
  return (client, redirect_uri) => {
    if (redirect_uri === undefined) return recognition(client, client.metadata.redirect_uris, clients);
    // Every authorization asks, and names are dear to compare: 0.2 ms, against nothing for the same words once more.
    const { client_id, registeredBy, metadata } = client;
    const words = JSON.stringify([client_id, registeredBy, metadata.client_name, redirect_uri]);
    const before = kept.get(words);
    if (before !== undefined) return before;
    if (kept.size >= limits.keptRecognitions) kept.clear();
    const now = recognition(client, [redirect_uri], clients);
    kept.set(words, now);
    return now;
  };
}

function recognition(
  client: Shown,
  uris: readonly string[],
  clients: readonly KnownClientRow[],
): Recognition {
  // The operator knows what they called their own.
  const isOwnName = client.registeredBy === 'document' || client.registeredBy === 'dynamic';
  return {
    ...(provenBy(client, uris, clients) ?? (isOwnName ? likenessOf(client, uris, clients) : {})),
    ...(uris.some((uri) => passesOn(uri, clients)) && { passesOn: true as const }),
  };
}

function provenBy(
  { client_id, registeredBy }: Shown,
  uris: readonly string[],
  clients: readonly KnownClientRow[],
): Recognition | undefined {
  if (registeredBy === 'document') {
    const row = findByDocument(client_id, clients);
    return row && { known: { id: row.id, name: row.name, maker: row.maker, by: 'document' } };
  }
  const found = uris.map((uri) => findByRedirect(uri, clients));
  const [row] = found;
  // A client with one address of Claude and another of anybody is not Claude.
  if (row === undefined || found.some((other) => other !== row)) return undefined;
  return { known: { id: row.id, name: row.name, maker: row.maker, by: 'redirect' } };
}

/** Exact addresses first: `/oauth/codex/client.json` has the form of `/oauth/…/client.json` too. */
function findByDocument(client_id: string, clients: readonly KnownClientRow[]): KnownClientRow | undefined {
  const isExact = ({ documents = [] }: KnownClientRow) => documents.some(({ url }) => url === client_id);
  const isLike = ({ documents = [] }: KnownClientRow) => documents.some(({ url }) => matches(url, client_id));
  return clients.find(isExact) ?? clients.find(isLike);
}

/** The client that alone can get an answer to this redirect URI. */
function findByRedirect(uri: string, clients: readonly KnownClientRow[]): KnownClientRow | undefined {
  return clients.find(({ redirects }) =>
    redirects.some((known) => known.reaches === 'client' && matches(known.uri, uri)),
  );
}

/** An https address whose host is only a station on the way: to a program here, or to what others have built with it. */
function passesOn(uri: string, clients: readonly KnownClientRow[]): boolean {
  return (
    uri.startsWith('https://') &&
    clients.some(({ redirects }) =>
      redirects.some((known) => known.reaches !== 'client' && matches(known.uri, uri)),
    )
  );
}

function likenessOf(
  { metadata: { client_name = '' } }: Shown,
  uris: readonly string[],
  clients: readonly KnownClientRow[],
): Recognition {
  const resemblance = resemblanceOf(client_name);
  const [best] = clients
    .map((row) => ({ row, alike: likeness(resemblance, row) }))
    .filter(({ alike }) => alike > 0)
    .toSorted((one, other) => other.alike - one.alike);
  if (best === undefined) return {};
  const { id, name, maker, redirects } = best.row;
  const isOwn = uris.map((uri) => redirects.find((known) => matches(known.uri, uri)));
  const goesTo = isOwn.includes(undefined)
    ? uris.every((uri) => isOnComputer(uri))
      ? 'computer'
      : 'elsewhere'
    : isOwn.some((known) => known?.reaches === 'platform')
      ? 'platform'
      : 'computer';
  return { calledLike: { id, name, maker, goesTo } };
}

function likeness(resemblance: Resemblance, { name, alsoCalled = [] }: KnownClientRow): number {
  return Math.max(...[name, ...alsoCalled].map(resemblance));
}

function isOnComputer(uri: string): boolean {
  const redirect = readRedirectUri(uri, { privateUseSchemes: 'allow' });
  return typeof redirect !== 'string' && redirect.kind !== 'web';
}
