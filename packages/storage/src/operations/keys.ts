// The keys that access tokens are signed with.

import type { SigningKey } from '../contract.ts';
import { all, run, statement } from '../script.ts';
import type { Script } from '../script.ts';

interface KeyRow {
  readonly kid: string;
  readonly alg: string;
  readonly public_jwk: string;
  readonly sealed_private_jwk: Uint8Array;
  readonly created_at: number;
}

const columns = 'kid, alg, public_jwk, sealed_private_jwk, created_at';

const insertFirstKey = statement(
  `INSERT INTO signing_keys (${columns}) SELECT $1, $2, $3, $4, $5
    WHERE NOT EXISTS (SELECT 1 FROM signing_keys)`,
);
const selectKeys = statement<KeyRow>(
  `SELECT ${columns} FROM signing_keys ORDER BY created_at DESC, kid DESC`,
);

export function* addFirstSigningKey(key: SigningKey): Script<readonly SigningKey[]> {
  yield* run(insertFirstKey, key.kid, key.alg, key.publicJwk, key.sealedPrivateJwk, key.createdAt);
  return yield* listSigningKeys();
}

export function* listSigningKeys(): Script<readonly SigningKey[]> {
  return (yield* all(selectKeys)).map((row) => ({
    kid: row.kid,
    alg: row.alg,
    publicJwk: row.public_jwk,
    sealedPrivateJwk: row.sealed_private_jwk,
    createdAt: row.created_at,
  }));
}
