// secrets.json while the server runs: read again when it was changed, so that a key is known before it is used.

import { stat } from 'node:fs/promises';
import { keychainsOf, purposes, readSecrets } from '@sallyport/crypto';
import type { Keychains, Secrets } from '@sallyport/crypto';
import type { Log } from '@sallyport/protocol';
import { codeOf, parseSecrets, readIfThere, SecretsUnusable } from '../config/secrets.ts';
import type { OpenedSecrets } from '../config/secrets.ts';
import { limits } from './limits.ts';
import { sharedRun } from './shared-run.ts';

export interface LiveSecrets extends Keychains {
  /** Reads the file now when it is another than before. Never rejects: what is known stays known. */
  look(): Promise<void>;
  /** @returns a function that stops it */
  onChange(listener: () => void): () => void;
  close(): void;
}

interface Surroundings {
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: () => number;
}

export function liveSecrets(
  { secrets: first, path }: Pick<OpenedSecrets, 'secrets' | 'path'>,
  { log, now }: Surroundings,
): LiveSecrets {
  let secrets = first;
  let seen: string | undefined;
  const listeners = new Set<() => void>();
  const look = sharedRun(lookOnce);
  const timer = setInterval(() => void look(), limits.lookAtSecretsMilliseconds).unref();
  return {
    ...keychainsOf({ read: () => secrets, now, renew: look }),
    look,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => clearInterval(timer),
  };

  async function lookOnce(): Promise<void> {
    // Taken before the file is read: what is written in between is noticed at the next look.
    const mark = await markOf(path);
    if (mark === seen) return;
    seen = mark;
    const read = await readNow().catch((error: unknown) => complain(error));
    if (read === undefined || !isChange(secrets, read)) return;
    const lost = lostIn(secrets, read);
    if (lost.length > 0) {
      log('error', 'secrets_lost_keys', {
        path,
        keyIds: lost.join(' '),
        next: 'Put the newer file back: what was made with these keys could not be told otherwise. Nothing was changed here.',
      });
      return;
    }
    secrets = read;
    log('info', 'secrets_changed', { path });
    for (const listener of listeners) listener();
  }

  async function readNow(): Promise<Secrets> {
    const text = await readIfThere(path);
    if (text === undefined) throw new SecretsUnusable(`${path} is gone.`, 'Put it back.');
    return parseSecrets(text, path, readSecrets);
  }

  function complain(error: unknown): undefined {
    if (!(error instanceof SecretsUnusable)) throw error;
    log('error', 'secrets_unreadable', { path, message: error.message, next: error.instead });
  }
}

/** Changes whenever the file does, or another one takes its place. */
async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    return codeOf(error);
  }
}

function isChange(before: Secrets, after: Secrets): boolean {
  return purposes.some((purpose) => textOf(before, purpose) !== textOf(after, purpose));
}

/** Ids and dates say it all: a key never changes under its id. */
function textOf(secrets: Secrets, purpose: keyof Secrets): string {
  const { keys, retired } = secrets[purpose];
  return JSON.stringify([keys.map(({ id, usedFromAt }) => [id, usedFromAt]), retired]);
}

/** Keys that are missing without having been retired: an older file was put in the place of a newer one. */
function lostIn(before: Secrets, after: Secrets): readonly string[] {
  return purposes.flatMap((purpose) => {
    const { keys, retired } = after[purpose];
    const known = new Set([...keys.map(({ id }) => id), ...retired]);
    return before[purpose].keys.map(({ id }) => id).filter((id) => !known.has(id));
  });
}
