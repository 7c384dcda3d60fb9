// sallyport keys retire: a key goes at once, and what it made with it. Never one that is in use.

import { purposes, retireSecret } from '@sallyport/crypto';
import type { Purpose, SecretsDocument } from '@sallyport/crypto';
import type { Config } from '../../config/index.ts';
import { changeSecrets } from '../../keys/change-secrets.ts';
import { limits } from '../../keys/limits.ts';
import { countSealed } from '../../keys/reseal.ts';
import { secretStates } from '../../keys/schedule.ts';
import type { Store } from '../../server.ts';
import type { CommonOptions } from '../command-line.ts';
import { Failure } from '../failure.ts';
import { paint, print } from '../io.ts';
import type { Io } from '../io.ts';
import { onStore } from '../store.ts';
import { printable } from '../table.ts';
import { explainingReadOnly } from './read-only.ts';

export interface RetireOptions extends CommonOptions {
  readonly force?: boolean;
}

interface Retiring {
  readonly id: string;
  readonly force: boolean;
  readonly io: Io;
}

export async function retire(
  id: string,
  { force = false, ...options }: RetireOptions,
  io: Io,
): Promise<void> {
  await onStore(options, io, async (store) => {
    const { secrets } = store.opened;
    const purpose = purposes.find((each) => secrets[each].keys.some((key) => key.id === id));
    if (purpose === undefined) await retireSigning(store, id, io);
    else await retireSecretKey(purpose, store, { id, force, io });
  });
}

async function retireSigning({ storage }: Store, kid: string, io: Io): Promise<void> {
  const outcome = await storage.removeSigningKey({ kid, now: io.now() });
  if (outcome === 'not_found') {
    throw new Failure(`There is no key ${printable(kid)}.`, { next: [`See: ${io.program} keys list`] });
  }
  if (outcome === 'signs') {
    throw new Failure(`${kid} is the key that signs now.`, {
      means: 'Without another one nobody could get a token.',
      next: [`First: ${io.program} keys rotate --now`, `Then again: ${io.program} keys retire ${kid}`],
    });
  }
  print(io, `${paint(io.stdout, 'green', '✓')} ${kid} is gone. What it signed is refused from now on.`);
  print(io, '  Apps get new access tokens with their refresh tokens, without asking anybody.');
}

async function retireSecretKey(
  purpose: Purpose,
  store: Store & { readonly config: Config },
  { id, force, io }: Retiring,
): Promise<void> {
  const { config } = store;
  await refuseNeeded(purpose, store, { id, force, io });
  await explainingReadOnly({ io, config, command: `retire ${id}` }, () =>
    changeSecrets(config.secretsFile, (document) => {
      refuseInUse(document, purpose, { id, io });
      return { document: retireSecret(document, purpose, id) };
    }),
  );
  print(io, `${paint(io.stdout, 'green', '✓')} ${id}, for ${purpose}, is gone.`);
  print(io, `  ${meanings[purpose]}`);
}

const meanings: Readonly<Record<Purpose, string>> = {
  cookies: 'Whoever has an older form open is asked to load it again.',
  derivation: 'Refresh tokens that needed it are refused from now on.',
  sealing: 'Backups that are older than the last reseal need the secrets.json of their time.',
};

async function refuseNeeded(
  purpose: Purpose,
  { storage }: Store,
  { id, force, io }: Retiring,
): Promise<void> {
  if (purpose === 'derivation' && !force) {
    const count = (await storage.countRefreshTokensByKey(io.now())).get(id) ?? 0;
    if (count > 0) {
      throw new Failure(
        `${count === 1 ? 'One refresh token needs' : `${count} refresh tokens need`} ${id}.`,
        {
          means:
            'Whoever holds one would have to sign in again. Each moves to the newer key when it is used.',
          next: [`Wait, or sign them out: ${io.program} keys retire --force ${id}`],
        },
      );
    }
  }
  if (purpose === 'sealing') {
    const count = (await countSealed(storage)).get(id) ?? 0;
    if (count > 0) {
      throw new Failure(`${count === 1 ? 'One value is' : `${count} values are`} sealed under ${id}.`, {
        means: 'Nobody could open them any more.',
        next: [`First: ${io.program} keys reseal`],
      });
    }
  }
}

function refuseInUse(
  document: SecretsDocument,
  purpose: Purpose,
  { id, io }: Pick<Retiring, 'id' | 'io'>,
): void {
  const now = io.now();
  const states = secretStates(document[purpose].keys, now);
  const found = states.find(({ key }) => key.id === id);
  if (found === undefined) throw new Failure(`${id} was retired by another command.`);
  const current = states.find(({ at }) => at.state === 'current')?.key;
  if (current?.id === id) {
    throw new Failure(`${id} is in use for ${purpose}.`, {
      next: [`First: ${io.program} keys rotate ${purpose}`],
    });
  }
  // An instance that has not read the newer one yet still works with this one.
  if (found.at.state === 'accepted' && current !== undefined) {
    const wait = current.usedFromAt + limits.knowSecretSeconds - now;
    if (wait > 0) {
      throw new Failure(`${current.id} has been in use for less than a minute.`, {
        next: [`Some instance may still work with ${id}. Try again in ${wait} seconds.`],
      });
    }
  }
}
