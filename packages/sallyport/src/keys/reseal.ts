// Everything that is sealed at rest, sealed anew under another key while servers work with it. Each value is replaced only
// while it is what was read, so this may be stopped and begun again at any moment, and several may do it at once.

import { seal, sealedUnder, unseal } from '@sallyport/crypto';
import type { NamedKey } from '@sallyport/crypto';
import { sealedKinds } from '@sallyport/storage';
import type { SealedKind, SealedValue, Storage } from '@sallyport/storage';
import { limits } from './limits.ts';

type SealedStorage = Pick<Storage, 'listSealedValues' | 'replaceSealedValue'>;

/** @returns how many values are sealed under each key, by its id */
export async function countSealed(storage: SealedStorage): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const { sealed } of allSealed(storage)) {
    const id = sealedUnder(sealed) ?? 'no key';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

interface Resealing {
  /** Every key that a value may be sealed under. */
  readonly known: readonly NamedKey[];
  readonly to: NamedKey;
  /** Told after each value. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Begins again until it finds nothing that is sealed otherwise: values may have been added meanwhile.
 * @returns how many values it has replaced
 * @throws EnvelopeError for a value that none of the known keys opens; those before it are done
 */
export async function reseal(storage: SealedStorage, { known, to, onProgress }: Resealing): Promise<number> {
  let done = 0;
  for (let found = Infinity; found > 0;) {
    found = 0;
    for await (const { kind, id, sealed } of allSealed(storage)) {
      if (sealedUnder(sealed) === to.id) continue;
      found += 1;
      const identity = sealedFor(kind, id);
      const anew = seal(to, identity, unseal(known, identity, sealed));
      const outcome = await storage.replaceSealedValue({ kind, id, from: sealed, to: anew });
      // One that was changed meanwhile is found again.
      if (outcome === 'replaced') onProgress?.((done += 1));
    }
  }
  return done;
}

/** A revocation is the row of a vault entry, moved as it was. */
const sealedFor = (kind: SealedKind, id: string): string =>
  `${kind === 'revocation' ? 'vault_entry' : kind}:${id}`;

async function* allSealed(
  storage: SealedStorage,
): AsyncGenerator<SealedValue & { readonly kind: SealedKind }> {
  for (const kind of sealedKinds) {
    let page: readonly SealedValue[];
    let after = '';
    do {
      page = await storage.listSealedValues({ kind, after, limit: limits.resealPageRows });
      for (const value of page) yield { ...value, kind };
      after = page.at(-1)?.id ?? after;
    } while (page.length === limits.resealPageRows);
  }
}
