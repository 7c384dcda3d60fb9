// sallyport keys rotate: the next key of a purpose. It is known everywhere before anything is made with it.

import { addSecret, createSigningKey, purposes } from '@sallyport/crypto';
import type { Purpose, SigningAlg } from '@sallyport/crypto';
import type { Config } from '../../config/index.ts';
import { inspectSecrets } from '../../config/index.ts';
import { changeSecrets } from '../../keys/change-secrets.ts';
import { limits } from '../../keys/limits.ts';
import { secretStates } from '../../keys/schedule.ts';
import { configOf } from '../command-line.ts';
import { exitCodes, Failure } from '../failure.ts';
import { paint, print } from '../io.ts';
import type { Io } from '../io.ts';
import { onStore } from '../store.ts';
import { printable } from '../table.ts';
import { addSigningKey } from './add-signing-key.ts';
import { refuseBesideOwnKey } from './import.ts';
import { countsFrom, fromWhen } from './options.ts';
import type { ChangeOptions } from './options.ts';
import { explainingReadOnly } from './read-only.ts';

export async function rotate(named: string, options: ChangeOptions, io: Io): Promise<void> {
  if (named === 'signing') return rotateSigning(options, io);
  const purpose = purposes.find((each) => each === named);
  if (purpose !== undefined) return rotateSecret(purpose, options, io);
  throw new Failure(`There are no keys for "${printable(named)}".`, {
    next: [`Name one of: signing, ${purposes.join(', ')}`],
    exitCode: exitCodes.usage,
  });
}

async function rotateSigning(options: ChangeOptions, io: Io): Promise<void> {
  await onStore(options, io, async (store) => {
    refuseBesideOwnKey(store.config);
    const { alg } = store.config.tokens.access;
    await addSigningKey(store, {
      options,
      io,
      key: (newest) => createSigningKey(alg ?? (newest?.alg as SigningAlg | undefined) ?? 'ES256'),
    });
  });
}

async function rotateSecret(purpose: Purpose, options: ChangeOptions, io: Io): Promise<void> {
  const config = configOf(options, io);
  const now = io.now();
  const usedFromAt = countsFrom(options, limits.knowSecretSeconds, now);
  const { id } = await addSecretKey(config, { purpose, usedFromAt, io });
  if (options.json === true) {
    print(io, JSON.stringify({ purpose, id, from: usedFromAt }, null, 2));
    return;
  }
  print(io, `${paint(io.stdout, 'green', '✓')} ${id}, for ${purpose}, is used ${fromWhen(usedFromAt, now)}.`);
  print(io, `  ${meanings[purpose](io)}`);
}

const meanings: Readonly<Record<Purpose, (io: Io) => string>> = {
  cookies: () => 'Forms that are open go on working until the older key is retired.',
  derivation: ({ program }) =>
    `Refresh tokens move to it as they are used. When the older key can be retired says: ${program} keys list`,
  sealing: ({ program }) => `What is sealed already stays under the older key until: ${program} keys reseal`,
};

interface AddingSecret {
  readonly purpose: Purpose;
  /** Epoch seconds. */
  readonly usedFromAt: number;
  readonly io: Io;
}

/** @returns the id of the new key */
async function addSecretKey(
  config: Config,
  { purpose, usedFromAt, io }: AddingSecret,
): Promise<{ readonly id: string }> {
  const now = io.now();
  if ((await inspectSecrets(config)) === undefined) {
    throw new Failure(`${config.secretsFile} is not there yet; it is made at the first start.`, {
      next: [`Start the server: ${io.program} serve`],
    });
  }
  return explainingReadOnly({ io, config, command: `rotate ${purpose}` }, () =>
    changeSecrets(config.secretsFile, (document) => {
      const states = secretStates(document[purpose].keys, now);
      const waits = states.find(({ at }) => at.state === 'next')?.key;
      if (waits !== undefined && usedFromAt > now) {
        throw new Failure(`The next key for ${purpose} is there already: ${waits.id}.`, {
          next: [`Wait until it is used. See: ${io.program} keys list`],
        });
      }
      return addSecret(document, purpose, { now, usedFromAt });
    }),
  );
}
