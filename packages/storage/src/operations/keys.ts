// The keys that access tokens are signed with.

import type { SigningKey, Storage } from '../contract.ts';
import { all, one, run, send, statement, tellKeysChanged } from '../script.ts';
import type { Script } from '../script.ts';

interface KeyRow {
  readonly kid: string;
  readonly alg: string;
  readonly public_jwk: string;
  readonly sealed_private_jwk: Uint8Array;
  readonly created_at: number;
  readonly signs_from_at: number;
}

const columns = 'kid, alg, public_jwk, sealed_private_jwk, created_at, signs_from_at';

const insertKey = statement(`INSERT INTO signing_keys (${columns}) VALUES ($1, $2, $3, $4, $5, $6)`);
const selectKey = statement<{ kid: string }>('SELECT kid FROM signing_keys WHERE kid = $1');
const selectKeys = statement<KeyRow>(
  `SELECT ${columns} FROM signing_keys ORDER BY created_at DESC, kid DESC`,
);
const deleteKey = statement('DELETE FROM signing_keys WHERE kid = $1');
const deleteSuperseded = statement(
  `DELETE FROM signing_keys WHERE EXISTS (SELECT 1 FROM signing_keys AS newer
    WHERE newer.created_at > signing_keys.created_at AND newer.signs_from_at <= $1)`,
);

export function* addSigningKey({
  key,
  after,
}: Parameters<Storage['addSigningKey']>[0]): Script<'added' | 'taken' | 'overtaken'> {
  if ((yield* one(selectKey, key.kid)) !== undefined) return 'taken';
  const [newest] = yield* listSigningKeys();
  if (newest?.kid !== after) return 'overtaken';
  const { kid, alg, publicJwk, sealedPrivateJwk, signsFromAt } = key;
  const createdAt = newest === undefined ? key.createdAt : Math.max(key.createdAt, newest.createdAt + 1);
  yield* send(insertKey, kid, alg, publicJwk, sealedPrivateJwk, createdAt, signsFromAt);
  yield* tellKeysChanged();
  return 'added';
}

export function* listSigningKeys(): Script<readonly SigningKey[]> {
  return (yield* all(selectKeys)).map((row) => ({
    kid: row.kid,
    alg: row.alg,
    publicJwk: row.public_jwk,
    sealedPrivateJwk: row.sealed_private_jwk,
    createdAt: row.created_at,
    signsFromAt: row.signs_from_at,
  }));
}

/** An older key never signs again: whoever wants the newest gone needs a newer one first. */
export function* removeSigningKey({
  kid,
  now,
}: Parameters<Storage['removeSigningKey']>[0]): Script<'removed' | 'signs' | 'not_found'> {
  const keys = yield* listSigningKeys();
  if (!keys.some((key) => key.kid === kid)) return 'not_found';
  const signer = keys.find(({ signsFromAt }) => signsFromAt <= now) ?? keys.at(-1);
  if (signer?.kid === kid) return 'signs';
  yield* send(deleteKey, kid);
  yield* tellKeysChanged();
  return 'removed';
}

/** Forgets the keys whose successor has signed since `before`. @returns how many */
export function* sweepSigningKeys(before: number): Script<number> {
  const deleted = yield* run(deleteSuperseded, before);
  if (deleted > 0) yield* tellKeysChanged();
  return deleted;
}
