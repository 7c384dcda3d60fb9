// What the way out, or a token endpoint, refused, in the words of this room: the person who reads them was at a provider of
// sign-in, and never saw an address or a document.
import { isRefusal, type Facts } from '@sallyport/protocol';
import { refuse } from '../../refusals.ts';
import { endpointRefused } from './trust.ts';

type Unusable = 'upstream_metadata_unusable' | 'upstream_keys_unusable' | 'upstream_userinfo_unusable';

/** What a later try may find better. */
const passing: readonly string[] = [
  'name_unresolved',
  'host_unreachable',
  'certificate_refused',
  'fetch_timed_out',
  'fetch_status',
  'fetches_busy',
];
const endpoint: readonly string[] = ['url_refused', 'port_refused', 'address_refused'];

/** @param at what was fetched; @param unusable for an answer that can be no such document */
export function failureOfFetch(error: unknown, at: string, unusable: Unusable): unknown {
  if (!isRefusal(error)) return error;
  const { reason, facts } = error;
  if (endpoint.includes(reason)) return endpointRefused(at, error);
  return refuse(passing.includes(reason) ? 'upstream_unavailable' : unusable, { ...facts, at, why: reason });
}

/** @param error of `requestTokens`, for the code of a sign-in */
export function failureOfCode(error: unknown): unknown {
  if (!isRefusal(error)) return error;
  const { reason, facts } = error;
  // It is for people as it is.
  if (reason === 'provider_registration_gone') return error;
  const told = { ...facts, at: 'token_endpoint', why: facts['why'] ?? reason };
  switch (reason) {
    case 'provider_grant_refused':
      return refuse('upstream_code_refused', told);
    case 'provider_client_refused':
    case 'provider_request_refused':
      return refuse('upstream_misconfigured', told);
    case 'provider_endpoint_refused':
      return refuse('upstream_endpoint_refused', told);
    default:
      return refuse('upstream_unavailable', told);
  }
}

/** For whoever runs it: the word of this room, and that of the network. */
export function whyNot({ why, status, cause }: Facts): string {
  return [why ?? status ?? 'unknown', cause].filter((word) => word !== undefined).join(', ');
}
