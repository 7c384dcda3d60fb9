// The public keys of a client: those that it registered, or those that it publishes at its jwks_uri, fetched when they are
// needed and kept in memory, because each instance can fetch them again (docs/decisions/private-key-jwt.md).
import { isKeyFor } from '@sallyport/crypto';
import { isRefusal, readClientKeys, readStrictJson } from '@sallyport/protocol';
import type { Arrival, AuthMethodMetadata, PublicJwk } from '@sallyport/protocol';
import type { Client } from '@sallyport/storage';
import { passing, type CountFetch } from '../authorize/document-limits.ts';
import {
  KEYS_AGAIN_SECONDS,
  KEYS_FRESH_SECONDS,
  MAX_KEPT_KEYS,
  MAX_KEYS_BYTES,
  STALE_KEYS_SECONDS,
} from '../limits.ts';
import type { AuthorizationServerOptions } from '../options.ts';
import { refuse, refuseSaying } from '../refusals.ts';
import { assertionAlgs } from './client-auth/private_key_jwt.ts';

/** @returns the keys of a client that fit; throws a refusal when that cannot be known */
export type FindKeys = (
  client: Client,
  fits: (key: PublicJwk) => boolean,
  arrival: Arrival,
) => Promise<readonly PublicJwk[]>;

interface Kept {
  readonly keys: readonly PublicJwk[];
  readonly fetchedAt: number;
  readonly freshUntil: number;
  /** When it was last tried in vain to fetch them again. */
  readonly failedAt?: number;
}

interface Due {
  readonly place: string;
  /** Its keys are known, and were good until now. */
  readonly isDue: boolean;
}

export function clientKeys(
  { fetchKeys, log }: Pick<AuthorizationServerOptions, 'fetchKeys' | 'log'>,
  countFetch: CountFetch,
): FindKeys {
  /** By who is trusted how far, and where; the one that was used last at the end. */
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Kept>>();
  return find;

  async function find(client: Client, fits: (key: PublicJwk) => boolean, arrival: Arrival) {
    const { jwks, jwks_uri } = client.metadata;
    if (jwks_uri === undefined) return (jwks?.keys ?? []).filter(fits);
    const { now } = arrival;
    const place = `${trustIn(client)} ${jwks_uri}`;
    const known = kept.get(place);
    const fitting = known?.keys.filter(fits) ?? [];
    if (known !== undefined && fitting.length > 0 && now < trustedUntil(known, now)) {
      remember(place, known);
      return fitting;
    }
    if (known !== undefined && fitting.length === 0 && now < known.freshUntil) {
      const retryAfterSeconds = known.fetchedAt + KEYS_AGAIN_SECONDS - now;
      if (retryAfterSeconds > 0)
        throw refuse('client_keys_asked_just_now', { client_id: client.client_id, retryAfterSeconds });
    }
    // Once in a while for everybody. Counted against an address, a key that was withdrawn would live on for whoever has
    // used up what theirs may have fetched.
    const isDue = fitting.length > 0;
    try {
      return (await fetchShared(client, jwks_uri, { place, isDue }, arrival)).keys.filter(fits);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { reason, row, facts } = error;
      const about = { ...facts, why: reason, client_id: client.client_id };
      const isPassing = passing.includes(reason);
      if (isPassing && known !== undefined && fitting.length > 0 && now < staleUntil(known)) {
        log('warn', 'client_keys_stale', { traceId: arrival.traceId, ...about });
        remember(place, { ...known, failedAt: now });
        return fitting;
      }
      if (!isPassing) kept.delete(place);
      throw refuseSaying(
        isPassing ? 'client_keys_away' : 'client_keys_unusable',
        { why: facts['retryAfterSeconds'] === undefined ? row.sentence : 'It was asked too often just now.' },
        about,
      );
    }
  }

  /** Whoever needs keys that are being fetched gets the same answer. */
  function fetchShared(client: Client, jwks_uri: string, due: Due, arrival: Arrival): Promise<Kept> {
    const { place } = due;
    const shared =
      underWay.get(place) ??
      fetchAndKeep(client, jwks_uri, due, arrival).finally(() => underWay.delete(place));
    underWay.set(place, shared);
    return shared;
  }

  async function fetchAndKeep(
    client: Client,
    jwks_uri: string,
    { place, isDue }: Due,
    { address, now, traceId }: Arrival,
  ): Promise<Kept> {
    const trust = trustIn(client);
    if (trust === 'stranger') await countFetch(new URL(jwks_uri), isDue ? undefined : address, 'keys');
    const { bytes, freshForSeconds } = await fetchKeys[trust](jwks_uri, {
      maxBytes: MAX_KEYS_BYTES,
      accept: 'application/jwk-set+json, application/json',
    });
    const { keys } = readKeys(bytes);
    const { least, most, unsaid } = KEYS_FRESH_SECONDS;
    const freshSeconds = Math.min(most, Math.max(least, freshForSeconds ?? unsaid));
    const fetched = { keys, fetchedAt: now, freshUntil: now + freshSeconds };
    remember(place, fetched);
    const { client_id } = client;
    log('info', 'client_keys_fetched', { traceId, client_id, keys: keys.length, freshSeconds });
    return fetched;
  }

  function remember(place: string, keys: Kept): void {
    kept.delete(place);
    kept.set(place, keys);
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT_KEYS && oldest !== undefined) kept.delete(oldest);
  }
}

/** Whether one of the keys that a client has by value can be of use, if it has any. */
export function mayHaveKey({ jwks, token_endpoint_auth_signing_alg: only }: AuthMethodMetadata): boolean {
  const algs = only === undefined ? assertionAlgs : [only];
  return jwks === undefined || jwks.keys.some((key) => algs.some((alg) => isKeyFor(alg, key)));
}

const staleUntil = ({ freshUntil }: Kept): number => freshUntil + STALE_KEYS_SECONDS;

/** Not every request waits for a server that was away a moment ago. */
function trustedUntil(known: Kept, now: number): number {
  const { failedAt, freshUntil } = known;
  const isAway = failedAt !== undefined && now < failedAt + KEYS_AGAIN_SECONDS;
  return isAway ? staleUntil(known) : freshUntil;
}

/** What the operator configured is trusted; what anybody else wrote is fetched as anything that a stranger wrote. */
export function trustIn({ registeredBy }: Pick<Client, 'registeredBy'>): 'operator' | 'stranger' {
  return registeredBy === 'operator' || registeredBy === 'configuration' ? 'operator' : 'stranger';
}

function readKeys(bytes: Uint8Array) {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('client_keys_malformed', { why: 'not_utf8' });
  }
  const read = readStrictJson(text);
  if (typeof read === 'string') throw refuse('client_keys_malformed', { why: read });
  const keys = readClientKeys(read.value);
  if (typeof keys === 'string') throw refuse('client_keys_malformed', { why: keys });
  return keys;
}
