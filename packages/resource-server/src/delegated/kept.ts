// A document of somebody else's that is kept in memory: one question at a time, used while it is fresh, renewed beside
// the requests when it is not, and for a bounded time in place of an issuer that is away.
import { RETRY_SECONDS } from '../limits.ts';

export interface Kept<Document> {
  /** @param now epoch seconds @throws what `load` throws, when there is nothing that may still be used */
  get(now: number): Promise<Document>;
  /** Asks anew, unless that was done in the last `cooldownSeconds`. */
  renew(now: number, cooldownSeconds: number): Promise<Document>;
}

export function kept<Document>(
  load: (now: number) => Promise<Document>,
  { freshSeconds, staleSeconds }: { readonly freshSeconds: number; readonly staleSeconds: number },
): Kept<Document> {
  let had: { readonly document: Document; readonly at: number } | undefined;
  let failed: { readonly error: unknown; readonly at: number } | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<Document> | undefined;
  return { get, renew };

  async function get(now: number): Promise<Document> {
    if (had !== undefined && isWithin(had.at, freshSeconds, now)) return had.document;
    if (had !== undefined && isWithin(had.at, staleSeconds, now)) {
      // Nobody waits for it; that it failed is remembered.
      if (!isTooSoon(now)) ask(now).catch(() => undefined);
      return had.document;
    }
    if (underWay === undefined && failed !== undefined && isTooSoon(now)) throw failed.error;
    return ask(now);
  }

  async function renew(now: number, cooldownSeconds: number): Promise<Document> {
    if (underWay === undefined && isWithin(askedAt, cooldownSeconds, now)) return get(now);
    // An issuer that is away says nothing about a key that it does not have: what is kept must do.
    return ask(now).catch(() => get(now));
  }

  function isTooSoon(now: number): boolean {
    return failed !== undefined && isWithin(failed.at, RETRY_SECONDS, now);
  }

  function ask(now: number): Promise<Document> {
    if (underWay !== undefined) return underWay;
    askedAt = now;
    underWay = load(now)
      .then(
        (document) => {
          had = { document, at: now };
          failed = undefined;
          return document;
        },
        (error: unknown) => {
          failed = { error, at: now };
          throw error;
        },
      )
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  }
}

/** A clock that was set back makes nothing last. */
function isWithin(since: number, seconds: number, now: number): boolean {
  return since <= now && now < since + seconds;
}
