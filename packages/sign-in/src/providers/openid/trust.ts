// How far an endpoint is trusted. The issuer is the operator's word, and so is what else they wrote; an endpoint that only
// the provider's metadata names counts as that when it is on the issuer's own host, and is a stranger's URL otherwise:
// https, at a public address, on the usual port (docs/decisions/openid-providers.md).
import { judgeUrl, type GuardedFetch, type UrlPolicy } from '@sallyport/guarded-fetch';
import { isRefusal, type Refusal } from '@sallyport/protocol';
import { refuse } from '../../refusals.ts';
import type { OpenIdEndpoints } from './metadata.ts';

/** The two ways out; the stranger's may let loopback addresses be reached, in development. */
export interface UpstreamFetch {
  readonly operator: GuardedFetch;
  readonly stranger: GuardedFetch;
  readonly allowLoopbackForDevelopment?: boolean | undefined;
}

export interface EndpointTrust {
  /** The way out to it. */
  readonly fetchFor: (endpoint: string) => GuardedFetch;
  /** Whether a browser may be sent there. @throws {Refusal} `upstream_endpoint_refused` */
  readonly judge: (name: keyof OpenIdEndpoints, endpoint: string) => void;
}

/** @param ours what the operator wrote: the issuer, and endpoints */
export function endpointTrust(
  { operator, stranger, allowLoopbackForDevelopment }: UpstreamFetch,
  issuer: string,
  ours: Partial<OpenIdEndpoints> = {},
): EndpointTrust {
  const { host } = new URL(issuer);
  const named = Object.values(ours);
  const isTheOperators = (endpoint: string): boolean =>
    named.includes(endpoint) || URL.parse(endpoint)?.host === host;
  return {
    fetchFor: (endpoint) => (isTheOperators(endpoint) ? operator : stranger),
    judge(name, endpoint) {
      const policy: UrlPolicy = isTheOperators(endpoint)
        ? { anyAddressBecauseTheOperatorNamedIt: true }
        : { allowLoopbackForDevelopment };
      try {
        judgeUrl(endpoint, policy);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        throw endpointRefused(name, error);
      }
    },
  };
}

/** @param at which endpoint of which document */
export function endpointRefused(at: string, { reason, facts }: Refusal): Refusal {
  return refuse('upstream_endpoint_refused', { ...facts, at, why: reason });
}
