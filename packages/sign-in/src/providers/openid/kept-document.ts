// A document of a provider's that is fetched when it is needed and kept while it is fresh. Whoever needs it while it is
// being fetched gets the same answer; when the provider is away, it is good for a while longer, and no longer.
import { isRefusal, type Log } from '@sallyport/protocol';
import { limits } from '../../limits.ts';

export interface Fetched<Value> {
  readonly value: Value;
  /** What its headers say; undefined when they say nothing. */
  readonly freshForSeconds: number | undefined;
}

interface DocumentRules<Value> {
  /** @throws {Refusal} `upstream_unavailable` for what passes, any other for what does not */
  readonly fetch: () => Promise<Fetched<Value>>;
  readonly freshSeconds: { readonly least: number; readonly most: number; readonly unsaid: number };
  readonly staleSeconds: number;
  readonly log: Log;
  /** For the log: which document, of which provider. */
  readonly about: { readonly provider: string; readonly document: string };
}

export interface KeptDocument<Value> {
  /** @param now epoch seconds */
  read(now: number): Promise<Value>;
  /** Fetched anew, unless that was done a moment ago: for who did not find in it what should be there. */
  readAgain(now: number): Promise<Value>;
}

interface Kept<Value> {
  readonly value: Value;
  readonly fetchedAt: number;
  readonly freshUntil: number;
  /** When it was last tried in vain to fetch it again. */
  readonly failedAt?: number;
}

export function keptDocument<Value>(rules: DocumentRules<Value>): KeptDocument<Value> {
  const { fetch, freshSeconds, staleSeconds, log, about } = rules;
  let kept: Kept<Value> | undefined;
  let underWay: Promise<Value> | undefined;
  return { read, readAgain };

  async function read(now: number): Promise<Value> {
    if (kept !== undefined && now < trustedUntil(kept)) return kept.value;
    return fetchShared(now);
  }

  async function readAgain(now: number): Promise<Value> {
    const triedAt = Math.max(kept?.fetchedAt ?? 0, kept?.failedAt ?? 0);
    if (kept !== undefined && now < triedAt + limits.upstreamAgainSeconds) return kept.value;
    return fetchShared(now);
  }

  function fetchShared(now: number): Promise<Value> {
    underWay ??= fetchAndKeep(now).finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function fetchAndKeep(now: number): Promise<Value> {
    try {
      const { value, freshForSeconds } = await fetch();
      const { least, most, unsaid } = freshSeconds;
      const seconds = Math.min(most, Math.max(least, freshForSeconds ?? unsaid));
      kept = { value, fetchedAt: now, freshUntil: now + seconds };
      log('info', 'upstream_document_fetched', { ...about, freshSeconds: seconds });
      return value;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const isPassing = error.reason === 'upstream_unavailable';
      if (isPassing && kept !== undefined && now < kept.freshUntil + staleSeconds) {
        kept = { ...kept, failedAt: now };
        log('warn', 'upstream_document_stale', { ...about, ...error.facts });
        return kept.value;
      }
      // It was taken away, or says something else now: what it said before is over.
      if (!isPassing) kept = undefined;
      throw error;
    }
  }

  /** Not everybody who signs in waits for a server that was away a moment ago. */
  function trustedUntil({ failedAt, freshUntil }: Kept<Value>): number {
    if (failedAt === undefined) return freshUntil;
    return Math.max(freshUntil, Math.min(failedAt + limits.upstreamAgainSeconds, freshUntil + staleSeconds));
  }
}
