// A client that the operator has not let in yet, or has refused: a page for the person, and nothing for the client. What
// it asked for is not kept; the page can be loaded again once the operator has decided.
import { pageResponse, unadmittedPage } from '@sallyport/pages';
import type { Client } from '@sallyport/storage';
import type { RedirectUri } from '@sallyport/protocol';
import { shownAs } from '../clients.ts';
import type { AuthorizationServerOptions } from '../options.ts';
import { refuse } from '../refusals.ts';

interface Asking {
  readonly client: Client;
  readonly redirect: RedirectUri;
  readonly traceId: string;
}

/** @returns the page; undefined for a client that is let in */
export function pageForUnadmitted(
  { client, redirect, traceId }: Asking,
  { look, log }: Pick<AuthorizationServerOptions, 'look' | 'log'>,
): Response | undefined {
  const { admission, client_id } = client;
  if (admission === undefined) return undefined;
  const { reason, row } = refuse(admission === 'waiting' ? 'client_waits' : 'client_refused');
  log('info', 'refused', { room: 'authorization-server', traceId, reason, client_id });
  const page = unadmittedPage({
    look,
    traceId,
    admission,
    sentence: row.sentence,
    client: { client_id, ...shownAs(client) },
    redirect: { kind: redirect.kind, host: redirect.host },
  });
  return pageResponse(page, { status: row.status, traceId });
}
