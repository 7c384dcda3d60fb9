// Whether the hot paths stay as quick when much is kept: a thousand grants, then a million with ten million refresh
// tokens (each about as large as a line of an audit log). Prints how long each operation takes at both sizes, and
// PostgreSQL's plan of every statement that it runs at the larger one.
//
//   npm run bench:large -- postgres://… [--grants 1000000] [--tokens 10]
//
// The database must be empty, and is left full.

import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openStorage } from '@sallyport/storage';
import type { RefreshToken, Storage } from '@sallyport/storage';
import { operationsOn } from '../packages/storage/src/operations/index.ts';
import type { DurableStorage } from '../packages/storage/src/operations/index.ts';
import type { Ask, Player, Script } from '../packages/storage/src/script.ts';

const now = 1_800_000_000;
const day = 24 * 3600;
const resource = 'https://mcp.example.com/mcp';
/** Of each operation, so many are timed; so many are under way at any time. */
const timed = 4_000;
const inFlight = 8;
const people = 10_000;
const clients = 100;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { grants: { type: 'string', default: '1000000' }, tokens: { type: 'string', default: '10' } },
});
const [url] = positionals;
if (url === undefined) throw new Error('Name an empty database, for example: postgres://localhost/bench');
const tokensEach = Number(options.tokens);

const storage = await openStorage(url, { poolSize: inFlight });
const database = new pg.Client({ connectionString: url });
await database.connect();
try {
  await fill(0, 10_000);
  const small = await timeAll(storage, 10_000, 'small');
  await fill(10_000, Number(options.grants));
  const large = await timeAll(storage, Number(options.grants), 'large');
  printTimes(small, large);
  await printPlans(Number(options.grants));
} finally {
  await database.end();
  await storage.close();
}

/** Grants `from` up to `to`, with a spent code and their refresh tokens, all but the last of which are rotated. */
async function fill(from: number, to: number): Promise<void> {
  console.error(`filling up to ${to} grants with ${to * tokensEach} refresh tokens`);
  const series = `generate_series(${from}, ${to - 1}) AS g`;
  const digestOf = (text: string) =>
    `rtrim(translate(encode(sha256(convert_to(${text}, 'UTF8')), 'base64'), '+/', '-_'), '=')`;
  const client = `'c' || g % ${clients}`;
  const all = [
    `INSERT INTO users (id, email, name, role, created_at, updated_at)
      SELECT 'u' || g, 'u' || g || '@example.com', 'One', 'member', ${now}, ${now}
      FROM generate_series(0, ${people - 1}) AS g ON CONFLICT DO NOTHING`,
    `INSERT INTO clients (client_id, metadata, registered_by, created_at, used_at, trace_id)
      SELECT 'c' || g, '{"redirect_uris":["https://client.example.com/callback"]}', 'operator', ${now}, ${now}, 't'
      FROM generate_series(0, ${clients - 1}) AS g ON CONFLICT DO NOTHING`,
    `INSERT INTO grants (id, user_id, client_id, resource, scope, trace_id, created_at, expires_at)
      SELECT 'g' || g, 'u' || g % ${people}, ${client}, '${resource}', '["read"]', 't' || g,
        ${now} - g % ${30 * day}, ${now + 30 * day} + g % ${day} FROM ${series}`,
    `INSERT INTO codes (digest, grant_id, redirect_uri, code_challenge, created_at, expires_at, spent_at)
      SELECT ${digestOf("'code g' || g")}, 'g' || g, 'https://client.example.com/callback', 'challenge',
        ${now}, ${now + 600} + g % ${day}, ${now} FROM ${series}`,
    `INSERT INTO refresh_tokens (digest, grant_id, key_id, created_at, expires_at, rotated_at, successor, asked)
      SELECT ${digestOf("'g' || g || '/' || n")}, 'g' || g, 'k', ${now}, ${now + 30 * day} + g % ${day},
        CASE WHEN n < ${tokensEach} THEN ${now} END,
        CASE WHEN n < ${tokensEach} THEN ${digestOf("'g' || g || '/' || (n + 1)")} END, 'read ${resource}'
      FROM ${series}, generate_series(1, ${tokensEach}) AS n`,
  ];
  // Only for the filling: neither its durability nor what it refers to needs a proof.
  await database.query('SET synchronous_commit = off');
  await database.query('SET session_replication_role = replica');
  for (const sql of all) await database.query(sql);
  await database.query('SET session_replication_role = origin');
  await database.query('VACUUM ANALYZE');
}

type Operation = readonly [what: string, call: (store: Storage, i: number) => Promise<unknown>];

function operations(run: string, grants: number): readonly Operation[] {
  const any = (i: number) => `g${(i * 7919) % grants}`;
  const fresh = (i: number) => `${run} ${i}`;
  return [
    ['authorize: find consent', (store, i) => store.findConsent(consentOf(i))],
    ['authorize: keep grant, code and consent', (store, i) => grant(store, fresh(i), i)],
    ['token: redeem a code', (store, i) => redeem(store, fresh(i))],
    [
      'token: find a refresh token',
      (store, i) => store.findRefreshToken(digestOf(`${any(i)}/${tokensEach}`)),
    ],
    ['token: rotate a refresh token', (store, i) => rotate(store, any(i), tokensEach, run)],
    ['gate: find a grant', (store, i) => store.findGrant(any(i))],
    ['account: what a person allowed', (store, i) => store.listClientAccess(`u${i % people}`, now)],
    ['revoke: a grant', (store, i) => store.revokeGrant(fresh(i), now)],
    ['sweep: a batch', (store) => store.sweep({ now, unusedClientsBefore: 0, limit: 200 })],
  ];
}

async function timeAll(store: Storage, grants: number, run: string): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  for (const [what, call] of operations(run, grants)) {
    const milliseconds: number[] = [];
    let next = 0;
    const worker = async () => {
      while (next < timed) {
        const i = next++;
        const began = performance.now();
        await call(store, i);
        milliseconds.push(performance.now() - began);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    times.set(
      what,
      milliseconds.sort((one, other) => one - other),
    );
  }
  return times;
}

function printTimes(small: Map<string, number[]>, large: Map<string, number[]>): void {
  console.log(
    '| operation | 10,000 grants: p50 ms | p99 | all: p50 ms | p99 |\n| --- | ---: | ---: | ---: | ---: |',
  );
  const at = (sorted: number[] = [], part: number) =>
    (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(2);
  for (const [what, before] of small) {
    const after = large.get(what);
    console.log(
      `| ${[what, at(before, 0.5), at(before, 0.99), at(after, 0.5), at(after, 0.99)].join(' | ')} |`,
    );
  }
}

/** Plays each operation once more, in a transaction that is undone, and asks for the plan of each of its statements. */
async function printPlans(grants: number): Promise<void> {
  const planned = new Set<string>();
  let what = '';
  const play = async <Answer>(begin: () => Script<Answer>): Promise<Answer> => {
    const script = begin();
    let turn = script.next();
    while (turn.done !== true)
      turn = script.next(turn.value.verb === 'tell' ? undefined : await plan(turn.value));
    return turn.value;
  };
  const plan = async ({ verb, sql, values }: Ask): Promise<unknown> => {
    if (!planned.has(sql)) {
      planned.add(sql);
      const { rows } = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${sql}`, [
        ...values,
      ]);
      console.log(`\n${what}\n  ${sql.replaceAll(/\s+/g, ' ')}`);
      for (const row of rows) console.log(`    ${row['QUERY PLAN']}`);
    }
    const { rows, rowCount } = await database.query(sql, [...values]);
    if (verb === 'run' || verb === 'send') return rowCount ?? 0;
    return verb === 'one' ? rows[0] : rows;
  };
  const player = { read: play, write: play, writeAlone: play } as Player;
  const store = operationsOn(player) as DurableStorage;
  await database.query('SET plan_cache_mode = force_generic_plan');
  await database.query('BEGIN');
  for (const [name, call] of operations('planned', grants)) {
    what = name;
    await call(store, 1);
  }
  await database.query('ROLLBACK');
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function consentOf(i: number) {
  const redirectOrigin = 'https://client.example.com';
  return { userId: `u${i % people}`, clientId: `c${i % clients}`, redirectOrigin, resource };
}

async function grant(store: Storage, id: string, i: number): Promise<void> {
  const times = { createdAt: now, expiresAt: now + 600 };
  const code = { digest: digestOf(`code ${id}`), grantId: id, code_challenge: digestOf(id), ...times };
  const answer = await store.grantAuthorization({
    grant: {
      id,
      userId: `u${i % people}`,
      clientId: `c${i % clients}`,
      resource,
      scope: ['read'],
      traceId: id,
      ...times,
    },
    code: { ...code, redirect_uri: 'https://client.example.com/callback' },
    consent: { ...consentOf(i), scope: ['read'], updatedAt: now },
    now,
  });
  if (answer !== 'granted') throw new Error(answer);
}

function token(text: string, grantId: string): RefreshToken {
  return { digest: digestOf(text), grantId, keyId: 'k', createdAt: now, expiresAt: now + 30 * day };
}

async function redeem(store: Storage, id: string): Promise<void> {
  const answer = await store.redeemCode({
    digest: digestOf(`code ${id}`),
    refreshToken: token(`${id}/1`, id),
    grantExpiresAt: now + 30 * day,
    now,
  });
  if (answer !== 'redeemed') throw new Error(answer);
}

async function rotate(store: Storage, id: string, n: number, run: string): Promise<void> {
  const answer = await store.rotateRefreshToken({
    digest: digestOf(`${id}/${n}`),
    successor: token(`${id}/${n} ${run}`, id),
    asked: `read ${resource}`,
    graceSeconds: 300,
    grantExpiresAt: now + 30 * day,
    now,
  });
  if (!['rotated', 'differs', 'repeated'].includes(answer)) throw new Error(answer);
}
