// Whether this Redis can be relied on: it does what is asked of it, and keeps what it was given.

import { createHash } from 'node:crypto';
import type { RedisConnection } from './connection.ts';
import { connectRedis } from './connection.ts';

export interface InspectedRedis {
  /** Host and port. */
  readonly where: string;
  /** Name and version; the name alone where the user may not ask. */
  readonly server: string;
  /** What it does when its memory is full; absent where it does not say. */
  readonly evictionPolicy?: string;
}

/** Evicted records are refused, as expired ones are; but then logins fail, and counters begin again. */
export const mayEvict = ({ evictionPolicy = 'noeviction' }: InspectedRedis): boolean =>
  evictionPolicy !== 'noeviction';

/**
 * Connects, looks, and leaves.
 * @throws EphemeralUnavailable with what to do
 */
export async function inspectRedis(url: string): Promise<InspectedRedis> {
  const connection = await connectRedis(url, () => undefined);
  try {
    return await inspect(connection);
  } finally {
    connection.close();
  }
}

/**
 * Tries what will be needed, so that a user without the rights, a replica, a cluster or a memory that is full is found at
 * the start and not by the first person who signs in.
 * @throws EphemeralUnavailable when it cannot be used
 */
export async function inspect({ run, where }: RedisConnection): Promise<InspectedRedis> {
  await run(async (client) => {
    const keys = ['sallyport:probe:1', 'sallyport:probe:2'] as const;
    await client.eval(probe, keys.length, ...keys);
    await client.evalsha(createHash('sha1').update(probe).digest('hex'), keys.length, ...keys);
    await client.mget(...keys);
    await client.del(keys[0]);
    // One by one, since a transaction that was not begun fails with another word than the missing right.
    await client.multi({ pipeline: false });
    await client.pttl(keys[1]);
    await client.exec();
    await client.ping();
  });
  const info = await run((client) => client.info().catch(unlessForbidden));
  const facts = new Map(info.split('\r\n').map((line) => splitOnce(line)));
  const evictionPolicy = facts.get('maxmemory_policy');
  return { where, server: serverOf(facts), ...(evictionPolicy !== undefined && { evictionPolicy }) };
}

/** Two keys, since a cluster keeps them in two places. */
const probe = `
redis.call('GET', KEYS[1])
redis.call('EXISTS', KEYS[2])
redis.call('INCRBY', KEYS[1], 1)
redis.call('EXPIRE', KEYS[1], 1)
redis.call('PTTL', KEYS[1])
return redis.call('SET', KEYS[2], '', 'EX', 1)`;

function serverOf(facts: ReadonlyMap<string, string>): string {
  const valkey = facts.get('valkey_version');
  if (valkey !== undefined) return `Valkey ${valkey}`;
  const redis = facts.get('redis_version');
  return redis === undefined ? 'Redis' : `Redis ${redis}`;
}

/** INFO is a dangerous command to some access lists. */
function unlessForbidden(error: Error): string {
  if (error.message.startsWith('NOPERM')) return '';
  throw error;
}

function splitOnce(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1)];
}
