// The connections to PostgreSQL: made as each needs to be, shared by requests, given up when they are of no use.

import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { PoolClient } from 'pg';
import { StorageUnavailable } from '../contract.ts';
import {
  answerMilliseconds,
  closeMilliseconds,
  connectMilliseconds,
  idleConnectionMilliseconds,
  idleTransactionMilliseconds,
  keepAliveMilliseconds,
  rowLockMilliseconds,
  statementMilliseconds,
} from '../limits.ts';
import { doTogether, PreparedStatements } from './batch.ts';
import type { Command, Done } from './batch.ts';
import type { Connecting } from './url.ts';
import { columnTypes } from './values.ts';

/** One connection, in the hands of one transaction. */
export interface Connection {
  /** Sent in one message. @returns what each did. @throws what the first failed with; the rest is not done then */
  readonly perform: (commands: readonly Command[]) => Promise<readonly Done[]>;
  /** Gives it back to the others, or gives it up. */
  readonly release: (broken: boolean) => void;
}

export interface Connections {
  /** @param madeAfter so that it is none of those that broke together (`performance.now()`) */
  readonly take: (madeAfter?: number) => Promise<Connection>;
  /** One statement by itself, on any connection. */
  readonly query: (query: pg.QueryConfig) => Promise<pg.QueryResult>;
  /** How many wait for one. */
  readonly waiting: () => number;
  readonly close: () => Promise<void>;
}

/**
 * What each connection is told when it is made, before anybody uses it. An answer is durable when it is given, whatever
 * the database's default is; only the URL's own `options` may say otherwise. Every statement finds its rows by an index,
 * which a test sees to: its plan is made once, and must not be that of a table which was small when it was made.
 */
export function settingsFor(schema: string): string {
  return `
    SET client_encoding = 'UTF8';
    SET statement_timeout = ${statementMilliseconds};
    SET lock_timeout = ${rowLockMilliseconds};
    SET idle_in_transaction_session_timeout = ${idleTransactionMilliseconds};
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET jit = off;
    SELECT set_config(name, 'on', false) FROM pg_catalog.pg_settings
      WHERE name = 'synchronous_commit' AND setting = 'off' AND source <> 'client';
    SET search_path = ${pg.escapeIdentifier(schema)}`;
}

/** How every connection is made, whoever uses it. */
export function clientSettings(connecting: Connecting): pg.ClientConfig {
  return {
    ...connecting,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMilliseconds,
    connectionTimeoutMillis: connectMilliseconds,
    types: columnTypes,
  };
}

/** @param schema where the tables are, whatever the search path of the user becomes */
export function connectionsTo(connecting: Connecting, schema: string, size: number): Connections {
  const known = new WeakMap<PoolClient, { madeAt: number; prepared: PreparedStatements }>();
  const pool = new pg.Pool({
    ...clientSettings(connecting),
    max: size,
    idleTimeoutMillis: idleConnectionMilliseconds,
    allowExitOnIdle: true,
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, though its types do not say so
    onConnect: async (client) => {
      await client.query(settingsFor(schema));
    },
  });
  pool.on('connect', (client) => {
    known.set(client, { madeAt: performance.now(), prepared: new PreparedStatements() });
    // Whoever uses it learns of it from its statement; without a listener the process would end.
    client.on('error', () => {});
  });
  // A connection that broke while nobody used it.
  pool.on('error', () => {});
  async function take(madeAfter = 0): Promise<Connection> {
    for (;;) {
      const client = await pool.connect();
      const its = known.get(client);
      if (its !== undefined && its.madeAt >= madeAfter) {
        return {
          perform: (commands) => doTogether(client, its.prepared, commands),
          release: (broken) => client.release(broken),
        };
      }
      client.release(true);
    }
  }

  async function query(asked: pg.QueryConfig): Promise<pg.QueryResult> {
    if (pool.ending) throw new StorageUnavailable('The connection to PostgreSQL was closed.');
    const withTimeout = { ...asked, query_timeout: answerMilliseconds };
    return pool.query(withTimeout);
  }

  return {
    take,
    query,
    waiting: () => pool.waitingCount,
    // A server that does not answer any more is not waited for.
    close: () => Promise.race([pool.end(), wait(closeMilliseconds, undefined, { ref: false })]),
  };
}
