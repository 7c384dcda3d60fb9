// The only way out to a URL that a stranger supplied: https only, to a public address that is looked up once and pinned,
// without redirects, within limits of size and time.
export { guardedFetch } from './guarded-fetch.ts';
export type {
  Answered,
  Asked,
  DocumentWanted,
  FetchedDocument,
  GuardedFetch,
  GuardedFetchOptions,
} from './guarded-fetch.ts';
export type { Network, PinnedSocket } from './network.ts';
export { refusals } from './refusals.ts';
export { judgeUrl, type UrlPolicy } from './url.ts';
