// sallyport keys reseal: a new sealing key, and everything in the database under it. Stopped at any moment, it goes on
// when it is called again, since the older key stays until it is retired.

import { addSecret, EnvelopeError, readSecrets } from '@sallyport/crypto';
import type { Secrets } from '@sallyport/crypto';
import type { Config } from '../../config/index.ts';
import { changeSecrets } from '../../keys/change-secrets.ts';
import { limits } from '../../keys/limits.ts';
import { countSealed, reseal as resealAll } from '../../keys/reseal.ts';
import type { Store } from '../../server.ts';
import { Failure } from '../failure.ts';
import { complain, paint, print } from '../io.ts';
import type { Io } from '../io.ts';
import { onStore } from '../store.ts';
import { day } from '../table.ts';
import type { Output } from './options.ts';
import { explainingReadOnly } from './read-only.ts';

type SealingKeys = Secrets['sealing']['keys'];

export async function reseal(options: Output, io: Io): Promise<void> {
  await onStore(options, io, async (store) => {
    const { storage } = store;
    const counts = await countSealed(storage);
    refuseForeign(store, counts, io);
    const known = await withNextKey(store, io);
    const [older, to] = [known.slice(0, -1), known.at(-1)];
    if (to === undefined) throw new RangeError('reseal: there is no key');
    if (to.usedFromAt > io.now()) throw notYet(to, io);
    const resealed = await showing(io, [...counts.values()], (onProgress) =>
      resealAll(storage, { known, to, onProgress }),
    );
    if (options.json === true) {
      print(io, JSON.stringify({ id: to.id, resealed, older: older.map(({ id }) => id) }, null, 2));
      return;
    }
    print(io, `${paint(io.stdout, 'green', '✓')} ${told(resealed)} under ${to.id}.`);
    print(io, '  Copy secrets.json to wherever you keep it, and to every instance that has one of its own.');
    for (const { id } of older) print(io, `  Then the older key can go: ${io.program} keys retire ${id}`);
  });
}

/** With secrets of another store, a key would be added to them for nothing. */
function refuseForeign({ opened }: Store, counts: ReadonlyMap<string, number>, io: Io): void {
  const known = new Set(opened.secrets.sealing.keys.map(({ id }) => id));
  const foreign = [...counts.keys()].find((id) => !known.has(id));
  if (foreign === undefined) return;
  throw new Failure(`Something is sealed under ${foreign}, which ${opened.path} does not have.`, {
    means: 'It belongs to another database, or is older than this one. Nothing was changed.',
    next: [`Put the newest secrets.json there, then: ${io.program} keys reseal`],
  });
}

/** Adds the key to go to, unless one was added before and the older one is still there. @returns the newest last */
async function withNextKey(
  { opened, config }: Store & { readonly config: Config },
  io: Io,
): Promise<SealingKeys> {
  const { keys } = opened.secrets.sealing;
  if (keys.length > 1) return keys;
  const now = io.now();
  const { document } = await explainingReadOnly({ io, config, command: 'rotate sealing' }, () =>
    changeSecrets(config.secretsFile, (current) =>
      // Another command may have been first; both then go to the same key.
      current.sealing.keys.length > 1
        ? { document: current }
        : addSecret(current, 'sealing', { now, usedFromAt: now }),
    ),
  );
  return readSecrets(document).sealing.keys;
}

function notYet({ id, usedFromAt }: SealingKeys[number], { program }: Io): Failure {
  return new Failure(`The key ${id} is used from ${day(usedFromAt)} UTC.`, {
    means: 'Until then some instance may not have it, and could open nothing that is sealed under it.',
    next: [`After that: ${program} keys reseal`],
  });
}

async function showing(
  io: Io,
  counts: readonly number[],
  work: (onProgress: (done: number) => void) => Promise<number>,
): Promise<number> {
  const of = counts.reduce((sum, count) => sum + count, 0);
  let next = performance.now() + limits.progressMilliseconds;
  try {
    return await work((done) => {
      if (io.stderr.isTTY !== true || performance.now() < next) return;
      next = performance.now() + limits.progressMilliseconds;
      complain(io, `  ${done} of ${of} values`);
    });
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    throw new Failure(`Something in the database cannot be opened: ${error.message}.`, {
      means: 'What was sealed anew before it stays so, and the older key stays.',
      next: ['If another command seals anew at the moment, wait until it is done and try again.'],
    });
  }
}

function told(count: number): string {
  if (count === 0) return 'Everything is sealed';
  return count === 1 ? 'One value is sealed' : `${count} values are sealed`;
}
