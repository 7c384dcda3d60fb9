// Opens a PostgreSQL database: judged before anything is written to it, then migrated, then shared by requests.

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { OnCommit } from '../contract.ts';
import { openPostgresCounter, sweepCounters } from '../counting/postgres.ts';
import { migrationPatienceMilliseconds, poolConnections } from '../limits.ts';
import { sweep } from '../operations/housekeeping.ts';
import { operationsOn } from '../operations/index.ts';
import type { DurableStorage } from '../operations/index.ts';
import { clientSettings, connectionsTo, settingsFor } from './connections.ts';
import { explain } from './failures.ts';
import { feedOf } from './feed.ts';
import { lockFor, unlessUnderWay } from './locks.ts';
import { judgeDatabase, migrate } from './migrate.ts';
import { channelOf } from './notices.ts';
import { transactionsOn } from './transactions.ts';
import { readPostgresUrl } from './url.ts';
import type { Connecting } from './url.ts';

/**
 * @param url `postgres://…`
 * @throws StorageUnavailable with what to do
 */
export async function openPostgres(
  url: string,
  options: { onCommit?: OnCommit | undefined; poolSize?: number | undefined } = {},
): Promise<DurableStorage> {
  const connecting = readPostgresUrl(url);
  const schema = await prepareDatabase(connecting);
  const channel = channelOf(schema);
  const from = randomUUID();
  const feed = feedOf(connecting, channel, from);
  const connections = connectionsTo(connecting, schema, options.poolSize ?? poolConnections);
  const { tell } = feed;
  const sweeping = lockFor('sweep', schema);
  const player = transactionsOn({ connections, channel, from, tell, onCommit: options.onCommit });
  let closing: Promise<void> | undefined;

  return {
    ...operationsOn(player),
    // One instance is enough, and several would wait for each other's rows.
    sweep: (work) => player.write(() => unlessUnderWay(sweeping, sweepAll(work), 0)),
    onChange: feed.listen,
    openCounter: openPostgresCounter(connections),
    close: () => (closing ??= closeOnceIdle()),
  };

  async function closeOnceIdle(): Promise<void> {
    await player.finish();
    feed.stop();
    await connections.close();
  }
}

function* sweepAll(work: Parameters<typeof sweep>[0]): ReturnType<typeof sweep> {
  yield* sweepCounters(Date.now());
  return yield* sweep(work);
}

/** Several instances may do this to the same database at once. @returns the schema of our tables */
async function prepareDatabase(connecting: Connecting): Promise<string> {
  const client = new pg.Client({
    ...clientSettings(connecting),
    query_timeout: 2 * migrationPatienceMilliseconds,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const schema = await judgeDatabase(client);
    await client.query(settingsFor(schema));
    await migrate(client, schema);
    return schema;
  } catch (error) {
    throw explain(error);
  } finally {
    await client.end().catch(() => {});
  }
}
