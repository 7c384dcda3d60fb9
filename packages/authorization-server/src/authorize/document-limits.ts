// How often documents and keys are fetched because strangers want it. Errors are not remembered (draft §5), so this is
// what keeps a page that somebody reloads, or a script, from making us a nuisance to others.
import { addressPrefix, widePrefix } from '@sallyport/protocol';
import type { OpenCounter } from '@sallyport/storage';
import { DOCUMENT_FETCHES } from '../limits.ts';
import { refuse } from '../refusals.ts';

/** Fetched, and in vain: the other end is away, or gives nothing out. */
export const away: readonly string[] = [
  'name_unresolved',
  'host_unreachable',
  'certificate_refused',
  'fetch_timed_out',
  'fetch_status',
];

/** What says nothing about a document itself: a copy from before is used meanwhile, for a bounded time. */
export const passing: readonly string[] = [...away, 'fetches_busy', 'documents_asked_too_often'];

/** @param address of whoever wants it; undefined where others cannot have it fetched more often than it is due anyway */
export type CountFetch = (url: URL, address: string | undefined, what: 'document' | 'keys') => Promise<void>;

/** @returns counts a fetch; throws a refusal `documents_asked_too_often` when it is one too many */
export function documentFetchLimits(open: OpenCounter): CountFetch {
  const { perAddress, perDocument, perHost } = DOCUMENT_FETCHES;
  const byAddress = open({ name: 'document-address', wider: widePrefix, ...perAddress });
  // Apart, or whoever names a client's keys as a document would keep them from being fetched.
  const byUrl = {
    document: open({ name: 'document-url', ...perDocument }),
    keys: open({ name: 'keys-url', ...perDocument }),
  };
  const byHost = open({ name: 'document-host', ...perHost });
  return async (url, address, what) => {
    // What one address asks too much of is not counted against the document and its host.
    const excess =
      (address === undefined ? undefined : await byAddress.count(addressPrefix(address))) ??
      (await byUrl[what].count(url.href)) ??
      (await byHost.count(url.hostname));
    if (excess === undefined) return;
    throw refuse('documents_asked_too_often', { retryAfterSeconds: excess.waitSeconds, host: url.hostname });
  };
}
