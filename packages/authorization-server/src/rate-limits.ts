// How often one place on the network may ask, by itself and for each client (docs/decisions/rate-limits.md). Beyond that
// nothing was judged, so nothing is said about a client, a code or a token: the answer is 429, never a 401.
import { addressPrefix, type Arrival, sitePrefix, widePrefix } from '@sallyport/protocol';
import type { Counter, OpenCounter } from '@sallyport/storage';
import {
  AUTHORIZATIONS_OF_ADDRESS,
  INTROSPECTIONS_OF_TOKEN_REQUEST,
  KEPT_REGISTRATIONS,
  RATE_LIMIT_SECONDS,
  REGISTRATION_UNIT_BYTES,
  SITE_OF_ADDRESSES,
  WAITING_REGISTRATION_WEIGHT,
} from './limits.ts';
import { refuse, type refusals } from './refusals.ts';

/** The numbers that the operator may choose. */
export interface RateLimits {
  /** Of one address. */
  readonly registrationsPerMinute: number;
  /** Of one client at one address. */
  readonly authorizationsPerMinute: number;
  /** Of one client at one address: tokens and revocations. */
  readonly tokenRequestsPerMinute: number;
  /** Of one address: client authentications that fail. */
  readonly refusalsPerMinute: number;
  /** Whom the limits do not concern. */
  readonly isExempt: (address: string) => boolean;
}

/** Each throws a refusal with status 429 when there were too many, and `StorageUnavailable` when that cannot be known. */
export interface Limited {
  /** @param bytes of its metadata: a large one counts as several */
  registration(arrival: Arrival, bytes: number): Promise<void>;
  /** Of a stranger's client that is not known yet. */
  keptRegistration(arrival: Arrival, isWaiting: boolean): Promise<void>;
  authorization(arrival: Arrival, client_id: string): Promise<void>;
  /** Of a client that has authenticated, so that nobody else can use up what it has. */
  tokenRequest(arrival: Arrival, client_id: string): Promise<void>;
  introspection(arrival: Arrival, client_id: string): Promise<void>;
  /** Counted after the fact: whoever authenticates rightly is never refused for what others send from there. */
  failedAuthentication(arrival: Arrival): Promise<void>;
}

interface Limit {
  readonly name: string;
  readonly reason: keyof typeof refusals & `too_many_${string}`;
  readonly counter: Counter;
}

export function limitedBy(rateLimits: RateLimits | 'off', openCounter: OpenCounter): Limited {
  if (rateLimits === 'off') return unlimited;
  const { authorizationsPerMinute, registrationsPerMinute, isExempt } = rateLimits;

  const registrations = limit('registration', 'too_many_registrations', registrationsPerMinute);
  const siteRegistrations = limit(
    'registration_site',
    'too_many_registrations',
    registrationsPerMinute * SITE_OF_ADDRESSES,
  );
  const { points, seconds } = KEPT_REGISTRATIONS;
  const keptRegistrations = limit('registration_kept', 'too_many_registrations', points, { seconds });
  // An authorization cannot wait for the browser while the store of what is short-lived is away.
  const shortLived = { isShortLived: true };
  const authorizations = limit(
    'authorization',
    'too_many_authorizations',
    authorizationsPerMinute,
    shortLived,
  );
  const addressAuthorizations = limit(
    'authorization_address',
    'too_many_authorizations',
    authorizationsPerMinute * AUTHORIZATIONS_OF_ADDRESS,
    shortLived,
  );
  const siteAuthorizations = limit(
    'authorization_site',
    'too_many_authorizations',
    authorizationsPerMinute * AUTHORIZATIONS_OF_ADDRESS * SITE_OF_ADDRESSES,
    shortLived,
  );
  const tokenRequests = limit('token', 'too_many_token_requests', rateLimits.tokenRequestsPerMinute);
  const introspections = limit(
    'introspection',
    'too_many_token_requests',
    rateLimits.tokenRequestsPerMinute * INTROSPECTIONS_OF_TOKEN_REQUEST,
  );
  const failures = limit(
    'client_authentication',
    'too_many_failed_authentications',
    rateLimits.refusalsPerMinute,
  );

  return {
    async registration(arrival, bytes) {
      const prefix = addressPrefix(arrival.address);
      const weight = Math.max(1, Math.ceil(bytes / REGISTRATION_UNIT_BYTES));
      await check(registrations, prefix, arrival, { weight });
      await check(siteRegistrations, sitePrefix(prefix), arrival, { weight });
    },
    keptRegistration: (arrival, isWaiting) =>
      check(keptRegistrations, addressPrefix(arrival.address), arrival, {
        weight: isWaiting ? WAITING_REGISTRATION_WEIGHT : 1,
      }),
    async authorization(arrival, client_id) {
      const prefix = addressPrefix(arrival.address);
      // The client first: one that goes in circles does not use up what its neighbours share.
      await check(authorizations, placeOf(client_id, prefix), arrival, { client_id });
      await check(addressAuthorizations, prefix, arrival, { client_id });
      await check(siteAuthorizations, sitePrefix(prefix), arrival, { client_id });
    },
    tokenRequest: (arrival, client_id) =>
      check(tokenRequests, placeOf(client_id, addressPrefix(arrival.address)), arrival, { client_id }),
    introspection: (arrival, client_id) =>
      check(introspections, placeOf(client_id, addressPrefix(arrival.address)), arrival, { client_id }),
    failedAuthentication: (arrival) => check(failures, addressPrefix(arrival.address), arrival),
  };

  function limit(
    name: string,
    reason: Limit['reason'],
    points: number,
    kept: { readonly isShortLived?: boolean; readonly seconds?: number } = {},
  ): Limit {
    const rule = { name, points, seconds: RATE_LIMIT_SECONDS, wider: aroundPlace, inLots: true, ...kept };
    return { name, reason, counter: openCounter(rule) };
  }

  async function check(
    { name, reason, counter }: Limit,
    key: string | undefined,
    { address }: Arrival,
    { client_id, weight }: { readonly client_id?: string; readonly weight?: number } = {},
  ): Promise<void> {
    if (key === undefined || isExempt(address)) return;
    const excess = await counter.count(key, weight);
    if (excess === undefined) return;
    const { waitSeconds: retryAfterSeconds, isFirst } = excess;
    throw refuse(reason, { limit: name, retryAfterSeconds, isFirst, address, client_id });
  }
}

const nothing = async (): Promise<void> => undefined;

const unlimited: Limited = {
  registration: nothing,
  keptRegistration: nothing,
  authorization: nothing,
  tokenRequest: nothing,
  introspection: nothing,
  failedAuthentication: nothing,
};

const placeOf = (client_id: string, prefix: string): string => `${client_id}|${prefix}`;

/** Of a place the network alone, so that many clients' ids are counted together too. */
const aroundPlace = (key: string): string => widePrefix(key.slice(key.lastIndexOf('|') + 1));
