// sallyport keys list: every key, what it is for, and what it does now.

import { purposes } from '@sallyport/crypto';
import { countSealed } from '../../keys/reseal.ts';
import { secretStates, signingStates } from '../../keys/schedule.ts';
import type { KeyState } from '../../keys/schedule.ts';
import type { Store } from '../../server.ts';
import { print } from '../io.ts';
import type { Io } from '../io.ts';
import { onStore } from '../store.ts';
import { day, table } from '../table.ts';
import type { Output } from './options.ts';

export interface ListedKey {
  readonly purpose: 'signing' | (typeof purposes)[number];
  readonly id: string;
  readonly alg: string;
  readonly at: KeyState;
  readonly createdAt: number;
  /** Values that are sealed under it, or refresh tokens that need it. */
  readonly needed?: number;
}

const algs = { sealing: 'AES-256-GCM', cookies: 'HMAC-SHA-256', derivation: 'HMAC-SHA-256' } as const;

export async function list(options: Output, io: Io): Promise<void> {
  const now = io.now();
  const known = await onStore(options, io, (store) => listKeys(store, now));
  if (options.json === true) {
    print(io, JSON.stringify(known.map(asJson), null, 2));
    return;
  }
  const rows = known.map((key) => [
    key.purpose,
    key.id,
    key.alg,
    inWords(key),
    // The first version of secrets.json did not say.
    key.createdAt === 0 ? '' : day(key.createdAt),
  ]);
  print(io, table(io, ['Purpose', 'Id', 'Algorithm', 'State (UTC)', 'Made (UTC)'], rows));
  if (!known.some(({ purpose }) => purpose === 'signing'))
    print(io, 'The first signing key is made when the server starts.');
}

async function listKeys({ opened, storage }: Store, now: number): Promise<readonly ListedKey[]> {
  const needed = {
    sealing: await countSealed(storage),
    derivation: await storage.countRefreshTokensByKey(now),
    cookies: undefined,
  };
  const signing = signingStates(await storage.listSigningKeys(), now).map(
    ({ key: { kid, alg, createdAt }, at }): ListedKey => ({
      purpose: 'signing',
      id: kid,
      alg,
      at,
      createdAt,
    }),
  );
  const secrets = purposes.flatMap((purpose) =>
    secretStates(opened.secrets[purpose].keys, now).map(({ key: { id, createdAt }, at }): ListedKey => {
      const count = needed[purpose];
      const counted = count && { needed: count.get(id) ?? 0 };
      return { purpose, id, alg: algs[purpose], at, createdAt, ...counted };
    }),
  );
  return [...signing, ...secrets];
}

function inWords({ purpose, at, needed = 0 }: ListedKey): string {
  const verb = purpose === 'signing' ? 'signs' : 'is used';
  if (at.state === 'current') return `${verb} now`;
  if (at.state === 'next') return `${verb} from ${day(at.from)}`;
  if (at.until !== undefined) return `accepted until ${day(at.until)}`;
  if (purpose === 'cookies') return 'accepted until it is retired';
  const what = purpose === 'sealing' ? 'value' : 'refresh token';
  if (needed === 0) return 'needed by nothing; can be retired';
  return `needed by ${needed} ${what}${needed === 1 ? '' : 's'}`;
}

function asJson({ at, ...key }: ListedKey): object {
  return { ...key, ...at };
}
