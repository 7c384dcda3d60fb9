// What a provider says about itself, asked for and kept (OpenID Connect Discovery §4).
import type { GuardedFetch } from '@sallyport/guarded-fetch';
import type { Log } from '@sallyport/protocol';
import { limits } from '../../limits.ts';
import { failureOfFetch } from './failures.ts';
import { keptDocument, type Fetched, type KeptDocument } from './kept-document.ts';
import { readMetadata, type ProviderMetadata } from './metadata.ts';
import type { IssuerRule } from './row.ts';

/** §4.1: appended, after a slash at the end is taken away. */
export const discoveryUrl = (issuer: string): string =>
  `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;

interface DiscoveryOptions {
  readonly provider: string;
  readonly rule: IssuerRule;
  /** The operator's: they named the issuer. */
  readonly fetch: GuardedFetch;
  readonly log: Log;
}

export function discovery({ provider, rule, fetch, log }: DiscoveryOptions): KeptDocument<ProviderMetadata> {
  return keptDocument({
    fetch: () => fetchMetadata(fetch, rule),
    freshSeconds: limits.upstreamMetadataFreshSeconds,
    staleSeconds: limits.upstreamMetadataStaleSeconds,
    log,
    about: { provider, document: 'openid-configuration' },
  });
}

async function fetchMetadata(
  fetch: GuardedFetch,
  { discovery: at, issuer }: IssuerRule,
): Promise<Fetched<ProviderMetadata>> {
  const wanted = { maxBytes: limits.upstreamDocumentBytes, accept: 'application/json' };
  const { bytes, freshForSeconds } = await fetch
    .fetchDocument(discoveryUrl(at), wanted)
    .catch((error: unknown): never => {
      throw failureOfFetch(error, 'openid-configuration', 'upstream_metadata_unusable');
    });
  return { value: readMetadata(bytes, issuer), freshForSeconds };
}
