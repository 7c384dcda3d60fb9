// sallyport keys import: a private key that was made elsewhere, as the next signing key.

import { resolve } from 'node:path';
import type { Config } from '../../config/index.ts';
import { readGivenKey } from '../../keys/given-key.ts';
import { Failure } from '../failure.ts';
import type { Io } from '../io.ts';
import { onStore } from '../store.ts';
import { addSigningKey } from './add-signing-key.ts';
import type { ChangeOptions } from './options.ts';

export async function importKey(file: string, options: ChangeOptions, io: Io): Promise<void> {
  await onStore(options, io, async (store) => {
    refuseBesideOwnKey(store.config);
    const path = resolve(io.cwd, file);
    const key = await readGivenKey({ from: file, file: path }, store.config.tokens.access.alg);
    await addSigningKey(store, { options, io, key: async () => key });
  });
}

/** @throws Failure when the configuration says which key signs: another one would be followed at the next start. */
export function refuseBesideOwnKey({ tokens }: Pick<Config, 'tokens'>): void {
  const { privateKey } = tokens.access;
  if (privateKey === undefined) return;
  throw new Failure(`The signing key is the one of ${privateKey.from}.`, {
    next: [
      'Put another key there, and start the instances again: it is published at once, and signs after ten minutes.',
    ],
  });
}
