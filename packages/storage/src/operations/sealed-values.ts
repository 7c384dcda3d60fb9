// Whatever is sealed at rest, wherever it is kept: read and replaced row by row when it is sealed anew under another key.

import type { SealedKind, SealedValue, Storage } from '../contract.ts';
import { all, run, statement, tellKeysChanged } from '../script.ts';
import type { Script } from '../script.ts';

/** A new kind of row that holds a sealed value is one line here. */
const statements = {
  signing_key: statementsFor({ table: 'signing_keys', id: 'kid', column: 'sealed_private_jwk' }),
  vault_entry: statementsFor({ table: 'vault_entries', id: 'id', column: 'sealed' }),
  outbound_registration: statementsFor({ table: 'outbound_registrations', id: 'id', column: 'sealed' }),
  revocation: statementsFor({ table: 'revocations', id: 'id', column: 'sealed' }),
} as const satisfies Readonly<Record<SealedKind, unknown>>;

export const sealedKinds = Object.keys(statements) as readonly SealedKind[];

function statementsFor({ table, id, column }: { table: string; id: string; column: string }) {
  return {
    select: statement<SealedValue>(
      `SELECT ${id} AS id, ${column} AS sealed FROM ${table} WHERE ${id} > $1 ORDER BY ${id} LIMIT $2`,
    ),
    update: statement(`UPDATE ${table} SET ${column} = $3 WHERE ${id} = $1 AND ${column} = $2`),
  };
}

export function* listSealedValues({
  kind,
  after = '',
  limit,
}: Parameters<Storage['listSealedValues']>[0]): Script<readonly SealedValue[]> {
  return (yield* all(statements[kind].select, after, limit)).map(({ id, sealed }) => ({ id, sealed }));
}

export function* replaceSealedValue({
  kind,
  id,
  from,
  to,
}: Parameters<Storage['replaceSealedValue']>[0]): Script<'replaced' | 'changed'> {
  if ((yield* run(statements[kind].update, id, from, to)) === 0) return 'changed';
  if (kind === 'signing_key') yield* tellKeysChanged();
  return 'replaced';
}
