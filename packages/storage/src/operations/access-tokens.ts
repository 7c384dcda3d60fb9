// Opaque access tokens: what a token that says nothing itself may do.

import type { AccessToken, Grant } from '../contract.ts';
import { one, send, statement } from '../script.ts';
import type { Script } from '../script.ts';
import { grantColumns, grantOf } from './grants.ts';
import type { GrantRow } from './grants.ts';

interface AccessTokenRow extends GrantRow {
  readonly token_scope: string;
  readonly created_at: number;
  readonly expires_at: number;
}

const insertAccessToken = statement(
  'INSERT INTO access_tokens (digest, grant_id, scope, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)',
);
const selectAccessToken = statement<AccessTokenRow>(
  `SELECT ${grantColumns}, access_tokens.scope AS token_scope, access_tokens.created_at, access_tokens.expires_at
    FROM access_tokens JOIN grants ON grants.id = access_tokens.grant_id WHERE access_tokens.digest = $1`,
);

/** Within the script that has judged its grant; the family is the grant's that was taken, whatever the caller believes. */
export function* keepAccessToken(token: AccessToken | undefined, grantId: string): Script<void> {
  if (token === undefined) return;
  const { digest, scope, createdAt, expiresAt } = token;
  yield* send(insertAccessToken, digest, grantId, JSON.stringify(scope), createdAt, expiresAt);
}

export function* findAccessToken(digest: string): Script<{ token: AccessToken; grant: Grant } | undefined> {
  const row = yield* one(selectAccessToken, digest);
  if (row === undefined) return undefined;
  const { grant_id: grantId, created_at: createdAt, expires_at: expiresAt } = row;
  const scope = JSON.parse(row.token_scope) as string[];
  return { token: { digest, grantId, scope, createdAt, expiresAt }, grant: grantOf(row) };
}
