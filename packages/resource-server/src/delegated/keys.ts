// The keys of somebody else's authorization server. They are renewed while requests go on, asked for anew when a token
// names one that is missing, at most once in a while, and what was withdrawn is noticed.
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { DOCUMENT_FRESH_SECONDS, KEYS_STALE_SECONDS, UNKNOWN_KEY_SECONDS } from '../limits.ts';
import { ask, isLoopback, isPrivateWay, type Fetch } from '../outgoing.ts';
import { AuthorizationServerUnavailable } from '../unavailable.ts';
import { kept } from './kept.ts';

export interface IssuersKeys {
  /**
   * To be called before a remembered judgement is believed.
   * @returns how often a key that there was has disappeared: what was judged at another number must be forgotten
   * @throws AuthorizationServerUnavailable
   */
  upToDate(now: number): Promise<number>;
  /** For `jwtVerify`. */
  at(now: number): JWTVerifyGetKey;
}

interface Keys {
  readonly document: JSONWebKeySet;
  readonly find: JWTVerifyGetKey;
}

export function keysOf(options: {
  readonly issuer: string;
  readonly fetch: Fetch;
  /** Where they are. */
  readonly place: (now: number) => Promise<string>;
}): IssuersKeys {
  const { issuer, fetch, place } = options;
  let known: Keys | undefined;
  let withdrawals = 0;
  const keys = kept(load, { freshSeconds: DOCUMENT_FRESH_SECONDS, staleSeconds: KEYS_STALE_SECONDS });
  return { upToDate, at };

  async function upToDate(now: number): Promise<number> {
    await keys.get(now);
    return withdrawals;
  }

  function at(now: number): JWTVerifyGetKey {
    return async (...token) => {
      try {
        return await (await keys.get(now)).find(...token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        return (await keys.renew(now, UNKNOWN_KEY_SECONDS)).find(...token);
      }
    };
  }

  async function load(now: number): Promise<Keys> {
    const url = await place(now);
    // Nobody on the way may put in a key of their own; and who is not on this computer sends nobody to it.
    if (!isPrivateWay(url) || (isLoopback(url) && !isLoopback(issuer)))
      throw new AuthorizationServerUnavailable(`The keys of ${issuer} are not fetched from ${url}.`);
    const { status, document } = await ask(fetch, url);
    const loaded = status === 200 ? readKeys(document) : undefined;
    if (loaded === undefined)
      throw new AuthorizationServerUnavailable(`${url} answered ${status}, and not with a key set.`);
    const before = known;
    known = loaded;
    if (before !== undefined && isMissingAny(before.document, loaded.document)) withdrawals += 1;
    return loaded;
  }
}

function readKeys(document: unknown): Keys | undefined {
  try {
    return { document: document as JSONWebKeySet, find: createLocalJWKSet(document as JSONWebKeySet) };
  } catch {
    return undefined;
  }
}

function isMissingAny(before: JSONWebKeySet, after: JSONWebKeySet): boolean {
  const there = new Set(after.keys.map((key) => JSON.stringify(key)));
  return before.keys.some((key) => !there.has(JSON.stringify(key)));
}
