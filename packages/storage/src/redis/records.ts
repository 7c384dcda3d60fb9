// What lies in Redis: paused authorizations, what was decided about each, and codes. A record is written once, never
// changed, and expires; all are digests and JSON, as they would be in SQL.

import type { AuthorizationCode, Digest, PausedAuthorization } from '../contract.ts';
import { ephemeralMarginSeconds } from '../limits.ts';
import type { RedisConnection } from './connection.ts';

export interface Decision {
  readonly decision: 'allowed' | 'denied';
  readonly decidedBy: string;
  /** Of the submit that was first to allow it. */
  readonly allowed?: { readonly grantId: string; readonly codeDigest: Digest };
}

export interface KeptPaused {
  readonly paused: PausedAuthorization;
  /** Which registration of its client it was for: after a removal, the same client_id may be kept again. */
  readonly registration: string;
}

export interface Records {
  keepPaused(kept: KeptPaused): Promise<boolean>;
  /** Not when expired. */
  findPaused(id: Digest, now: number): Promise<KeptPaused | undefined>;
  /** @returns what was decided before; undefined: this now is what was decided */
  decide(paused: PausedAuthorization, decision: Decision, now: number): Promise<Decision | undefined>;
  /** As `decide`, and keeps the code if it wins: both or none. @throws when there is such a code already */
  decideWithCode(
    paused: PausedAuthorization,
    decision: Decision,
    code: AuthorizationCode,
    now: number,
  ): Promise<Decision | undefined>;
  keepCode(code: AuthorizationCode, now: number): Promise<boolean>;
  /** Expired ones too, for a while. */
  findCode(digest: Digest): Promise<AuthorizationCode | undefined>;
}

/** KEYS: decision, code. ARGV: decision, its seconds, code, its seconds. */
const decideWithCodeScript = `
local decided = redis.call('GET', KEYS[1])
if decided then return decided end
if redis.call('EXISTS', KEYS[2]) == 1 then return '' end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
return false`;

/** @param deployment whose records: what two that share one Redis differ in */
export function recordsIn({ run }: RedisConnection, deployment: string): Records {
  const key = (kind: 'paused' | 'decision' | 'code', id: string) => `sallyport:${deployment}:${kind}:${id}`;

  /** One caller keeps it. */
  async function keepFirst(at: string, record: object, seconds: number): Promise<boolean> {
    return (await run((client) => client.set(at, JSON.stringify(record), 'EX', seconds, 'NX'))) === 'OK';
  }

  return {
    keepPaused: (kept) =>
      keepFirst(key('paused', kept.paused.id), kept, secondsOf(kept.paused, kept.paused.createdAt)),

    async findPaused(id, now) {
      const [paused, decision] = (
        await run((client) => client.mget(key('paused', id), key('decision', id)))
      ).map((text) => (text === null ? undefined : (JSON.parse(text) as unknown)));
      const found = paused as KeptPaused | undefined;
      if (found === undefined || found.paused.expiresAt <= now) return undefined;
      if (decision === undefined) return found;
      const { decision: decided, decidedBy } = decision as Decision;
      return { ...found, paused: { ...found.paused, decision: decided, decidedBy } };
    },

    async decide(paused, decision, now) {
      const at = key('decision', paused.id);
      if (await keepFirst(at, decision, secondsOf(paused, now))) return undefined;
      const before = await run((client) => client.get(at));
      // It cannot be gone by itself so soon; whoever lost it lost the authorization too.
      if (before === null) return { decision: 'denied', decidedBy: '' };
      return JSON.parse(before) as Decision;
    },

    async decideWithCode(paused, decision, code, now) {
      const before = await run((client) =>
        client.eval(
          decideWithCodeScript,
          2,
          key('decision', paused.id),
          key('code', code.digest),
          JSON.stringify(decision),
          secondsOf(paused, now),
          JSON.stringify(code),
          secondsOf(code, now),
        ),
      );
      if (before === '') throw new Error('This code was kept before.');
      return typeof before === 'string' ? (JSON.parse(before) as Decision) : undefined;
    },

    keepCode: (code, now) => keepFirst(key('code', code.digest), code, secondsOf(code, now)),

    async findCode(digest) {
      const text = await run((client) => client.get(key('code', digest)));
      return text === null ? undefined : (JSON.parse(text) as AuthorizationCode);
    },
  };
}

/** Redis' own clock only measures how long; whether a record is still good is judged by the `now` of the caller. */
const secondsOf = ({ expiresAt }: { readonly expiresAt: number }, now: number): number =>
  Math.max(1, expiresAt - now + ephemeralMarginSeconds);
