// The storage contract with what is short-lived in Redis: authorizations that wait for the browser, and codes.
// Redis may forget, and after a failover remember what was over: a code is worth something only together with the grant
// that the durable store keeps for it, and that grant says whether it was redeemed (docs/decisions/ephemeral-store.md).

import type { PausedAuthorization, Storage } from '../contract.ts';
import { redisCounters } from '../counting/redis.ts';
import type { DurableStorage } from '../operations/index.ts';
import type { RedisConnection } from './connection.ts';
import { recordsIn } from './records.ts';

type Granted = Parameters<Storage['grantAuthorization']>[0];
type Denied = Parameters<Storage['denyAuthorization']>[0];
type Repeated = 'repeated' | 'decided_otherwise' | 'gone';

/** @param deployment whose records: what two that share one Redis differ in */
export function withRedis(durable: DurableStorage, connection: RedisConnection, deployment: string): Storage {
  const records = recordsIn(connection, deployment);
  const openCounter = redisCounters(connection, deployment);

  return {
    ...durable,
    openCounter: (rule) => (rule.isShortLived === true ? openCounter(rule) : durable.openCounter(rule)),

    async keepPausedAuthorization(paused) {
      const client = await durable.findClient(paused.clientId);
      if (client === undefined) return 'client_gone';
      if (!(await records.keepPaused({ paused, registration: client.traceId })))
        throw new Error('This paused authorization was kept before.');
      return 'kept';
    },

    findPausedAuthorization,

    grantAuthorization: (granted) =>
      granted.pausedId === undefined ? grantAtOnce(granted) : grantPaused(granted.pausedId, granted),

    denyAuthorization,

    async findCode(digest) {
      const code = await records.findCode(digest);
      const found = code && (await durable.findGrantOfCode(code));
      if (code === undefined || found === undefined) return undefined;
      const { grant, spentAt } = found;
      return { code: spentAt === undefined ? code : { ...code, spentAt }, grant };
    },

    async redeemCode({ digest, ...redeemed }) {
      const code = await records.findCode(digest);
      return code === undefined ? 'dead' : durable.redeemGrant({ ...redeemed, code });
    },

    async ping() {
      await durable.ping();
      await connection.run((client) => client.ping());
    },

    async close() {
      await durable.close();
      connection.close();
    },
  };

  /** Nothing is taken out of Redis when a client is removed or refused: what was for it is no longer found. */
  async function findPausedAuthorization(id: string, now: number): Promise<PausedAuthorization | undefined> {
    const found = await records.findPaused(id, now);
    if (found === undefined) return undefined;
    const client = await durable.findClient(found.paused.clientId);
    if (client?.traceId !== found.registration || client.admission === 'refused') return undefined;
    return found.paused;
  }

  /** A code without its grant is worth nothing, a grant without its code would be shown as access: the code comes first. */
  async function grantAtOnce({ grant, code, consent, now }: Granted): Promise<'granted' | Repeated> {
    if (!(await durable.hasPersonAndClient(grant))) return 'gone';
    if (!(await records.keepCode(code, now))) throw new Error('This code was kept before.');
    return outcomeOf(await durable.keepGrantOfCode({ grant, codeDigest: code.digest, consent, now }));
  }

  async function grantPaused(
    pausedId: string,
    { grant, code, consent, now }: Granted,
  ): Promise<'granted' | Repeated> {
    const { userId } = grant;
    const codeDigest = code.digest;
    const paused = await findPausedAuthorization(pausedId, now);
    if (paused?.clientId !== grant.clientId) return 'gone';
    if (!(await durable.hasPersonAndClient(grant))) return 'gone';
    const allowed = { grantId: grant.id, codeDigest };
    const ours = { decision: 'allowed', decidedBy: userId, allowed } as const;
    const before = await records.decideWithCode(paused, ours, code, now);
    if (before !== undefined) {
      if (before.decision !== 'allowed' || before.decidedBy !== userId) return 'decided_otherwise';
      if (before.allowed?.codeDigest !== codeDigest) return 'repeated';
      const kept = await records.findCode(codeDigest);
      if (kept === undefined || kept.expiresAt <= now) return 'repeated';
    }
    // The same submit again, of the same person with the same code: if the first was cut off before its grant was kept,
    // this one brings it to its end.
    const id = before?.allowed?.grantId ?? grant.id;
    return outcomeOf(await durable.keepGrantOfCode({ grant: { ...grant, id }, codeDigest, consent, now }));
  }

  async function denyAuthorization({ pausedId, userId, now }: Denied): Promise<'denied' | Repeated> {
    const paused = await findPausedAuthorization(pausedId, now);
    if (paused === undefined) return 'gone';
    if (!(await durable.hasPersonAndClient({ userId, clientId: paused.clientId }))) return 'gone';
    const before = await records.decide(paused, { decision: 'denied', decidedBy: userId }, now);
    if (before === undefined) return 'denied';
    return before.decision === 'denied' && before.decidedBy === userId ? 'repeated' : 'decided_otherwise';
  }
}

const outcomes = {
  kept: 'granted',
  known: 'repeated',
  other_grant: 'decided_otherwise',
  gone: 'gone',
} as const;

const outcomeOf = (kept: keyof typeof outcomes) => outcomes[kept];
