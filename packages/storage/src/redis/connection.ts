// One connection to Redis, for everything in this room that needs it. A command is sent at once or refused at once, and
// once only: nothing waits for a Redis that is away, and nothing is sent later that was answered with a failure before.

import type { Log } from '@sallyport/protocol';
import { Redis } from 'ioredis';
import { EphemeralUnavailable } from '../contract.ts';
import { redisAnswerMilliseconds, redisConnectMilliseconds, redisReconnectMilliseconds } from '../limits.ts';
import { readRedisUrl, whereIs } from './address.ts';
import type { RedisAddress } from './address.ts';
import { explainRedis } from './failures.ts';

export interface RedisConnection {
  readonly client: Redis;
  /** How messages call it. */
  readonly where: string;
  /** @throws EphemeralUnavailable for whatever goes wrong, within the time that Redis has to answer */
  readonly run: <Answer>(ask: (client: Redis) => Promise<Answer>) => Promise<Answer>;
  /** What `run` throws, of what the client threw. */
  readonly explain: (error: unknown) => unknown;
  close(): void;
}

/**
 * Connects; a connection that is lost later comes back by itself.
 * @param url `redis:` or `rediss:`
 * @throws EphemeralUnavailable with what to do; never with the URL's name and password
 */
export async function connectRedis(url: string, log: Log): Promise<RedisConnection> {
  const address = readRedisUrl(url);
  if (address === undefined) {
    throw new EphemeralUnavailable(
      'storage.ephemeral (SALLYPORT_STORAGE_EPHEMERAL) is not understood. Write redis://<host>:<port>, or rediss:// for TLS; user, password and the number of a database may be given: redis://user:password@host:6379/0.',
    );
  }
  const where = whereIs(address);
  const client = new Redis(optionsFor(address));
  let lost: Error | undefined;
  let isClosed = false;
  client.on('error', (error) => {
    lost = error;
  });

  const connection: RedisConnection = {
    client,
    where,
    async run(ask) {
      if (isClosed) throw new EphemeralUnavailable(`The connection to Redis at ${where} was closed.`);
      try {
        return await ask(client);
      } catch (error) {
        throw connection.explain(error);
      }
    },
    explain: (error) => explainRedis(error, where, client.status === 'ready' ? undefined : lost),
    close() {
      isClosed = true;
      client.disconnect();
    },
  };

  try {
    await client.connect();
    // A database that is not there is only told as an event; ioredis would go on in database 0.
    if (lost !== undefined) throw lost;
  } catch (error) {
    connection.close();
    throw explainRedis(error, where, lost);
  }
  tellWhenLost(client, (level, event) => {
    if (!isClosed)
      log(level, event, { where, ...(event === 'redis_lost' && { next: 'Check that it runs.' }) });
  });
  return connection;
}

function optionsFor({ host, port, username, password, db, isTls }: RedisAddress) {
  return {
    host,
    port,
    db,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(isTls && { tls: {} }),
    connectionName: 'sallyport',
    protocol: 2 as const,
    lazyConnect: true,
    connectTimeout: redisConnectMilliseconds,
    commandTimeout: redisAnswerMilliseconds,
    // What has not answered one command will not answer the next: away with the connection.
    socketTimeout: redisAnswerMilliseconds,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // What is loading or not permitted says so itself, to each command.
    enableReadyCheck: false,
    // After a failover the address may lead elsewhere.
    reconnectOnError: ({ message }: Error) => message.includes('READONLY'),
    retryStrategy: (attempt: number) =>
      Math.min(redisReconnectMilliseconds.first * 2 ** (attempt - 1), redisReconnectMilliseconds.longest),
  };
}

/** Once for each time. */
function tellWhenLost(client: Redis, tell: (level: 'error' | 'warn', event: string) => void): void {
  let isAway = false;
  client.on('close', () => {
    if (!isAway) tell('error', 'redis_lost');
    isAway = true;
  });
  client.on('ready', () => {
    if (isAway) tell('warn', 'redis_back');
    isAway = false;
  });
}
