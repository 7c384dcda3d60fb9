// Browsers that are away at a provider to sign in, and the one time that each of them comes back.

import type { Storage, TakenUpstreamSignIn, UpstreamSignIn } from '../contract.ts';
import { one, run, send, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface Row {
  readonly state: string;
  readonly provider: string;
  readonly browser: string;
  readonly value: string;
  readonly key_id: string;
  readonly trace_id: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly spent_at: number | null;
}

const columns = 'state, provider, browser, value, key_id, trace_id, created_at, expires_at, spent_at';

const insert = statement(
  `INSERT INTO upstream_sign_ins (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)`,
);
// The arbiter. Whoever it is not for changes nothing, so that nobody can spend what is another's.
const spend = statement(
  `UPDATE upstream_sign_ins SET spent_at = $4
    WHERE state = $1 AND provider = $2 AND browser = $3 AND spent_at IS NULL AND expires_at > $4`,
);
const select = statement<Row>(`SELECT ${columns} FROM upstream_sign_ins WHERE state = $1`);

export function* keepUpstreamSignIn(kept: UpstreamSignIn): Script<void> {
  const { state, provider, browser, value, keyId, traceId, createdAt, expiresAt } = kept;
  yield* send(insert, state, provider, browser, value, keyId, traceId, createdAt, expiresAt);
}

export function* takeUpstreamSignIn(
  taking: Parameters<Storage['takeUpstreamSignIn']>[0],
): Script<TakenUpstreamSignIn> {
  const { state, provider, browser, now } = taking;
  const isTaken = (yield* run(spend, state, provider, browser, now)) === 1;
  const row = yield* one(select, state);
  if (row === undefined) return { outcome: 'unknown' };
  const signIn = signInOf(row);
  if (isTaken) return { outcome: 'taken', signIn };
  if (row.browser !== browser) return { outcome: 'of_another_browser', signIn };
  if (row.provider !== provider) return { outcome: 'of_another_provider', signIn };
  return { outcome: row.spent_at === null ? 'expired' : 'spent', signIn };
}

const signInOf = (row: Row): UpstreamSignIn => ({
  state: row.state,
  provider: row.provider,
  browser: row.browser,
  value: row.value,
  keyId: row.key_id,
  traceId: row.trace_id,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  ...(row.spent_at === null ? {} : { spentAt: row.spent_at }),
});
