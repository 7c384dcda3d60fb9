// The next signing key, made here or elsewhere, kept and told.

import { keychainsOf, sealSigningKey } from '@sallyport/crypto';
import type { PrivateSigningKey, SealedSigningKey } from '@sallyport/crypto';
import type { Config } from '../../config/index.ts';
import { openOwnKeys } from '../../keys/at-start.ts';
import { limits } from '../../keys/limits.ts';
import { signingStates } from '../../keys/schedule.ts';
import type { Store } from '../../server.ts';
import { Failure } from '../failure.ts';
import { paint, print } from '../io.ts';
import type { Io } from '../io.ts';
import { day } from '../table.ts';
import { countsFrom, fromWhen } from './options.ts';
import type { ChangeOptions } from './options.ts';

interface Adding {
  readonly options: ChangeOptions;
  /** @param newest undefined when there is none yet */
  readonly key: (newest: SealedSigningKey | undefined) => Promise<PrivateSigningKey>;
  readonly io: Io;
}

export async function addSigningKey(
  { opened, storage, config }: Store & { readonly config: Config },
  { options, key: keyAfter, io }: Adding,
): Promise<void> {
  const now = io.now();
  const stored = await storage.listSigningKeys();
  const { sealing } = keychainsOf({ read: () => opened.secrets, now: () => now });
  openOwnKeys(stored, { sealing, secretsFile: config.secretsFile, now });
  const [newest] = stored;
  // The first of all has nobody to follow.
  const signsFromAt = newest === undefined ? now : countsFrom(options, limits.publishSigningKeySeconds, now);
  const states = signingStates(stored, now);
  const waits = states.find(({ at }) => at.state === 'next')?.key;
  if (waits !== undefined && options.now !== true) throw anotherWaits(waits);
  const made = await keyAfter(newest);
  const key = sealSigningKey(made, sealing.current, { createdAt: now, signsFromAt });
  const outcome = await storage.addSigningKey({ key, after: newest?.kid });
  if (outcome !== 'added') throw notAdded(outcome, key, io);
  if (options.json === true) {
    print(io, JSON.stringify({ purpose: 'signing', id: key.kid, alg: key.alg, from: signsFromAt }, null, 2));
    return;
  }
  print(io, `${paint(io.stdout, 'green', '✓')} ${key.kid} (${key.alg}) signs ${fromWhen(signsFromAt, now)}.`);
  const signer = states.find(({ at }) => at.state === 'current')?.key;
  if (signer === undefined) return;
  print(io, '  Nobody is signed out: what older keys signed is accepted until it expires.');
  if (signsFromAt <= now) print(io, `  To refuse it now: ${io.program} keys retire ${signer.kid}`);
}

/** It would be followed before it ever signed. */
function anotherWaits({ kid, signsFromAt }: SealedSigningKey): Failure {
  return new Failure(`The next signing key is there already: ${kid} signs from ${day(signsFromAt)} UTC.`, {
    next: ['Wait until then. If it cannot wait, --now adds one that signs at once.'],
  });
}

function notAdded(outcome: 'taken' | 'overtaken', { kid }: SealedSigningKey, { program }: Io): Failure {
  const what =
    outcome === 'taken'
      ? `The key ${kid} is there already.`
      : 'Another command, or an instance that started, has added a signing key at the same moment.';
  return new Failure(what, { next: [`See: ${program} keys list`] });
}
